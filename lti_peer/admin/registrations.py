"""The LMSs as administrators see and change them; each act is written to the audit.

The admin page and the commands act through the same functions, so neither can do what the other
does not check.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from lti_peer.core import audit, db
from lti_peer.core.errors import NotFound
from lti_peer.core.models import Course, Deployment, Platform, Standing
from lti_peer.core.visit import VisitRecord
from lti_peer.lti import invitations, registration
from lti_peer.lti.invitations import Invitation
from lti_peer.lti.registration import Entry


@dataclass(frozen=True)
class PlatformLine:
    """One LMS as the list shows it."""

    platform: Platform
    waiting: int
    """Deployments that wait for an approval, of an LMS that has one itself."""
    courses: int


@dataclass(frozen=True)
class Placement:
    """One deployment, and how many courses came through it."""

    deployment: Deployment
    courses: int


def overview(session: Session) -> list[PlatformLine]:
    """Return every LMS: those first that wait for somebody, then by name."""
    waiting = _count(session, select(Deployment.platform_id, func.count()).where(
        Deployment.state == Standing.PENDING, Deployment.platform.has(state=Standing.ACTIVE)
    ).group_by(Deployment.platform_id))  # fmt: skip
    courses = _count(session, select(Deployment.platform_id, func.count()).join(
        Course, Course.deployment_id == Deployment.id
    ).where(Course.sandbox_of.is_(None)).group_by(Deployment.platform_id))  # fmt: skip
    found = [
        PlatformLine(one, waiting.get(one.id, 0), courses.get(one.id, 0))
        for one in registration.list_platforms(session)
    ]
    return sorted(found, key=_urgency)


def placements(session: Session, platform: Platform) -> list[Placement]:
    """Return the deployments of an LMS: those first that wait, then in the order they came."""
    courses = _count(session, select(Course.deployment_id, func.count()).join(
        Deployment, Deployment.id == Course.deployment_id
    ).where(
        Deployment.platform_id == platform.id, Course.sandbox_of.is_(None)
    ).group_by(Course.deployment_id))  # fmt: skip
    ordered = sorted(
        platform.deployments,
        key=lambda one: (one.state is not Standing.PENDING, one.created_at, one.deployment_key),
    )
    return [Placement(one, courses.get(one.id, 0)) for one in ordered]


def open_invitations(session: Session) -> Sequence[Invitation]:
    """Return the invitations that can still be used, the newest first."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.used_at.is_(None), Invitation.expires_at > db.now(session))
        .order_by(Invitation.created_at.desc())
    ).all()


def add(session: Session, actor: str, entry: Entry, *, private: bool) -> Platform:
    """Keep an LMS whose addresses are known; raises what `lti.registration.add_platform` does."""
    made = registration.add_platform(session, entry, private=private)
    _note(session, actor, "platform_added", made, deployments=list(entry.deployments))
    return made


def invite(session: Session, actor: str, base_url: str, name: str, *, activate: bool) -> str:
    """Return the one-time address with which an LMS registers by itself."""
    url = invitations.invite(session, base_url, name=name, activate=activate)
    audit.record(session, actor, "invitation_made", name=name, activate=activate)
    return url


def approve(
    session: Session,
    actor: str,
    platform_id: UUID,
    *,
    hosts: Sequence[str] = (),
    deployments: Sequence[str] = (),
) -> Platform:
    """Let an LMS be used, and further hosts and deployments of it.

    Raises what `lti.registration.approve` does.
    """
    found = registration.approve(session, platform_id, further_hosts=hosts, deployments=deployments)
    more = {"hosts": list(hosts), "deployments": list(deployments)}
    _note(session, actor, "platform_approved", found, **{k: v for k, v in more.items() if v})
    return found


def disable(session: Session, actor: str, platform_id: UUID) -> Platform:
    """Let nobody of an LMS in any more, and close their open pages; raises NotFound.

    Work, scores and what waits for the LMS are kept for the day on which it is approved again.
    """
    found = registration.find_platform(session, platform_id)
    found.state = Standing.DISABLED
    _close_visits(session, [one.id for one in found.deployments])
    _note(session, actor, "platform_disabled", found)
    return found


def set_standing(
    session: Session, actor: str, platform_id: UUID, deployment_id: UUID, standing: Standing
) -> Deployment:
    """Approve or disable one deployment of an LMS; raises NotFound.

    Disabling closes the open pages of its people.
    """
    found = session.get(Deployment, deployment_id)
    if found is None or found.platform_id != platform_id:
        raise NotFound("This LMS has no such deployment.")
    found.state = standing
    if standing is not Standing.ACTIVE:
        _close_visits(session, [found.id])
    act = "deployment_approved" if standing is Standing.ACTIVE else "deployment_disabled"
    _note(session, actor, act, found.platform, deployment=found.deployment_key)
    return found


def remove(session: Session, actor: str, platform_id: UUID, *, with_courses: bool) -> Platform:
    """Forget an LMS; raises what `lti.registration.remove_platform` does."""
    found = registration.remove_platform(session, platform_id, with_courses=with_courses)
    _note(session, actor, "platform_removed", found)
    return found


def last_launch(lines: Sequence[PlatformLine]) -> datetime | None:
    """Return when somebody last came from any LMS."""
    return max((at for line in lines if (at := line.platform.last_launch_at)), default=None)


def _urgency(line: PlatformLine) -> tuple[bool, bool, str]:
    is_pending = line.platform.state is Standing.PENDING
    return not is_pending, not line.waiting, line.platform.name.lower()


def _count(session: Session, query: Select[UUID, int]) -> dict[UUID, int]:
    return {row[0]: row[1] for row in session.execute(query)}


def _close_visits(session: Session, deployments: Sequence[UUID]) -> None:
    session.execute(
        delete(VisitRecord).where(VisitRecord.deployment_id.in_(deployments)),
        execution_options={"synchronize_session": False},
    )


def _note(session: Session, actor: str, act: str, platform: Platform, **detail: object) -> None:
    about = {"platform": str(platform.id), "name": platform.name}
    audit.record(session, actor, act, **about, **detail)
