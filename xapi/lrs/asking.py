"""Reading parameters and bodies: what is asked for, judged before anything is looked up."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeVar
from uuid import UUID

from xapi.lrs.mentions import activity_key, agent_key, verb_key
from xapi.lrs.query import Query
from xapi.lrs.refusal import refuse
from xapi.validate import Fault
from xapi.validation.actors import IDENTIFIERS, check_actor
from xapi.validation.formats import is_iri, is_uuid, parse_time

Value = TypeVar("Value")
Default = TypeVar("Default")


class Format(StrEnum):
    """How statements are returned (part 3, 2.1.3)."""

    EXACT = "exact"
    IDS = "ids"
    CANONICAL = "canonical"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a GET of statements asks for: one by its id, or a page of many."""

    format: Format
    attachments: bool
    one: UUID | None
    voided: bool
    query: Query


_SINGLE: Final = frozenset({"statementId", "voidedStatementId"})
_HOW: Final = frozenset({"format", "attachments"})
_FILTERS: Final = frozenset(
    {
        "agent",
        "verb",
        "activity",
        "registration",
        "related_activities",
        "related_agents",
        "since",
        "until",
        "limit",
        "ascending",
    }
)
CURSOR: Final = "after"
"""The parameter of a `more` link; its value belongs to the store."""


def read_json(body: bytes, *, once: bool = False) -> Any:
    """Return the JSON value of a body; raises RequestRefused when it is none.

    NaN and the infinities, which Python would take, are no JSON. `once` refuses an object that has
    a property twice, which no statement may (part 2, 2.4; 2.0.0, 4.2.1).
    """
    pairs = _each_once if once else None
    try:
        return json.loads(body.decode(), parse_constant=_no_constant, object_pairs_hook=pairs)
    except RecursionError:
        return refuse("The body is nested too deeply.")
    except ValueError as error:
        return refuse(f"The body is no JSON: {error}.")


def read_statements_query(given: Mapping[str, str], authority: UUID | None) -> Asked:
    """Return what the parameters of a GET ask for, limited to an authority if one is named.

    Raises RequestRefused for a parameter that is unknown, malformed or not allowed with another.
    """
    unknown = given.keys() - _SINGLE - _HOW - _FILTERS - {CURSOR}
    if unknown:
        refuse(f'"{min(unknown)[:40]}" is no parameter of this resource.')
    singles = given.keys() & _SINGLE
    if singles and (len(singles) > 1 or given.keys() & (_FILTERS | {CURSOR})):
        refuse(f'"{min(singles)}" goes only with "format" and "attachments".')
    name = next(iter(singles), None)
    return Asked(
        format=_read(given, "format", Format, Format.EXACT),
        attachments=_read(given, "attachments", _boolean, False),
        one=read_uuid(given, name) if name else None,
        voided=name == "voidedStatementId",
        query=_read_filters(given, authority),
    )


def read_uuid(given: Mapping[str, str], name: str) -> UUID:
    """Return the UUID in a parameter; raises RequestRefused when it is missing or is none."""
    return _read(given, _demand(given, name), _uuid, UUID(int=0))


def read_optional_uuid(given: Mapping[str, str], name: str) -> UUID | None:
    """Return the UUID in a parameter, or None without it; raises RequestRefused for another."""
    return _read(given, name, _uuid, None)


def read_agent(given: Mapping[str, str], name: str = "agent") -> dict[str, Any]:
    """Return the agent or identified group in a parameter; raises RequestRefused without one."""
    nobody: dict[str, Any] = {}
    return _read(given, _demand(given, name), _agent, nobody)


def read_iri(given: Mapping[str, str], name: str) -> str:
    """Return the IRI in a parameter; raises RequestRefused when it is missing or is none."""
    return _read(given, _demand(given, name), _iri, "")


def read_name(given: Mapping[str, str], name: str) -> str:
    """Return a name that a client chose; raises RequestRefused when it is missing.

    The databases cannot keep the character NUL.
    """
    value = given[_demand(given, name)]
    if "\0" in value:
        refuse(f'The parameter "{name}" has the character NUL.')
    return value


def read_since(given: Mapping[str, str]) -> datetime | None:
    """Return the time after which something changed, or None; raises RequestRefused for none."""
    return _read(given, "since", parse_time, None)


def _read_filters(given: Mapping[str, str], authority: UUID | None) -> Query:
    return Query(
        agent=_read(given, "agent", lambda text: agent_key(_agent(text)), None),
        verb=_read(given, "verb", lambda text: verb_key(_iri(text)), None),
        activity=_read(given, "activity", lambda text: activity_key(_iri(text)), None),
        registration=_read(given, "registration", _uuid, None),
        since=_read(given, "since", parse_time, None),
        until=_read(given, "until", parse_time, None),
        related_agents=_read(given, "related_agents", _boolean, False),
        related_activities=_read(given, "related_activities", _boolean, False),
        authority=authority,
        limit=_read(given, "limit", _count, 0),
        ascending=_read(given, "ascending", _boolean, False),
        after=_read(given, CURSOR, _count, None),
    )


def _demand(given: Mapping[str, str], name: str) -> str:
    if name not in given:
        refuse(f'The parameter "{name}" is missing.')
    return name


def _read(
    given: Mapping[str, str], name: str, read: Callable[[str], Value], default: Default
) -> Value | Default:
    if name not in given:
        return default
    try:
        return read(given[name])
    except (ValueError, RecursionError):
        return refuse(f'The parameter "{name}" cannot be understood: {given[name][:80]}')


def _agent(text: str) -> dict[str, Any]:
    agent = json.loads(text)
    faults: list[Fault] = []
    check_actor(faults, agent, "agent")
    if faults or IDENTIFIERS.isdisjoint(agent):
        raise ValueError("No agent and no identified group.")
    assert isinstance(agent, dict)
    return agent


def _iri(text: str) -> str:
    if not is_iri(text):
        raise ValueError("No IRI.")
    return text


def _uuid(text: str) -> UUID:
    if not is_uuid(text):
        raise ValueError("No UUID.")
    return UUID(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - fits 64 bits
        raise ValueError("No whole number.")
    return int(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("Neither true nor false.")
    return text == "true"


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has a property twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
