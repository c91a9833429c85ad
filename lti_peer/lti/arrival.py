"""What a launch leads to: the course, the person and the activity, and the page to go to.

Everything happens in the caller's transaction, the one that consumes the login.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from lti_peer.activities import registry
from lti_peer.activities.kind import ActivityKind
from lti_peer.core import db, rosters
from lti_peer.core.errors import Blocked
from lti_peer.core.models import (
    Activity,
    ActivityState,
    Course,
    LineItem,
    Platform,
    Role,
    Standing,
)
from lti_peer.lti import (
    addresses,
    claims,
    copying,
    deployments,
    enrolment,
    hosts,
    notices,
    privacy,
    submission_review,
)
from lti_peer.lti.claims import Launch
from lti_peer.lti.enrolment import Known
from lti_peer.lti.errors import ADMINISTRATOR, DeploymentRefused, LaunchError, inactive
from lti_peer.lti.privacy import Held
from lti_peer.web.visits import Guest

log = structlog.get_logger()

PICKER = "deep_linking.pick"
SEEN_EVERY = timedelta(minutes=1)
"""How often a platform's last launch is written: its row would be a queue for a whole class."""


@dataclass(frozen=True)
class Arrival:
    """Who has come, and the endpoint that they go to, with what its address says."""

    guest: Guest
    endpoint: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """Nothing to open, and nobody's fault: a title and a sentence."""

    title: str
    message: str


NO_COURSE = Notice(
    "Open this from a course",
    "This link does not belong to a course. Open the activity from a course page of your LMS.",
)
NO_ROLE = Notice(
    "Nothing to open for you here",
    "Your role in this course does not take part in this activity. If that surprises you, ask your "
    "instructor which role you have in the course.",
)
NOT_SET_UP = Notice(
    "Not set up yet",
    "Your instructor has not set this up yet. Come back to it later from your course page.",
)


def arrive(session: Session, launch: Launch, *, private: bool) -> Arrival | Notice | Held:
    """Return who has come and where they go, having kept what the launch says of them.

    `launch.platform` may have been read before; it is read again. `private` allows services on http
    and loopback. Raises LaunchError 403 when platform or deployment are not approved, or the role
    may not add content, and Blocked.
    """
    now = db.now(session)
    known = _admitted(session, launch)
    launch = replace(launch, platform=known.deployment.platform)
    _keep_platform(launch, now)
    if launch.message_type == claims.DATA_PRIVACY_REQUEST:
        return privacy.held(session, launch)
    if launch.context is None:
        return NO_COURSE
    if launch.role in {Role.NONE, Role.MENTOR}:
        return NO_ROLE
    course = enrolment.course(session, known, launch.context, now)
    news = _keep_services(course, launch, private=private)
    person = enrolment.person(session, known, course, launch, now)
    role = enrolment.enrol(session, known, course, person, launch.role, now)
    if news or role.is_staff or role is not launch.role:  # staff see it as it is; or are none now
        rosters.ask(session, course, now)
    _keep_groups(session, course, launch, private=private)
    told = launch.services.notices
    if told and _approved(launch, told, private=private):
        notices.want(session, known.deployment, told, now)
    guest = Guest(
        person=person,
        course=course,
        role=role,
        zone=launch.zone,
        locale=launch.locale,
        return_url=launch.return_url,
    )
    if launch.message_type == claims.DEEP_LINKING_REQUEST:
        return _to_picker(launch, guest, private=private)
    if launch.message_type == claims.SUBMISSION_REVIEW_REQUEST:
        return _to_review(session, launch, guest)
    return _to_activity(session, launch, guest, known.activity, private=private)


def _admitted(session: Session, launch: Launch) -> Known:
    """Return what is known of the launch. Who may make an unknown tenant is `deployments`' to say.

    Raises LaunchError 403 when platform or deployment are not approved (security.md L13), and
    Blocked when an administrator lets the person in no more (L21).
    """
    found = enrolment.known(session, launch)
    platform = found.deployment.platform if found else session.get(Platform, launch.platform.id)
    if platform is None or platform.state is not Standing.ACTIVE:
        raise inactive()
    if found is None and deployments.admit(session, platform, launch.deployment_key):
        found = enrolment.known(session, launch)
    if found is None or found.deployment.state is not Standing.ACTIVE:
        state = found.deployment.state if found else "unknown"
        log.warning(
            "deployment_refused",
            reason=str(state),
            deployment=launch.deployment_key,
            platform=str(platform.id),
        )
        raise DeploymentRefused(platform.id, launch.deployment_key, str(state))
    if found.person is not None and found.person.blocked_at is not None:
        raise Blocked
    return found


def _keep_platform(launch: Launch, now: datetime) -> None:
    platform = launch.platform
    if launch.family and platform.family != launch.family:
        platform.family = launch.family
    if platform.last_launch_at is None or now - platform.last_launch_at > SEEN_EVERY:
        platform.last_launch_at = now


def _keep_services(course: Course, launch: Launch, *, private: bool) -> bool:
    """Keep the services that lie on approved hosts; a launch goes on without the others (N80).

    Return whether there is a roster that was not known before.
    """
    before = course.roster_url
    for name, url in (
        ("roster_url", launch.services.roster),
        ("line_items_url", launch.services.line_items),
    ):
        if url and _approved(launch, url, private=private) and getattr(course, name) != url:
            setattr(course, name, url)
    return course.roster_url != before


