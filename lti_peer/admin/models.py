"""What the admin page keeps: one-time links, sessions, and how each LMS's services answered.

Secrets are never stored: the tokens of links and sessions stand here as SHA-256, in hexadecimal.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_peer.core.db import Base, choice

HASH_LENGTH = 64
ADMIN_NAME_LENGTH = 80


class AdminLink(Base):
    """Leave to sign in once, made on the command line."""

    __tablename__ = "admin_link"

    token_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(ADMIN_NAME_LENGTH))
    """Whom it is for, as the audit will say."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AdminSession(Base):
    """One administrator in one browser."""

    __tablename__ = "admin_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    proof_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(ADMIN_NAME_LENGTH))
    started_at: Mapped[datetime]
    used_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Service(StrEnum):
    """What the tool needs of an LMS beside launches."""

    KEY_SET = "key_set"
    TOKEN = "token"  # noqa: S105 - the name of a service
    GRADES = "grades"
    ROSTER = "roster"


class ServiceCheck(Base):
    """How a service of an LMS answered when an administrator last had it tried."""

    __tablename__ = "service_check"

    platform_id: Mapped[UUID] = mapped_column(
        ForeignKey("platform.id", ondelete="CASCADE"), primary_key=True
    )
    service: Mapped[Service] = mapped_column(choice(Service), primary_key=True)
    works: Mapped[bool]
    words: Mapped[str] = mapped_column(Text)
    """What was found, in a sentence."""
    checked_at: Mapped[datetime]
