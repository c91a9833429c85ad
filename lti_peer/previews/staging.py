"""What is open in a sandbox, and who has done what by then: only dates move, as in any activity."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from lti_peer.activities.kind import Rehearsal, Stage
from lti_peer.core.errors import Invalid
from lti_peer.core.models import Activity, Person, Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork import phases
from lti_peer.rules.phases import Window

A_MOMENT: Final = timedelta(minutes=1)
"""So long ago a stage has begun to which somebody goes, unless it was over by then."""
ROOM: Final = timedelta(days=1)
"""So long the first stage goes on where its end has passed."""


def inside(visit: Visit, copy: Activity) -> Visit:
    """Return the visit as one of a learner to a copy in a sandbox."""
    return replace(visit, course=copy.course, chosen=copy, role=Role.LEARNER)


def current(stages: Sequence[Stage], dates: Mapping[str, Window], now: datetime) -> Stage | None:
    """Return the stage that is on: the last that has begun, or None when there are no stages.

    The first has always begun, and one without a date never.
    """
    begun = [one for one in stages[1:] if (at := one.begins(dates)) is not None and at <= now]
    return [*stages[:1], *begun][-1] if stages else None


def begin(
    session: Session,
    visit: Visit,
    rehearsal: Rehearsal,
    people: Sequence[Person],
    dates: Mapping[str, Window],
) -> None:
    """Bring a new sandbox to the stage that is on, with what is done by then, at the real dates."""
    stages = rehearsal.stages(visit)
    on = current(stages, dates, visit.now)
    if on is not None:
        _play(session, visit, rehearsal, people, dates, stages.index(on))
    phases.set_dates(session, visit.activity, dates)


def go_to(
    session: Session,
    visit: Visit,
    rehearsal: Rehearsal,
    key: str,
    people: Sequence[Person],
    dates: Mapping[str, Window],
) -> None:
    """Bring a sandbox to a stage; what the visitor has left undone before it is done for them.

    `dates` are those of the activity that is tried: all move by the same time, so the stages last
    as long as they will. Raises Invalid when there is no such stage.
    """
    stages = rehearsal.stages(visit)
    place = next((n for n, one in enumerate(stages) if one.key == key), None)
    if place is None:
        raise Invalid("There is no such part to try.")
    visit.activity.released_at = None
    _play(session, visit, rehearsal, people, dates, place)


def _play(
    session: Session,
    visit: Visit,
    rehearsal: Rehearsal,
    people: Sequence[Person],
    dates: Mapping[str, Window],
    place: int,
) -> None:
    """Let everybody do what is done before a stage, and the made-up people what is done in it.

    The grades are released in the last.
    """
    stages = rehearsal.stages(visit)
    for number in range(place + 1):
        phases.set_dates(session, visit.activity, _at(stages, number, dates, visit.now))
        there = number == place
        if there and number == len(stages) - 1:
            visit.activity.released_at = visit.now
        rehearsal.play(session, visit, people if there else [*people, visit.person])


def _at(
    stages: Sequence[Stage], place: int, dates: Mapping[str, Window], now: datetime
) -> dict[str, Window]:
    """Return the dates moved so that a stage has just begun; the first, so that it goes on."""
    begins = stages[place].begins(dates)
    ends = stages[place + 1].begins(dates) if place + 1 < len(stages) else None
    if begins is not None:
        since = A_MOMENT if ends is None else min(A_MOMENT, (ends - begins) / 2)
        return _moved(dates, now - since - begins)
    if ends is None or ends > now:
        return dict(dates)
    return _moved(dates, now + ROOM - ends)


def _moved(dates: Mapping[str, Window], by: timedelta) -> dict[str, Window]:
    return {
        key: Window(*(at and at + by for at in (one.opens, one.due, one.closes)))
        for key, one in dates.items()
    }
