"""Notices that an LMS sends without anybody's click: that a course was copied.

1EdTech Platform Notification Service 1.0, and Canvas's page on it. The tool says once for each
deployment where notices are to go; a notice is a token like a launch's, without a login before it.
Saying the same twice is harmless, so none needs to be remembered against replay.
"""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ForeignKey, Index, Select, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core import db
from lti_peer.core.copies import CourseCopy
from lti_peer.core.db import Base, Database
from lti_peer.core.models import URL_LENGTH, Deployment, Platform, Standing
from lti_peer.lti import claims as words
from lti_peer.lti import values
from lti_peer.lti.errors import LaunchError, bad_claim
from lti_peer.lti.http import EgressError
from lti_peer.lti.jwks import PlatformKeys
from lti_peer.lti.services import Call, NotApproved, Services
from lti_peer.lti.tokens import TokenRefused
from lti_peer.lti.verify import OLDEST, Expected, digest, key_id, unverified, verify

log = structlog.get_logger()

SCOPES = frozenset({words.SCOPE_NOTICES})
PATH = "/lti/notices"
MOST_NOTICES = 100
LEASE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)


class NoticeHandler(Base):
    """Whether an LMS knows where notices of one deployment go."""

    __tablename__ = "notice_handler"
    __table_args__ = (Index(None, "due_at"),)

    deployment_id: Mapped[UUID] = mapped_column(
        ForeignKey("deployment.id", ondelete="CASCADE"), primary_key=True
    )
    url: Mapped[str] = mapped_column(String(URL_LENGTH))
    """Where the LMS is told."""
    due_at: Mapped[datetime | None]
    """When it is told (again); none: it knows."""
    faults: Mapped[int] = mapped_column(default=0)


def want(session: Session, deployment: Deployment, url: str, now: datetime) -> None:
    """Have the LMS told, at its notification service `url`, where notices go, if it is not yet."""
    found = session.get(NoticeHandler, deployment.id)
    if found is None:
        try:
            with session.begin_nested():
                session.add(NoticeHandler(deployment_id=deployment.id, url=url, due_at=now))
        except IntegrityError:
            return  # somebody else came at the same moment
        session.info["chore"] = True
    elif found.url != url:
        found.url, found.due_at, found.faults = url, now, 0


def tell(database: Database, services: Services, base_url: str) -> bool:
    """Tell one LMS where its notices go; False when none waits to be told.

    No transaction may be open. What fails is tried again, at last once a day.
    """
    with database.transaction(read_only=True) as session:  # to look holds up nobody's writing
        if session.scalar(_due(db.now(session))) is None:
            return False
    with database.transaction() as session:
        now = db.now(session)
        found = session.scalar(_due(now).with_for_update(skip_locked=True))
        if found is None:
            return False
        found.due_at = now + LEASE
        deployment_id, url = found.deployment_id, found.url
        platform = session.get_one(Deployment, deployment_id).platform
    told = _put(services, platform, url, base_url)
    with database.transaction() as session:
        row = session.get(NoticeHandler, deployment_id)
        if row is not None and row.url == url:
            wait = min(LONGEST_WAIT, timedelta(minutes=1) * 2 ** min(row.faults, 12))
            row.due_at = None if told else db.now(session) + wait
            row.faults = 0 if told else row.faults + 1
    return True


def read(database: Database, keys: PlatformKeys, given: object) -> list[dict[str, Any]]:
    """Return the claims of the notices that were posted, each signed by its LMS.

    Call it with no transaction open. Raises LaunchError for a body that is none, and when any of
    them cannot be believed: nothing is kept of a batch that is forged in part.
    """
    listed = given.get("notices") if isinstance(given, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_NOTICES:
        raise bad_claim("notices")
    tokens = [one.get("jwt") if isinstance(one, dict) else None for one in listed]
    return [_believe(database, keys, token) for token in tokens]


def keep(session: Session, notice: dict[str, Any]) -> bool:
    """Keep what a notice says; False for one that is of no interest here.

    Raises LaunchError 400 for a copy without its courses, and 403 for a deployment that is not
    approved.
    """
    kind = values.mapping(notice, words.NOTICE).get("type")
    if kind != words.CONTEXT_COPY_NOTICE:
        return False
    deployment = _deployment(session, notice)
    context = values.key(values.mapping(notice, words.CONTEXT).get("id"), "context.id")
    for origin in values.texts(notice.get(words.ORIGIN_CONTEXTS, []), "origin_contexts"):
        copy = CourseCopy(
            deployment_id=deployment.id,
            context_key=context,
            origin_key=values.key(origin, "origin_contexts"),
            told_at=db.now(session),
        )
        try:
            with session.begin_nested():
                session.add(copy)
        except IntegrityError:
            log.info("copy_told_again", deployment=str(deployment.id))
    return True


def _due(now: datetime) -> Select[NoticeHandler]:
    return select(NoticeHandler).where(NoticeHandler.due_at <= now).limit(1)


def _put(services: Services, platform: Platform, url: str, base_url: str) -> bool:
    body = {"notice_type": words.CONTEXT_COPY_NOTICE, "handler": f"{base_url}{PATH}"}
    kind = "application/json"
    call = Call("PUT", url, SCOPES, kind, kind, json.dumps(body).encode())
    try:
        answer = services.call(platform, call)
    except (EgressError, NotApproved, TokenRefused) as fault:
        log.warning("notices_not_asked_for", reason=type(fault).__name__)
        return False
    if not answer.ok:
        log.warning("notices_not_asked_for", reason=str(answer.status))
    return answer.ok


def _believe(database: Database, keys: PlatformKeys, token: object) -> dict[str, Any]:
    """Return the claims of one notice, verified by the keys of the LMS that it names."""
    if not isinstance(token, str):
        raise bad_claim("notices")
    kid, said = key_id(token), unverified(token)
    with database.transaction(read_only=True) as session:
        platform = _platform(session, said)
        now = db.now(session)
    expected = Expected(
        issuer=platform.issuer,
        client_id=platform.client_id,
        nonce_hash=digest(str(said.get("nonce"))),  # there was no login that could have made one
        begun_at=now - OLDEST,
    )
    return verify(token, keys.find(platform.jwks_url, kid, now), expected, now)


def _platform(session: Session, said: dict[str, Any]) -> Platform:
    """Return the LMS that a notice claims to come from; the signature will tell."""
    audience = said.get("aud")
    client = audience[0] if isinstance(audience, list) and audience else audience
    found = session.scalar(
        select(Platform).where(
            Platform.issuer == str(said.get("iss")), Platform.client_id == str(client)
        )
    )
    if found is None or found.state is not Standing.ACTIVE:
        raise LaunchError("unknown_registration", "This LMS is not registered here.", status=403)
    return found


def _deployment(session: Session, notice: dict[str, Any]) -> Deployment:
    platform = _platform(session, notice)
    found = session.scalar(
        select(Deployment).where(
            Deployment.platform_id == platform.id,
            Deployment.deployment_key
            == values.key(notice.get(words.DEPLOYMENT_ID), "deployment_id"),
        )
    )
    if found is None or found.state is not Standing.ACTIVE:
        raise LaunchError("deployment_unknown", "This deployment is not approved.", status=403)
    return found
