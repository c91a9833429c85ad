"""Signing in to the admin page: a one-time link from the command line, then a cookie for hours.

There is no password that anybody could guess. A link works once; what it opens ends after an hour
without use, and after eight in all. The cookie is `__Host-` and SameSite=Strict, because nobody
but the administrator leads to these pages, and no other page frames them.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from lti_peer.admin.models import ADMIN_NAME_LENGTH, AdminLink, AdminSession
from lti_peer.core import audit, db
from lti_peer.core.db import Database
from lti_peer.core.errors import Invalid, PeerError

LINK_LIFE = timedelta(minutes=15)
LONGEST_LINK_LIFE = timedelta(days=1)
IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=8)
TOUCH_AFTER = timedelta(minutes=1)
HOW = "Whoever runs this tool gets a link by the command: lti-peer admin link"


class NotSignedIn(PeerError):
    """Nobody is signed in to the admin page in this browser, or not any more."""

    status = 401
    code = "admin_signed_out"


class LinkSpent(PeerError):
    """A one-time link that was used, has run out, or is none of ours; they look alike."""

    status = 403
    code = "admin_link"

    def __init__(self) -> None:
        """Say so, and how to get another."""
        super().__init__("This link was used already, or it has run out.", advice=f"{HOW}.")


@dataclass(frozen=True)
class Admin:
    """Who is signed in, until when at most, and the time of this request."""

    session_id: UUID
    name: str
    now: datetime
    ends_at: datetime

    @property
    def actor(self) -> str:
        """Who acts, for the audit."""
        return f"{self.name}, admin page"


def link(
    session: Session, base_url: str, name: str, actor: str, life: timedelta = LINK_LIFE
) -> tuple[str, datetime]:
    """Return a one-time address that signs `name` in, and until when it works.

    `actor` made it, as the audit will say. Raises Invalid when `life` is over a day.
    """
    if not timedelta(0) < life <= LONGEST_LINK_LIFE:
        raise Invalid("A link works for a day at most.", {"for": "must be a day at most"})
    moment, token = db.now(session), secrets.token_urlsafe(32)
    _forget_old(session, moment)
    name = name.strip()[:ADMIN_NAME_LENGTH]
    session.add(
        AdminLink(token_hash=_hash(token), name=name, created_at=moment, expires_at=moment + life)
    )
    audit.record(session, actor, "admin_link_made", name=name, minutes=life.total_seconds() / 60)
    return f"{base_url}/admin/sign-in/{token}", moment + life


def is_good(session: Session, token: str) -> bool:
    """Whether a link could sign somebody in just now."""
    moment = db.now(session)
    return bool(session.scalar(select(AdminLink.token_hash).where(_usable(token, moment)).limit(1)))


def sign_in(session: Session, token: str) -> tuple[str, Admin]:
    """Use the link up; return the proof for the browser's cookie, and who is signed in.

    Of two at once one gets it. Raises LinkSpent.
    """
    moment = db.now(session)
    used = session.execute(
        update(AdminLink)
        .where(_usable(token, moment))
        .values(used_at=moment)
        .execution_options(synchronize_session=False)
    )
    if not used.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result counts rows
        raise LinkSpent
    found = session.scalars(select(AdminLink).where(AdminLink.token_hash == _hash(token))).one()
    proof = secrets.token_urlsafe(32)
    opened = AdminSession(
        id=uuid4(),
        proof_hash=_hash(proof),
        name=found.name,
        started_at=moment,
        used_at=moment,
        ends_at=moment + LONGEST,
    )
    session.add(opened)
    who = _admin(opened, moment)
    audit.record(session, who.actor, "admin_signed_in")
    return proof, who


def current(database: Database, proof: str) -> Admin:
    """Return who the browser's proof belongs to; raises NotSignedIn.

    It reads, and now and then notes the use, in short transactions of its own, so that whatever
    follows begins with none open.
    """
    with database.transaction(read_only=True) as session:
        moment = db.now(session)
        found = session.scalar(select(AdminSession).where(AdminSession.proof_hash == _hash(proof)))
    if found is None:
        raise NotSignedIn("You are not signed in here.", advice=f"{HOW}.")
    if moment >= min(found.ends_at, found.used_at + IDLE):
        raise NotSignedIn("You have been signed out after a while.", advice=f"{HOW}.")
    if moment - found.used_at > TOUCH_AFTER:
        with database.transaction() as session:
            session.execute(
                update(AdminSession).where(AdminSession.id == found.id).values(used_at=moment)
            )
    return _admin(found, moment)


def sign_out(session: Session, admin: Admin) -> None:
    """End the administrator's session in this browser."""
    session.execute(delete(AdminSession).where(AdminSession.id == admin.session_id))
    audit.record(session, admin.actor, "admin_signed_out")


def sign_out_all(session: Session, actor: str) -> int:
    """End every session and every link that is still good; return how many of both there were."""
    _forget_old(session, db.now(session))
    count = 0
    for table in (AdminSession, AdminLink):
        count += session.scalar(select(func.count()).select_from(table)) or 0
        session.execute(delete(table))
    audit.record(session, actor, "admin_signed_out_all", count=count)
    return count


def _usable(token: str, moment: datetime) -> ColumnElement[bool]:
    return and_(
        AdminLink.token_hash == _hash(token),
        AdminLink.used_at.is_(None),
        AdminLink.expires_at > moment,
    )


def _forget_old(session: Session, moment: datetime) -> None:
    session.execute(
        delete(AdminLink).where(or_(AdminLink.expires_at < moment, AdminLink.used_at.is_not(None)))
    )
    session.execute(delete(AdminSession).where(AdminSession.ends_at < moment))


def _admin(record: AdminSession, moment: datetime) -> Admin:
    return Admin(record.id, record.name, moment, record.ends_at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
