"""What login and launch keep: logins under way, the tool's keys, the platforms' keys.

Secrets are never stored: a state, a nonce and a handle stand here as SHA-256, in hexadecimal.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_peer.core.db import Base
from lti_peer.core.models import ID_LENGTH, URL_LENGTH, Platform

HASH_LENGTH = 64
STORAGE_TARGET_LENGTH = 64


class LaunchState(Base):
    """One login that a browser has begun; the launch consumes it, once, within five minutes.

    The proof that the same browser comes back is not here: it is a keyed hash of `state_hash`.
    """

    __tablename__ = "launch_state"
    __table_args__ = (Index(None, "expires_at"),)

    state_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), primary_key=True)
    nonce_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    platform_id: Mapped[UUID] = mapped_column(ForeignKey("platform.id", ondelete="CASCADE"))
    target: Mapped[str] = mapped_column(String(URL_LENGTH))
    """The `target_link_uri` of the login, which the token must repeat."""
    deployment_key: Mapped[str] = mapped_column(String(ID_LENGTH), default="")
    """The deployment that the login named, if it did; the token must repeat it."""
    storage_target: Mapped[str] = mapped_column(String(STORAGE_TARGET_LENGTH), default="")
    """The frame of the LMS that keeps values for us; empty when it offers none."""
    login_hint: Mapped[str] = mapped_column(Text)
    message_hint: Mapped[str] = mapped_column(Text, default="")
    """Both hints, to begin the same login again in a window of its own."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    platform: Mapped[Platform] = relationship(lazy="joined")


class PendingConfirm(Base):
    """A verified launch that waits a minute for the LMS's storage to vouch for the browser."""

    __tablename__ = "pending_confirm"
    __table_args__ = (Index(None, "expires_at"),)

    handle_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), primary_key=True)
    state_hash: Mapped[str] = mapped_column(
        ForeignKey("launch_state.state_hash", ondelete="CASCADE")
    )
    sealed: Mapped[str] = mapped_column(Text)
    """The verified claims as JSON, encrypted: they are about a person."""
    expires_at: Mapped[datetime]

    state: Mapped[LaunchState] = relationship(lazy="joined")


class ToolKey(Base):
    """One key pair of the tool. Whether it signs and is published follows from its times."""

    __tablename__ = "tool_key"

    kid: Mapped[str] = mapped_column(String(HASH_LENGTH), primary_key=True)
    """The thumbprint (RFC 7638)."""
    sealed: Mapped[str] = mapped_column(Text)
    """The private key in PEM, encrypted by `core.keys.Vault`."""
    created_at: Mapped[datetime]
    """Since when it is published."""
    signs_from: Mapped[datetime]
    """From when it signs, until a later key does: when LMSs have had time to fetch it."""
    ends_at: Mapped[datetime | None]
    """Until when it is published: when nobody can hold anything alive that it signed."""


class PlatformKeySet(Base):
    """The keys of a platform as last fetched, shared by all processes."""

    __tablename__ = "platform_key_set"

    url: Mapped[str] = mapped_column(String(URL_LENGTH), primary_key=True)
    document: Mapped[dict[str, Any]]
    """The JSON Web Key Set."""
    fetched_at: Mapped[datetime]
