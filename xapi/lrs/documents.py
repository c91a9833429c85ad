"""Documents: what clients keep about activities and agents (part 3, 2.2, 2.3, 2.6 and 2.7).

Two clients that write at once do not lose each other's work: a document is changed only while it
is the one that was read; otherwise it is read and judged again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from xapi.lrs.models import Document
from xapi.lrs.upsert import insert_new

NOTHING: Final = UUID(int=0)
"""Stands for the activity, agent or registration that a document is not about."""
_TRIES: Final = 20


class Kind(StrEnum):
    """The resources that have documents."""

    STATE = "state"
    ACTIVITY_PROFILE = "activity-profile"
    AGENT_PROFILE = "agent-profile"


class Contested(Exception):
    """Others changed the document again and again while it was to be changed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where documents lie; without a registration those of all registrations are meant."""

    tenant: UUID
    kind: Kind
    activity: UUID = NOTHING
    agent: UUID = NOTHING
    registration: UUID | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A document's bytes, of which type they are, and who put them there."""

    type: str
    data: bytes
    owner: UUID

    @property
    def etag(self) -> str:
        """Return what changes with the bytes."""
        return etag(self.data)


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored document."""

    content: Content
    etag: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """The names of documents, and when the one that was changed last was changed."""

    names: tuple[str, ...]
    updated: datetime | None


Change = Callable[[Kept | None], Content]
"""Judges the present document and returns the one to store; raises when there is to be none."""


def etag(data: bytes) -> str:
    """Return what changes with the bytes (part 3, 3.1): SHA-1 in hexadecimal digits."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def get(session: Session, place: Place, name: str, owner: UUID | None = None) -> Kept | None:
    """Return the document of that name, or None; `owner` limits it to what that one put."""
    row = session.execute(
        select(
            Document.content_type, Document.content, Document.owner, Document.etag, Document.updated
        ).where(_one(place, name), *_of(owner))
    ).one_or_none()
    if row is None:
        return None
    return Kept(Content(row.content_type, row.content, row.owner), row.etag, row.updated)


def names(
    session: Session, place: Place, since: datetime | None = None, owner: UUID | None = None
) -> Listed:
    """Return the names of the documents that lie there, those changed after `since` alone."""
    wanted = [_there(place), *_of(owner)]
    if since is not None:
        wanted.append(Document.updated > since)
    rows = session.execute(
        select(Document.name, func.max(Document.updated, type_=Document.updated.type))
        .where(*wanted)
        .group_by(Document.name)
        .order_by(Document.name)
    ).all()
    return Listed(tuple(name for name, _ in rows), max((at for _, at in rows), default=None))


def write(session: Session, place: Place, name: str, change: Change, now: datetime) -> None:
    """Store what `change` makes of the present document; raises what it raises, or Contested."""
    for _ in range(_TRIES):
        present = get(session, place, name)
        content = change(present)
        values = {
            "content_type": content.type,
            "content": content.data,
            "etag": content.etag,
            "updated": now,
            "owner": content.owner,
        }
        if present is None:
            done = _add(session, place, name, values)
        else:
            done = _replace(session, place, name, present.etag, values)
        if done:
            return
    raise Contested("Others are changing this document at the same time.")


def remove(session: Session, place: Place, name: str, judge: Callable[[str | None], None]) -> None:
    """Delete the document of that name, if there is one; `judge` gets its ETag and may raise."""
    for _ in range(_TRIES):
        present = get(session, place, name)
        judge(present.etag if present else None)
        if present is None:
            return
        gone = session.execute(
            delete(Document)
            .where(_one(place, name), Document.etag == present.etag)
            .returning(Document.key)
            .execution_options(synchronize_session=False)
        )
        if gone.first() is not None:
            return
    raise Contested("Others are changing this document at the same time.")


def clear(session: Session, place: Place) -> None:
    """Delete all documents that lie there."""
    session.execute(
        delete(Document).where(_there(place)).execution_options(synchronize_session=False)
    )


def _add(session: Session, place: Place, name: str, values: dict[str, Any]) -> bool:
    key = {
        "tenant": place.tenant,
        "kind": place.kind.value,
        "activity": place.activity,
        "agent": place.agent,
        "registration": place.registration or NOTHING,
        "key": _key(name),
        "name": name,
    }
    adding = insert_new(session, Document, "key").values({**key, **values})
    return session.execute(adding).first() is not None


def _replace(session: Session, place: Place, name: str, seen: str, values: dict[str, Any]) -> bool:
    replacing = (
        update(Document)
        .where(_one(place, name), Document.etag == seen)
        .values(**values)
        .returning(Document.key)
        .execution_options(synchronize_session=False)
    )
    return session.execute(replacing).first() is not None


def _there(place: Place) -> ColumnElement[bool]:
    there = and_(
        Document.tenant == place.tenant,
        Document.kind == place.kind.value,
        Document.activity == place.activity,
        Document.agent == place.agent,
    )
    if place.registration is None:
        return there
    return and_(there, Document.registration == place.registration)


def _one(place: Place, name: str) -> ColumnElement[bool]:
    return and_(
        _there(place),
        Document.registration == (place.registration or NOTHING),
        Document.key == _key(name),
    )


def _of(owner: UUID | None) -> list[ColumnElement[bool]]:
    return [] if owner is None else [Document.owner == owner]


def _key(name: str) -> UUID:
    return UUID(bytes=hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:16])
