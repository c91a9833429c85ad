"""What staff can do: set up, give more time, close a phase, release grades, answer calls."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.peer_review import overview, queries, service, statements
from lti_peer.activities.peer_review.queries import PURPOSE
from lti_peer.activities.peer_review.settings import (
    INSTRUCTIONS,
    PRESET,
    RUBRIC,
    SUBMIT,
    Dates,
    Settings,
    preset_dates,
)
from lti_peer.core import audit
from lti_peer.core import queries as people
from lti_peer.core.errors import Invalid
from lti_peer.core.visit import Visit
from lti_peer.peerwork import feedback, needs, phases, scores
from lti_peer.rules.rubric import Criterion


@dataclass(frozen=True)
class Plan:
    """Everything that the settings page decides."""

    title: str
    instructions: str
    """Markdown."""
    settings: Settings
    dates: Dates
    criteria: Sequence[Criterion]


def prepare(session: Session, visit: Visit) -> None:
    """Fill the fresh activity with the preset "graded review", usable as it is."""
    activity = visit.activity
    activity.instructions = activity.instructions or INSTRUCTIONS
    activity.settings = PRESET.dump()
    dates = preset_dates(visit.now, visit.zone)
    phases.set_dates(session, activity, dates.windows(late_work=PRESET.late_work))
    feedback.set_rubric(session, activity, RUBRIC)


def save(session: Session, visit: Visit, plan: Plan) -> None:
    """Keep the plan. A changed rubric is a new version; reviews that were given out keep theirs.

    Raises Invalid for dates out of order, and when names were promised to stay hidden and somebody
    has reviewed on that promise.
    """
    activity, before = visit.activity, queries.settings(visit)
    if before.blind and not plan.settings.blind and overview.has_reviews(session, visit):
        raise Invalid(
            "Reviews have been written on the promise that nobody learns a name.",
            {"blind": "Names cannot be shown any more, because reviews have begun."},
        )
    if plan.dates.review_due <= plan.dates.submit_due:
        raise Invalid(
            "The dates are out of order.",
            {"review_due": "Reviews must be due after the work is due."},
        )
    _keep_promise(session, visit, before, plan.settings)
    activity.title, activity.instructions = plan.title, plan.instructions
    activity.settings = plan.settings.dump()
    windows = plan.dates.windows(late_work=plan.settings.late_work)
    phases.set_dates(session, activity, windows)
    feedback.set_rubric(session, activity, plan.criteria)
    if plan.settings.reviews != before.reviews:
        needs.resize(session, visit, PURPOSE, plan.settings.reviews, service.SPARE)
    audit.note(session, visit, "changed_settings", settings=activity.settings)


def _keep_promise(session: Session, visit: Visit, before: Settings, after: Settings) -> None:
    """Raise Invalid when people have revised on a promise that would be broken."""
    changed = (after.revise, after.counted) != (before.revise, before.counted)
    if before.revise and changed and overview.revisions(session, visit).handed_in:
        raise Invalid(
            "Work has been revised on the promise of a second look and of which score counts.",
            {"revise": "This cannot be changed any more, because somebody has revised."},
        )


def extend(session: Session, visit: Visit, person_id: UUID, key: str, due: datetime) -> None:
    """Give one member of the course until `due` in the phase `key`.

    Raises NotFound for a stranger, Invalid for an unknown phase or a date that is over.
    """
    people.member(session, visit, person_id)
    if due <= visit.now:
        raise Invalid(
            "This date is over already.", {"due": "Choose a date and time that is to come."}
        )
    phases.extend(session, visit, key, person_id, due)


def close(session: Session, visit: Visit, key: str) -> None:
    """End a phase for everybody now; ended handing in takes no late work either.

    Raises Invalid for an unknown phase and Conflict when it is over already.
    """
    phases.close(session, visit, key)
    if key == SUBMIT:
        chosen = replace(queries.settings(visit), late_work=False)
        visit.activity.settings = chosen.dump()


def release(session: Session, visit: Visit) -> int:
    """Send every score to the LMS, and each later one too; return how many there are.

    Pressing twice sends nothing twice: a grade that the LMS has been told is not told again.
    """
    sent = scores.release(session, visit)
    members = people.members(session, visit)
    for person_id, mine in scores.standing(session, visit).items():
        if person_id in members:
            statements.scored(session, visit, members[person_id].person, mine[service.WORK])
    audit.note(session, visit, "released_grades", count=sent)
    return sent
