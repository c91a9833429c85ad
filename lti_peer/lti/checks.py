"""How the services of an LMS answered: what failed last, and what somebody had tried.

Only failures of everyday work are noted here; that it works shows in what it leaves behind, such
as a token. Whoever reads both takes the later one (`lti_peer.admin.health`).
"""

from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Text, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core import db
from lti_peer.core.db import Base, Database, choice
from lti_peer.core.models import Platform


class Service(StrEnum):
    """What the tool needs of an LMS beside launches."""

    KEY_SET = "key_set"
    TOKEN = "token"  # noqa: S105 - the name of a service
    GRADES = "grades"
    ROSTER = "roster"


class ServiceCheck(Base):
    """How a service of an LMS answered when it last failed, or when it was last tried."""

    __tablename__ = "service_check"

    platform_id: Mapped[UUID] = mapped_column(
        ForeignKey("platform.id", ondelete="CASCADE"), primary_key=True
    )
    service: Mapped[Service] = mapped_column(choice(Service), primary_key=True)
    works: Mapped[bool]
    words: Mapped[str] = mapped_column(Text)
    """What was found, in a sentence."""
    checked_at: Mapped[datetime]


def keep(session: Session, platform_id: UUID, service: Service, words: str, *, works: bool) -> None:
    """Keep what was found of a service just now, in place of what was before."""
    session.merge(
        ServiceCheck(
            platform_id=platform_id,
            service=service,
            works=works,
            words=words,
            checked_at=db.now(session),
        )
    )


def token_failed(database: Database, platform_id: UUID, words: str) -> None:
    """Note that the LMS gave no token, in a transaction of its own."""
    _failed(database, Platform.id == platform_id, Service.TOKEN, words)


def keys_failed(database: Database, url: str, words: str) -> None:
    """Note, for every LMS whose key set is at `url`, that it did not come."""
    _failed(database, Platform.jwks_url == url, Service.KEY_SET, words)


def _failed(database: Database, which: ColumnElement[bool], service: Service, words: str) -> None:
    # Another process that fails in the same moment notes as much as we would.
    with suppress(IntegrityError), database.transaction() as session:
        for platform_id in session.scalars(select(Platform.id).where(which)).all():
            keep(session, platform_id, service, words, works=False)
