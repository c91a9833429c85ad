"""How the services of each LMS do, in words: as far as the tool's own work shows, and as tried.

What the work shows is read from what is stored anyway: fetched keys, tokens, grades that arrived
or wait, rosters. A trial (`trials`) asks the LMS at this moment, because somebody pressed a button.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_peer.core import db
from lti_peer.core.endpoints import OWN
from lti_peer.core.models import Deployment, Platform
from lti_peer.core.outbox import Channel, Delivery, OutboxItem
from lti_peer.core.rosters import Roster
from lti_peer.lti.checks import Service, ServiceCheck
from lti_peer.lti.jwks import usable
from lti_peer.lti.models import PlatformKeySet
from lti_peer.lti.tokens import EARLY, AccessToken

Column = InstrumentedAttribute[Any] | ColumnElement[Any]


class Condition(StrEnum):
    """How a service does."""

    WORKS = "works"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Health:
    """What is known of one service of one LMS."""

    service: Service
    condition: Condition
    words: str
    """One sentence."""
    at: datetime | None = None
    """When that was so."""


UNKNOWN = {
    Service.KEY_SET: "Nobody has launched yet, so its keys have not been asked for.",
    Service.TOKEN: "No token has been needed yet.",
    Service.GRADES: "No grade has been sent yet.",
    Service.ROSTER: "No roster has been read yet.",
}


def of(session: Session, platform: Platform) -> list[Health]:
    """Return the health of each service, in the order of `Service`.

    Of what the work shows and the last trial, the later one counts.
    """
    checks = session.scalars(select(ServiceCheck).where(ServiceCheck.platform_id == platform.id))
    seen = [*map(_tried, checks), *_work(session, platform)]
    return [_latest(service, seen) for service in Service]


def trouble(session: Session, platforms: Sequence[Platform]) -> dict[UUID, str]:
    """Return, of those LMSs that have trouble, the first sentence about it, by their id."""
    suspects = {
        *session.scalars(select(ServiceCheck.platform_id).where(~ServiceCheck.works)),
        *session.scalars(_by_platform(OutboxItem.deployment_id).where(
            OutboxItem.channel == Channel.AGS,
            OutboxItem.state == Delivery.PENDING,
            OutboxItem.last_error != "",
        )),
        *session.scalars(_by_platform(Roster.deployment_id).where(Roster.problem != "")),
    }  # fmt: skip
    found = {}
    for platform in platforms:
        seen = of(session, platform) if platform.id in suspects else []
        failing = [one.words for one in seen if one.condition is Condition.FAILS]
        if failing:
            found[platform.id] = failing[0]
    return found


def _latest(service: Service, seen: Iterable[Health]) -> Health:
    known = [one for one in seen if one.service is service and one.at is not None]
    unknown = Health(service, Condition.UNKNOWN, UNKNOWN[service])
    return max(known, key=lambda one: (one.at, one.condition is Condition.FAILS), default=unknown)


def _tried(check: ServiceCheck) -> Health:
    condition = Condition.WORKS if check.works else Condition.FAILS
    return Health(check.service, condition, check.words, check.checked_at)


def _work(session: Session, platform: Platform) -> list[Health]:
    found = (_keys, _token, _grades_sent, _grades_waiting, _rosters, _roster_problem)
    return [health for look in found if (health := look(session, platform))]


def _keys(session: Session, platform: Platform) -> Health | None:
    row = session.get(PlatformKeySet, platform.jwks_url)
    if row is None:
        return None
    count = len(usable(row.document))
    words = f"It publishes {_many(count, 'key')} that we can use."
    condition = Condition.WORKS if count else Condition.FAILS
    return Health(Service.KEY_SET, condition, words, row.fetched_at)


def _token(session: Session, platform: Platform) -> Health | None:
    until = session.scalar(
        select(func.max(AccessToken.expires_at)).where(AccessToken.platform_id == platform.id)
    )
    moment = db.now(session)
    if until is None or until + EARLY <= moment:
        return None
    return Health(Service.TOKEN, Condition.WORKS, "It has given us a token that is good.", moment)


def _grades_sent(session: Session, platform: Platform) -> Health | None:
    sent = session.scalar(
        _grades(platform, OutboxItem.sent_at)
        .where(OutboxItem.state == Delivery.SENT, OutboxItem.endpoint_id == OWN)
        .order_by(OutboxItem.due_at.desc())  # as the index has it: the newest is found first
        .limit(1)
    )
    words = "It took the last grade that was sent."
    return Health(Service.GRADES, Condition.WORKS, words, sent) if sent else None


def _grades_waiting(session: Session, platform: Platform) -> Health | None:
    """Return what keeps grades waiting. One that was refused for good is one person's affair."""
    words = session.scalar(
        _grades(platform, OutboxItem.last_error)
        .where(OutboxItem.state == Delivery.PENDING, OutboxItem.last_error != "")
        .order_by(OutboxItem.sequence.desc())
        .limit(1)
    )
    return Health(Service.GRADES, Condition.FAILS, words, db.now(session)) if words else None


def _rosters(session: Session, platform: Platform) -> Health | None:
    read = session.scalar(_roster(platform, func.max(Roster.read_at)))
    words = "It gave us the people of a course."
    return Health(Service.ROSTER, Condition.WORKS, words, read) if read else None


def _roster_problem(session: Session, platform: Platform) -> Health | None:
    words = session.scalar(
        _roster(platform, Roster.problem)
        .where(Roster.problem != "")
        .order_by(Roster.due_at.desc())
        .limit(1)
    )
    return Health(Service.ROSTER, Condition.FAILS, words, db.now(session)) if words else None


def _grades(platform: Platform, what: Column) -> Select[Any]:
    return (
        select(what)
        .select_from(OutboxItem)
        .join(Deployment, Deployment.id == OutboxItem.deployment_id)
        .where(
            Deployment.platform_id == platform.id,
            OutboxItem.channel == Channel.AGS,
            OutboxItem.endpoint_id == OWN,  # as all grades; the index asks for it
        )
    )


def _roster(platform: Platform, what: Column) -> Select[Any]:
    return (
        select(what)
        .select_from(Roster)
        .join(Deployment, Deployment.id == Roster.deployment_id)
        .where(Deployment.platform_id == platform.id)
    )


def _by_platform(deployment_id: InstrumentedAttribute[UUID]) -> Select[UUID]:
    owner = deployment_id.class_
    return select(Deployment.platform_id).distinct().join(owner, deployment_id == Deployment.id)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count or 'no'} {what}s"
