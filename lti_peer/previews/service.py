"""What somebody does who tries an activity: come in, start over, go to a stage."""

from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from lti_peer.activities import registry
from lti_peer.activities.kind import ActivityKind
from lti_peer.core import db
from lti_peer.core.errors import NotFound
from lti_peer.core.models import Activity, Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork import phases
from lti_peer.previews import making, staging
from lti_peer.previews.models import Sandbox
from lti_peer.web.visits import Guest


def admit(session: Session, guest: Guest, base_url: str) -> Guest:
    """Return the guest as a learner in a sandbox of their own; without an activity, as they came.

    The sandbox that they have had goes on, unless staff have changed the activity since.
    """
    kind = registry.find(guest.activity.kind) if guest.activity else None
    if guest.activity is None or kind is None:
        return guest
    visit = Visit(
        id=uuid4(), person=guest.person, course=guest.course, role=Role.LEARNER,
        now=db.people_now(session), base_url=base_url, zone=guest.zone, chosen=guest.activity,
    )  # fmt: skip
    found = making.find(session, guest.activity, guest.person)
    if found is None:
        copy = making.make(session, visit, kind)
    elif making.is_outdated(session, found):
        copy = making.renew(session, found, visit, kind)
    else:
        found.used_at = visit.now
        copy = making.copy_in(session, found)
    return replace(guest, course=copy.course, activity=copy, role=Role.LEARNER)


def start_over(session: Session, visit: Visit) -> None:
    """Give the visitor a fresh sandbox, with the activity as it is now. Raises NotFound.

    Of two clicks at once one does it, and both come into it.
    """
    try:
        sandbox, origin = _tried(session, visit)
    except NotFound:
        if making.has_moved(session, visit):
            return
        raise
    about = replace(visit, course=origin.course, chosen=origin)
    making.renew(session, sandbox, about, _kind(origin))


def go_to(session: Session, visit: Visit, key: str) -> None:
    """Bring the visitor's sandbox to the stage `key`. Raises NotFound, and Invalid for no stage."""
    _, origin = _tried(session, visit)
    people = making.cast(session, visit.course.id)
    dates = phases.dates(session, origin)
    staging.go_to(session, visit, _kind(origin).rehearsal, key, people, dates)


def react(session: Session, visit: Visit) -> None:
    """Let the made-up people answer to what the visitor has just done."""
    people = making.cast(session, visit.course.id)
    _kind(visit.activity).rehearsal.play(session, visit, people)


def _tried(session: Session, visit: Visit) -> tuple[Sandbox, Activity]:
    """Return the visit's sandbox and the activity that is tried there; else raise NotFound."""
    course_id: UUID = visit.course.id
    sandbox = session.get(Sandbox, course_id, with_for_update=True)
    if sandbox is None:
        raise NotFound("There is nothing to try here any more.")
    return sandbox, session.get_one(Activity, sandbox.origin_id)


def _kind(activity: Activity) -> ActivityKind:
    kind = registry.find(activity.kind)
    if kind is None:
        raise NotFound("There is no such kind of activity any more.")
    return kind
