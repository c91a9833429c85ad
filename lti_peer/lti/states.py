"""Logins under way: begun once, consumed once (security.md T1, T2)."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from lti_peer.core import db
from lti_peer.core.keys import Vault
from lti_peer.core.models import Platform
from lti_peer.lti.models import LaunchState, PendingConfirm
from lti_peer.lti.verify import digest

LIFE = timedelta(minutes=5)
CONFIRM_WITHIN = timedelta(seconds=60)
UNSEEN = {"synchronize_session": False}
"""No session holds what is deleted here, so none need be searched for it."""


@dataclass(frozen=True)
class Login:
    """What a platform asked for when it began a login."""

    platform: Platform
    target: str
    login_hint: str
    message_hint: str = ""
    deployment_key: str = ""
    storage_target: str = ""


@dataclass(frozen=True)
class Waiting:
    """A login that waits for its launch, and the time of the database when it was read."""

    row: LaunchState
    now: datetime

    @property
    def platform(self) -> Platform:
        """Whose login it is."""
        return self.row.platform


_TABLE = LaunchState.metadata.tables[LaunchState.__tablename__]
_ONE = select(LaunchState).where(LaunchState.state_hash == bindparam("state"))
_CONSUME = _TABLE.delete().where(
    _TABLE.c.state_hash == bindparam("state"), _TABLE.c.expires_at > bindparam("now")
)
"""Made once: to make them takes longer than to run them."""


def begin(session: Session, login: Login, state: str, nonce: str) -> None:
    """Keep the login for five minutes, its secrets as hashes, and forget those that are over."""
    moment = db.now(session)
    for table in (PendingConfirm, LaunchState):
        session.execute(delete(table).where(table.expires_at < moment), execution_options=UNSEEN)
    session.add(
        LaunchState(
            state_hash=digest(state),
            nonce_hash=digest(nonce),
            platform_id=login.platform.id,
            target=login.target,
            deployment_key=login.deployment_key,
            storage_target=login.storage_target,
            login_hint=login.login_hint,
            message_hint=login.message_hint,
            created_at=moment,
            expires_at=moment + LIFE,
        )
    )


def find(session: Session, state: str) -> Waiting | None:
    """Return the login of that state, or None when there is none, no longer, or it was consumed."""
    moment = db.now(session)
    row = session.scalar(_ONE, {"state": digest(state)})
    return Waiting(row, moment) if row is not None and row.expires_at > moment else None


def consume(session: Session, state_hash: str) -> bool:
    """Take the login away; False when somebody was faster, or it is over."""
    asked = {"state": state_hash, "now": db.now(session)}
    gone = session.connection().execute(_CONSUME, asked)
    return gone.rowcount == 1


def hold(session: Session, vault: Vault, waiting: Waiting, claims: Mapping[str, Any]) -> str:
    """Keep verified claims for a minute, encrypted; return the handle that asks for them again."""
    handle = secrets.token_urlsafe(32)
    session.add(
        PendingConfirm(
            handle_hash=digest(handle),
            state_hash=waiting.row.state_hash,
            sealed=vault.encrypt(json.dumps(claims)),
            expires_at=db.now(session) + CONFIRM_WITHIN,
        )
    )
    return handle


def held(session: Session, vault: Vault, handle: str) -> tuple[Waiting, dict[str, Any]] | None:
    """Return the login and the claims behind a handle, or None when its minute is over."""
    moment = db.now(session)
    row = session.get(PendingConfirm, digest(handle))
    if row is None or row.expires_at <= moment:
        return None
    claims: dict[str, Any] = json.loads(vault.decrypt(row.sealed))
    return Waiting(row.state, moment), claims
