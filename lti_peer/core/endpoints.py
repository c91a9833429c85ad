"""Record stores beside the tool's own: for one deployment or for all, each with its own terms.

Each statement is one item of the outbox for the tool's own store, which the settings name, and one
for each endpoint whose filter lets it pass. They are written by one INSERT in the transaction of
the change, so what an endpoint is told begins and ends with the very commit that adds or removes
it, and one that is away holds up no other.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    String,
    Text,
    Uuid,
    bindparam,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from lti_peer.core import bells, db
from lti_peer.core.db import Base
from lti_peer.core.errors import NotFound
from lti_peer.core.keys import Vault

OWN: Final = UUID(int=0)
"""The endpoint of the settings: the embedded store, or the one outside that they name."""
OWN_NAME: Final = "default"
"""How lists call it; no other endpoint has this name."""


class RecordEndpoint(Base):
    """One record store that statements go to, and on which terms."""

    __tablename__ = "record_endpoint"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("deployment.id", ondelete="CASCADE"), index=True
    )
    """Whose statements; NULL for those of all deployments."""
    name: Mapped[str] = mapped_column(String(80), unique=True)
    url: Mapped[str] = mapped_column(String(2_000))
    """The address above /statements."""
    version: Mapped[str] = mapped_column(String(8), default="1.0.3")
    """The X-Experience-API-Version that is sent: 1.0.3 or 2.0.0."""
    key: Mapped[str] = mapped_column(String(255))
    secret: Mapped[str] = mapped_column(Text)
    """Encrypted (`core.keys`)."""
    most_statements: Mapped[int] = mapped_column(default=100)
    """In one request."""
    most_bytes: Mapped[int] = mapped_column(default=512 * 1024)
    """In one request, unless a single statement has more."""
    verbs: Mapped[str] = mapped_column(Text, default="")
    """The verbs' IRIs that it is told, with a blank around each; all when empty."""
    kinds: Mapped[str] = mapped_column(Text, default="")
    """The kinds of activity that it is told of, with a blank around each; all when empty."""
    pseudonym_key: Mapped[str] = mapped_column(Text, default="")
    """Encrypted; empty where people go by their accounts in the LMS."""
    active: Mapped[bool] = mapped_column(default=True)
    """Whether it is sent to; what is said while it is not waits for it."""
    created_at: Mapped[datetime]


def add(session: Session, vault: Vault, endpoint: RecordEndpoint, *, pseudonyms: bool) -> None:
    """Keep a new endpoint, whose `secret` is still plain; with a pseudonym key of its own if asked.

    From this commit on it is told what is said. A name that is taken ends in an IntegrityError.
    """
    endpoint.secret = vault.encrypt(endpoint.secret)
    if pseudonyms:
        endpoint.pseudonym_key = vault.encrypt(secrets.token_hex(32))
    endpoint.created_at = db.now(session)
    session.add(endpoint)
    session.flush()


def words(chosen: Sequence[str]) -> str:
    """Return a filter's words as they are kept: a blank around each, nothing when there is none."""
    return f" {' '.join(chosen)} " if chosen else ""


def standing(session: Session) -> Sequence[RecordEndpoint]:
    """Return every endpoint, by name."""
    return session.scalars(select(RecordEndpoint).order_by(RecordEndpoint.name)).all()


def named(session: Session, name: str) -> RecordEndpoint:
    """Return the endpoint of that name; raises NotFound."""
    found = session.scalar(select(RecordEndpoint).where(RecordEndpoint.name == name))
    if found is None:
        raise NotFound(f"There is no endpoint {name}.", code="no_endpoint")
    return found


def wait_for_writers(session: Session) -> None:
    """Wait until nobody is about to write an item, and let nobody begin until this commits.

    So no item is left behind for an endpoint that is removed. SQLite has one writer anyway.
    """
    if bells.on_postgres(session):
        session.execute(text("LOCK TABLE outbox_item IN SHARE ROW EXCLUSIVE MODE"))


def readers() -> Select[UUID]:
    """Return the ids of the endpoints that are told of a statement, the tool's own among them.

    Parameters are `deployment_id`, `verb` and `kind`.
    """
    whose = RecordEndpoint.deployment_id
    told = union_all(
        select(literal(OWN, Uuid()).label("id")),
        select(RecordEndpoint.id).where(
            or_(whose.is_(None), whose == bindparam("deployment_id", type_=Uuid())),
            _lets(RecordEndpoint.verbs, "verb"),
            _lets(RecordEndpoint.kinds, "kind"),
        ),
    ).subquery("told")
    return select(told.c.id)


def _lets(chosen: InstrumentedAttribute[str], name: str) -> ColumnElement[bool]:
    """Return whether a filter lets the parameter pass; LIKE would take an IRI's _ for a joker."""
    word = literal(" ").concat(bindparam(name, type_=String())).concat(" ")
    return or_(chosen == "", func.replace(chosen, word, "") != chosen)
