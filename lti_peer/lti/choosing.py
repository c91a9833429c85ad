"""An instructor chooses what an activity is: for a link still to be placed, or for a bare one."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from lti_peer.activities.kind import ActivityKind
from lti_peer.core import audit, db
from lti_peer.core.errors import Conflict
from lti_peer.core.models import Activity, ActivityState
from lti_peer.core.visit import Visit


def is_bare(visit: Visit) -> bool:
    """Whether the visitor opened a link that the LMS has placed and that is nothing yet."""
    return visit.deep_link is None and visit.chosen is not None and not visit.chosen.kind


Fill = Callable[[Session, Visit], None]
"""Gives the visit's fresh activity its settings."""


def choose(
    session: Session, visit: Visit, kind: ActivityKind, fill: Fill | None = None
) -> Activity:
    """Return the visit's activity, made one of this kind by `fill`, or with the kind's preset.

    A bare link becomes it and is published, because the course page shows it already. Otherwise
    a draft is made, which stays one until its first launch; it may never come (moodle.md).

    Raises Conflict when somebody else has set the link up meanwhile, or when there is nothing to
    choose.
    """
    if is_bare(visit):
        activity = _fill_in(session, visit, kind)
    elif visit.deep_link is not None:
        activity = _draft(session, visit, kind)
    else:
        raise Conflict("This activity has been set up already.", code="chosen_already")
    chosen = replace(visit, chosen=activity)
    (fill or kind.prepare)(session, chosen)
    audit.note(session, chosen, "chose_kind", kind=kind.name)
    return activity


def _fill_in(session: Session, visit: Visit, kind: ActivityKind) -> Activity:
    activity = visit.activity
    session.refresh(activity, with_for_update={"of": Activity})
    if activity.kind:
        raise Conflict(
            "Somebody else has just set this activity up.",
            advice="Open it again from your course page.",
            code="chosen_already",
        )
    activity.kind, activity.state = kind.name, ActivityState.PUBLISHED
    activity.title = activity.title or kind.label
    activity.created_by = visit.person.id
    session.flush()
    return activity


def _draft(session: Session, visit: Visit, kind: ActivityKind) -> Activity:
    activity = Activity(
        deployment_id=visit.deployment_id,
        course_id=visit.course.id,
        course=visit.course,
        kind=kind.name,
        title=kind.label,
        state=ActivityState.DRAFT,
        created_by=visit.person.id,
        created_at=db.now(session),
    )
    session.add(activity)
    session.flush()
    return activity
