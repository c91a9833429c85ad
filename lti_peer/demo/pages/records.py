"""The learning records as sentences, read from the tool's embedded record store."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_peer.core.models import Deployment
from xapi.lrs.mentions import verb_key
from xapi.lrs.models import StoredStatement
from xapi.lrs.query import Query, find

SHOWN = 100


@dataclass(frozen=True)
class Sentence:
    """One statement for a reader: who, did what, to what, when, and all of it as JSON."""

    actor: str
    verb: str
    thing: str
    at: str
    result: str
    body: str


def newest(session: Session, names: Mapping[str, str], verb: str = "") -> list[Sentence]:
    """Return the newest statements of every tenant, newest first, at most a hundred.

    `names` maps an account's name to what the LMS calls the person: the store does not know it.
    `verb` is a verb's IRI; empty asks for all.
    """
    asked = Query(verb=verb_key(verb) if verb else None, limit=SHOWN)
    bodies = [body for tenant in _tenants(session) for body in find(session, tenant, asked).bodies]
    statements = sorted((json.loads(body) for body in bodies), key=_stored, reverse=True)
    return [_sentence(statement, names) for statement in statements[:SHOWN]]


def count(session: Session) -> int:
    """Return how many statements the store holds."""
    return session.scalar(select(func.count()).select_from(StoredStatement)) or 0


def verbs(session: Session) -> Sequence[tuple[str, str]]:
    """Return the verbs of the newest statements: IRI and word, by word."""
    seen: dict[str, str] = {}
    for tenant in _tenants(session):
        for body in find(session, tenant, Query()).bodies:
            verb = json.loads(body)["verb"]
            seen[verb["id"]] = _word(verb)
    return sorted(seen.items(), key=lambda pair: pair[1])


def _tenants(session: Session) -> Sequence[UUID]:
    return session.scalars(select(Deployment.id)).all()


def _sentence(statement: Mapping[str, Any], names: Mapping[str, str]) -> Sentence:
    account = statement["actor"].get("account", {}).get("name", "")
    thing = statement["object"]
    label = next(iter(thing.get("definition", {}).get("name", {}).values()), thing.get("id", ""))
    return Sentence(
        actor=names.get(account, account),
        verb=_word(statement["verb"]),
        thing=label,
        at=statement["timestamp"],
        result=_result(statement.get("result", {})),
        body=json.dumps(statement, indent=2, ensure_ascii=False),
    )


def _result(result: Mapping[str, Any]) -> str:
    parts = []
    if "score" in result and "scaled" in result["score"]:
        parts.append(f"score {result['score']['scaled']:.2f}")
    if "success" in result:
        parts.append("right" if result["success"] else "not right")
    return ", ".join(parts)


def _word(verb: Mapping[str, Any]) -> str:
    return str(next(iter(verb.get("display", {}).values()), verb["id"].rsplit("/", 1)[-1]))


def _stored(statement: Mapping[str, Any]) -> str:
    return str(statement["stored"])