def _keep_groups(session: Session, course: Course, launch: Launch, *, private: bool) -> None:
    """Keep where the course's groups are, if that lies on approved hosts (N80)."""
    urls = launch.services.groups, launch.services.group_sets
    if urls[0] and all(_approved(launch, url, private=private) for url in urls if url):
        rosters.keep_groups(session, course, *urls)


def _approved(launch: Launch, url: str, *, private: bool) -> bool:
    if hosts.approved(launch.platform, url, private=private):
        return True
    log.warning("service_refused", host=hosts.host(url), platform=str(launch.platform.id))
    return False


def _to_picker(launch: Launch, guest: Guest, *, private: bool) -> Arrival:
    if not guest.role.may_set_up:
        raise LaunchError(
            "role",
            "Only instructors and course designers can add something to a course.",
            status=403,
            advice="Go back to your course page.",
        )
    settings: dict[str, Any] = launch.deep_link or {}
    if not hosts.approved(launch.platform, settings["deep_link_return_url"], private=private):
        raise LaunchError(
            "deep_link_return_url",
            "Your LMS wants the choice to be brought to an address that is not known to be its "
            f"own ({hosts.host(settings['deep_link_return_url'])[:100]}).",
            status=400,
            advice=ADMINISTRATOR,
        )
    return Arrival(replace(guest, deep_link=settings), PICKER)


def _to_review(session: Session, launch: Launch, guest: Guest) -> Arrival:
    """Return the way to one learner's part; whoever is no staff goes to their own (L18)."""
    activity = submission_review.activity(session, launch, guest.course)
    guest, kind = replace(guest, activity=activity), registry.find(activity.kind)
    if kind is None:
        raise _unknown_kind()
    if not guest.role.is_staff:
        return Arrival(guest, kind.home)
    person_id = submission_review.learner(session, launch, guest.course)
    return Arrival(guest, f"{kind.name}.person", {"person_id": person_id})


def _unknown_kind() -> LaunchError:
    return LaunchError(
        "unknown_kind",
        "This activity was made with a part of the tool that is not installed here.",
        status=404,
        advice=ADMINISTRATOR,
    )


def _to_activity(
    session: Session, launch: Launch, guest: Guest, activity: Activity | None, *, private: bool
) -> Arrival | Notice:
    """Return the way to the activity of this link; `activity` is what stands there already."""
    role, copied = guest.role, False
    by_address = addresses.activity(session, launch.target, guest.course)
    activity = by_address or activity
    if activity is None:
        activity, copied = _named_activity(session, launch, guest.course)
    if activity is None and role.may_set_up:
        activity = _await_choice(session, launch, guest)
    if activity is None or (activity.state is ActivityState.DRAFT and not role.may_set_up):
        return NOT_SET_UP
    guest = replace(guest, activity=activity)
    if not activity.kind:
        return Arrival(guest, PICKER, {"copied": 1} if copied else {})
    kind = registry.find(activity.kind)
    if kind is None:
        raise _unknown_kind()
    url = launch.services.line_item if by_address is None else ""
    if url and _approved(launch, url, private=private):
        _keep_line_item(session, activity, kind, url)
    return Arrival(guest, kind.home)


def _named_activity(
    session: Session, launch: Launch, course: Course
) -> tuple[Activity | None, bool]:
    """Return the draft that the link names, now bound to it; else whether the link is a copy.

    A custom id only selects within the same course, and only a draft that has no link yet: it
    comes along when an LMS duplicates the link, or copies the course (security.md T11, TN5).
    """
    assert launch.link is not None  # a resource link request has one
    named = launch.custom.get("activity", "")
    if not named:
        return None, False
    try:
        activity_id = UUID(named)
    except ValueError:
        return None, True
    bound = session.execute(
        update(Activity)
        .where(
            Activity.id == activity_id,
            Activity.course_id == course.id,
            Activity.resource_link_key.is_(None),
        )
        .values(resource_link_key=launch.link.key, state=ActivityState.PUBLISHED)
    )
    assert isinstance(bound, CursorResult)
    if bound.rowcount != 1:
        faster = session.scalar(  # a class that opens a new link at once: one of them bound it
            select(Activity).where(
                Activity.id == activity_id,
                Activity.course_id == course.id,
                Activity.resource_link_key == launch.link.key,
            )
        )
        return faster, faster is None
    return session.get_one(Activity, activity_id, populate_existing=True), False


def _await_choice(session: Session, launch: Launch, guest: Guest) -> Activity:
    """Return a draft without a kind for a bare link: the picker fills it in."""
    assert launch.link is not None  # a resource link request has one
    activity = Activity(
        deployment_id=guest.course.deployment_id,
        course_id=guest.course.id,
        course=guest.course,
        resource_link_key=launch.link.key,
        kind="",
        title=launch.link.title or "An activity",
        created_by=guest.person.id,
        created_at=db.now(session),
    )
    session.add(activity)
    session.flush()
    copying.remember(session, launch, guest.person, activity, activity.created_at)
    return activity


def _keep_line_item(session: Session, activity: Activity, kind: ActivityKind, url: str) -> None:
    """Keep the grade column that came with the link; it belongs to the first component.

    It is remembered, because Moodle stops naming it once an activity has a second column.
    """
    component = kind.components[0]
    item = session.scalar(
        select(LineItem).where(
            LineItem.activity_id == activity.id, LineItem.component == component.key
        )
    )
    if item is None:
        item = LineItem(
            deployment_id=activity.deployment_id,
            activity_id=activity.id,
            component=component.key,
            label=component.label or activity.title,
            maximum=component.maximum,
        )
        session.add(item)
    if item.url != url:
        item.url = url
