"""What the admin page keeps: one-time links, and sessions.

Secrets are never stored: the tokens of links and sessions stand here as SHA-256, in hexadecimal.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from lti_peer.core.db import Base

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
