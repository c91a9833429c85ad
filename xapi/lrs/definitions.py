"""What is known of activities: all that statements have said of each, put together (part 3, 2.5).

Names and descriptions are joined language by language, extensions key by key; of everything else
the last word counts.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from xapi.lrs.mentions import activity_key
from xapi.lrs.models import KnownActivity
from xapi.lrs.upsert import insert_new
from xapi.statement import StatementJson
from xapi.validation.activities import INTERACTION

Definition = dict[str, Any]

LARGEST: Final = 64 * 1024
"""Characters of a definition that are kept; beyond, only the last word is."""
_JOINED: Final = ("name", "description", "extensions")


def learn(session: Session, tenant: UUID, statements: Iterable[StatementJson]) -> None:
    """Note what valid statements say of activities; what is known already costs one look-up."""
    said: dict[UUID, Definition] = {}
    for activity in activities(statements):
        definition = activity.get("definition")
        if definition:
            key = activity_key(activity["id"])
            said[key] = merge(said[key], definition) if key in said else definition
    known = _load(session, tenant, said)
    new = {key: _write(said[key]) for key in sorted(said.keys() - known.keys())}
    taken = new.keys() - _add(session, tenant, new)
    known |= _load(session, tenant, taken)
    for key in sorted(known):
        _revise(session, tenant, key, known[key], said[key])


def recall(session: Session, tenant: UUID, iris: Iterable[str]) -> dict[str, Definition]:
    """Return what is known of the activities by their IRIs, where anything is."""
    keys = {activity_key(iri): iri for iri in iris}
    return {keys[key]: json.loads(text) for key, text in _load(session, tenant, keys).items()}


def gather(statements: Iterable[StatementJson], iri: str) -> Definition:
    """Return what the statements say of one activity; later ones have the last word."""
    known: Definition = {}
    for activity in activities(statements):
        if activity["id"] == iri:
            known = merge(known, activity.get("definition", {}))
    return known


def activities(statements: Iterable[StatementJson]) -> Iterator[dict[str, Any]]:
    """Give the activities in valid statements: objects, and those in contexts."""
    for statement in statements:
        thing = statement["object"]
        kind = thing.get("objectType", "Activity")
        if kind == "Activity":
            yield thing
        elif kind == "SubStatement":
            yield from activities([thing])
        for given in statement.get("context", {}).get("contextActivities", {}).values():
            yield from given if isinstance(given, list) else (given,)


def merge(old: Definition, new: Definition) -> Definition:
    """Return what both say together; `new` is the later word."""
    if old == new:
        return old
    merged = {**old, **new}
    if "interactionType" in new and new["interactionType"] != old.get("interactionType"):
        stale = INTERACTION & old.keys() - new.keys()
        merged = {name: value for name, value in merged.items() if name not in stale}
    for name in _JOINED:
        if name in old and name in new:
            merged[name] = {**old[name], **new[name]}
    return merged


def _load(session: Session, tenant: UUID, keys: Iterable[UUID]) -> dict[UUID, str]:
    wanted = list(keys)
    if not wanted:
        return {}
    rows = session.execute(
        select(KnownActivity.key, KnownActivity.definition).where(
            KnownActivity.tenant == tenant, KnownActivity.key.in_(wanted)
        )
    )
    return {row.key: row.definition for row in rows}


def _add(session: Session, tenant: UUID, new: Mapping[UUID, str]) -> set[UUID]:
    """Insert definitions and return which ones nobody else had inserted meanwhile."""
    if not new:
        return set()
    adding = insert_new(session, KnownActivity, "key")
    rows = [{"tenant": tenant, "key": key, "definition": text} for key, text in new.items()]
    return set(session.scalars(adding, rows))


def _revise(session: Session, tenant: UUID, key: UUID, seen: str, said: Definition) -> None:
    """Join what is said to what is known; whoever else does so just now is waited for."""
    if _write(said) == seen or _joined(seen, said) == seen:
        return
    row = (KnownActivity.tenant == tenant, KnownActivity.key == key)
    held = select(KnownActivity.definition).where(*row).with_for_update()
    merged = _joined(session.execute(held).scalar_one(), said)
    session.execute(
        update(KnownActivity)
        .where(*row)
        .values(definition=merged)
        .execution_options(synchronize_session=False)
    )


def _joined(known: str, said: Definition) -> str:
    merged = _write(merge(json.loads(known), said))
    return merged if len(merged) <= LARGEST else _write(said)


def _write(definition: Definition) -> str:
    return json.dumps(definition, separators=(",", ":"))
