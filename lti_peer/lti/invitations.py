"""Invitations: with one, and only with one, an LMS may register the tool by itself.

An administrator makes it on the command line and pastes its address into the LMS; it works once,
within 24 hours (security.md T7).
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core import db
from lti_peer.core.db import Base
from lti_peer.core.models import NAME_LENGTH
from lti_peer.lti.errors import LaunchError

LIFE = timedelta(hours=24)
KEPT = timedelta(days=30)
"""How long an invitation that is over stays, so that its address can be told from a wrong one."""
ANOTHER = "Ask whoever runs this tool for a new invitation: lti-peer registration invite."


class Invitation(Base):
    """Leave to register one LMS."""

    __tablename__ = "invitation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token, in hexadecimal: the token itself is nowhere but in the address."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    """What the LMS will be called in our lists."""
    activate: Mapped[bool] = mapped_column(default=False)
    """Whether the LMS may be used at once, without waiting for an administrator."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def invite(session: Session, base_url: str, *, name: str = "", activate: bool = False) -> str:
    """Return the one-time address that an administrator gives to the LMS; 24 hours, used once.

    With `activate` the LMS may be used as soon as it has registered.
    """
    moment, token = db.now(session), secrets.token_urlsafe(32)
    session.execute(delete(Invitation).where(Invitation.expires_at < moment - KEPT))
    session.add(
        Invitation(
            token_hash=_hash(token),
            name=name[:NAME_LENGTH],
            activate=activate,
            created_at=moment,
            expires_at=moment + LIFE,
        )
    )
    session.flush()
    return f"{base_url}/lti/register/{token}"


def take(session: Session, token: str) -> Invitation:
    """Use the invitation up and return it: of two at once, one gets it.

    Raises LaunchError 403 when it is unknown, used or over.
    """
    moment = db.now(session)
    taken = session.execute(
        update(Invitation)
        .where(
            Invitation.token_hash == _hash(token),
            Invitation.used_at.is_(None),
            Invitation.expires_at > moment,
        )
        .values(used_at=moment)
        .execution_options(synchronize_session=False)
    )
    found = session.scalar(select(Invitation).where(Invitation.token_hash == _hash(token)))
    if found is None:
        raise _refusal("This registration address is not one that we gave out.")
    if not taken.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result counts rows
        state = "been used already" if found.used_at else "run out"
        raise _refusal(f"This registration address has {state}; it works once, within a day.")
    return found


def give_back(session: Session, invitation_id: UUID) -> None:
    """Let the invitation be used after all, because the registration came to nothing."""
    session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id)
        .values(used_at=None)
        .execution_options(synchronize_session=False)
    )


def _refusal(sentence: str) -> LaunchError:
    return LaunchError("invitation", sentence, status=403, advice=ANOTHER)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
