"""Reading a request: what is asked for, judged before anything is looked up."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeVar
from uuid import UUID

from xapi.lrs.mentions import activity_key, agent_key, verb_key
from xapi.lrs.query import Query
from xapi.statement import Version
from xapi.validate import Fault
from xapi.validation.actors import IDENTIFIERS, check_actor
from xapi.validation.formats import is_iri, is_uuid, parse_time

Value = TypeVar("Value")
Default = TypeVar("Default")


class RequestRefused(Exception):
    """A request that is not answered with what it asked for; `status` is the answer's status."""

    def __init__(self, status: int, message: str, faults: tuple[Fault, ...] = ()) -> None:
        """Keep what the answer will say."""
        super().__init__(message)
        self.status, self.message, self.faults = status, message, faults


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

VERSION_HEADER: Final = "X-Experience-API-Version"


def read_version(said: str | None) -> Version:
    """Return the version that a request names in its header (part 3, 3.3).

    Raises RequestRefused without one, or with one that this store does not speak.
    """
    if said is None:
        _refuse(f"The header {VERSION_HEADER} is missing: send 1.0.3 or 2.0.0.")
    if said == "1.0" or (said.startswith("1.0.") and said[4:].isdigit()):
        return "1.0.3"
    if said.startswith("2.0.") and said[4:].isdigit():
        return "2.0.0"
    return _refuse(f'"{said[:40]}" is no version that this store speaks: send 1.0.3 or 2.0.0.')


def read_json(body: bytes) -> Any:
    """Return the JSON value of a body; raises RequestRefused when it is none.

    NaN and the infinities, which Python would take, are no JSON.
    """
    try:
        return json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        return _refuse("The body is nested too deeply.")
    except ValueError as error:
        return _refuse(f"The body is no JSON: {error}.")


def read_statements_query(given: Mapping[str, str], authority: UUID | None) -> Asked:
    """Return what the parameters of a GET ask for, limited to an authority if one is named.

    Raises RequestRefused for a parameter that is unknown, malformed or not allowed with another.
    """
    unknown = given.keys() - _SINGLE - _HOW - _FILTERS - {CURSOR}
    if unknown:
        _refuse(f'"{min(unknown)[:40]}" is no parameter of this resource.')
    singles = given.keys() & _SINGLE
    if singles and (len(singles) > 1 or given.keys() & (_FILTERS | {CURSOR})):
        _refuse(f'"{min(singles)}" goes only with "format" and "attachments".')
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
    if name not in given:
        _refuse(f'The parameter "{name}" is missing.')
    return _read(given, name, _uuid, UUID(int=0))


def _read_filters(given: Mapping[str, str], authority: UUID | None) -> Query:
    return Query(
        agent=_read(given, "agent", _agent, None),
        verb=_read(given, "verb", lambda text: verb_key(_iri(text)), None),
        activity=_read(given, "activity", lambda text: activity_key(_iri(text)), None),
        registration=_read(given, "registration", _uuid, None),
        since=_read(given, "since", _time, None),
        until=_read(given, "until", _time, None),
        related_agents=_read(given, "related_agents", _boolean, False),
        related_activities=_read(given, "related_activities", _boolean, False),
        authority=authority,
        limit=_read(given, "limit", _count, 0),
        ascending=_read(given, "ascending", _boolean, False),
        after=_read(given, CURSOR, _count, None),
    )


def _read(
    given: Mapping[str, str], name: str, read: Callable[[str], Value], default: Default
) -> Value | Default:
    if name not in given:
        return default
    try:
        return read(given[name])
    except ValueError:
        return _refuse(f'The parameter "{name}" cannot be understood: {given[name][:80]}')


def _agent(text: str) -> UUID:
    agent = json.loads(text)
    faults: list[Fault] = []
    check_actor(faults, agent, "agent")
    if faults or IDENTIFIERS.isdisjoint(agent):
        raise ValueError("No agent and no identified group.")
    return agent_key(agent)


def _iri(text: str) -> str:
    if not is_iri(text):
        raise ValueError("No IRI.")
    return text


def _uuid(text: str) -> UUID:
    if not is_uuid(text):
        raise ValueError("No UUID.")
    return UUID(text)


def _time(text: str) -> datetime:
    return parse_time(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - fits 64 bits
        raise ValueError("No whole number.")
    return int(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("Neither true nor false.")
    return text == "true"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _refuse(message: str) -> NoReturn:
    raise RequestRefused(400, message)
