"""The record store's tables; METADATA is what the host's migrations include.

The tables stand alone: nothing points out of them, so they can live in the host's database or in
one of their own. Every table carries the tenant, and every query filters by it.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables of the record store."""


class Instant(TypeDecorator[datetime]):
    """An aware time, stored in UTC: SQLite forgets the zone, so it is put back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC; raises ValueError when it has no time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time that is stored has a time zone.")
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base class names it
        """Return the stored time, aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """What the record store's tables share: their metadata and the types of their columns."""

    metadata = METADATA
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant(),
        UUID: Uuid(),
        str: Text(),
    }


class StoredStatement(Table):
    """One statement as it was accepted, and beside it what queries and reports ask for."""

    __tablename__ = "xapi_statement"
    __table_args__ = (
        UniqueConstraint("tenant", "statement_id"),
        Index(None, "tenant", "seq"),
        Index(None, "tenant", "stored"),
        Index(None, "tenant", "registration", "seq"),
        Index(None, "tenant", "target"),
        Index(None, "tenant", "deed", "actor", "voided"),
    )

    seq: Mapped[int] = mapped_column(
        # SQLite counts up only an INTEGER.
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    )
    """The order of arrival; pages are cut by it."""
    tenant: Mapped[UUID]
    statement_id: Mapped[UUID]
    stored: Mapped[datetime]
    happened: Mapped[datetime]
    """The statement's timestamp; `stored` where it has none."""
    verb: Mapped[str]
    """The verb's IRI."""
    actor: Mapped[UUID]
    """The actor's mention key (see `xapi.lrs.mentions`)."""
    thing: Mapped[str | None]
    """The IRI of the object where that is an activity."""
    parent: Mapped[str | None]
    """The IRI of the first parent in the context."""
    registration: Mapped[UUID | None]
    scaled: Mapped[float | None]
    """The share of the best score, -1 to 1."""
    target: Mapped[UUID | None]
    """The statement that this one is about (a StatementRef as object)."""
    authority: Mapped[UUID]
    """The mention key of whoever vouches for it."""
    voided: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[bytes]
    """SHA-256 of what makes two statements the same (see `xapi.sameness`)."""
    body: Mapped[str]
    """The statement as it is returned, JSON in ASCII."""
    deed: Mapped[UUID | None]
    """The key of its verb within its activity, so that an index alone counts who did what. The
    activity is the first parent, or the object of a statement that has none."""


class Mention(Table):
    """That a statement has a verb, an agent or an activity; what the filters look up.

    The key is a hash (see `xapi.lrs.mentions`): an IRI can be longer than an index takes.
    """

    __tablename__ = "xapi_mention"
    __table_args__ = ({"sqlite_with_rowid": False},)

    tenant: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The statement's `seq`."""
    direct: Mapped[bool]
    """Whether it is the actor, the object or the verb, and not only related."""


class Reference(Table):
    """That a statement is about another one, directly or through others (part 3, 2.1.3)."""

    __tablename__ = "xapi_reference"
    __table_args__ = (Index(None, "tenant", "source"), {"sqlite_with_rowid": False})

    tenant: Mapped[UUID] = mapped_column(primary_key=True)
    target: Mapped[UUID] = mapped_column(primary_key=True)
    """The id of the statement that is referred to; it need not be here yet."""
    source: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The `seq` of the statement that refers."""


class Key(Table):
    """What a program shows to use the record store, and what it may do with it."""

    __tablename__ = "xapi_key"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str]
    """What people call it."""
    key: Mapped[str] = mapped_column(unique=True)
    """The user name of HTTP Basic authentication."""
    secret_hash: Mapped[bytes]
    """SHA-256 of the secret, which has 256 random bits and therefore needs no slow hash."""
    scopes: Mapped[str]
    """Words of `xapi.lrs.keys.Scope` with spaces between."""
    created: Mapped[datetime]
    revoked: Mapped[datetime | None]


class Attachment(Table):
    """The data of an attachment, once for each tenant, whoever refers to them."""

    __tablename__ = "xapi_attachment"

    tenant: Mapped[UUID] = mapped_column(primary_key=True)
    sha2: Mapped[str] = mapped_column(primary_key=True)
    """The sum by which statements name the data: 56 to 128 hexadecimal digits, in lower case."""
    content: Mapped[bytes]
    stored: Mapped[datetime]


class KnownActivity(Table):
    """What statements have said of an activity, put together (part 3, 2.5)."""

    __tablename__ = "xapi_activity"

    tenant: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    """The activity's mention key (see `xapi.lrs.mentions`)."""
    definition: Mapped[str]
    """Its definition, JSON in ASCII."""


class Document(Table):
    """A document of the state, activity profile or agent profile resource (part 3, 2.2).

    Where a resource knows no activity, agent or registration, the null UUID stands for it.
    """

    __tablename__ = "xapi_document"
    __table_args__ = (Index(None, "tenant", "agent"),)

    tenant: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    """A word of `xapi.lrs.documents.Kind`."""
    activity: Mapped[UUID] = mapped_column(primary_key=True)
    agent: Mapped[UUID] = mapped_column(primary_key=True)
    registration: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    """A hash of the name, which can be longer than an index takes."""
    name: Mapped[str]
    """What the client calls it: its stateId or profileId."""
    content_type: Mapped[str]
    content: Mapped[bytes]
    etag: Mapped[str]
    """SHA-1 of the content, 40 hexadecimal digits (part 3, 3.1)."""
    updated: Mapped[datetime]
    owner: Mapped[UUID]
    """The mention key of whoever put it: what the scope "read-mine" sees."""
