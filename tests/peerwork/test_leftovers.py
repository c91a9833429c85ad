"""Drafts go a month after nobody can hand them in any more, and no day earlier."""

from datetime import timedelta

import factories
import pytest
from sqlalchemy import select

from lti_peer.jobs import timers
from lti_peer.peerwork import leftovers, phases, submissions
from lti_peer.peerwork.phases import Extension, Phase
from lti_peer.peerwork.submissions import Draft
from lti_peer.rules.phases import Window

NOW = factories.NOW
DAY = timedelta(days=1)
ENDED = NOW - 31 * DAY
LATE = NOW - 29 * DAY


@pytest.fixture
def typed(session, activity, enter):
    """A function that keeps a draft in the activity, which has these phases."""

    def keep(at=ENDED, **windows):
        phases.set_dates(session, activity, windows)
        visit = enter(at)
        submissions.keep_draft(session, visit, "work", {"text": "Half a text"}, 0)
        return visit

    return keep


@pytest.mark.parametrize(("window", "gone"), [
    (Window(due=ENDED), True), (Window(due=ENDED - 9 * DAY, closes=ENDED), True),
    (Window(due=LATE), False), (Window(due=ENDED, closes=LATE), False), (Window(), False),
])  # fmt: skip
def test_a_draft_is_over_a_month_after_the_last_end_of_its_activity(session, typed, window, gone):
    typed(submit=Window(due=ENDED - DAY), review=window)
    assert bool(leftovers.stale(session, NOW)) is gone


def test_an_extension_keeps_everybodys_drafts_as_long(session, typed):
    visit = typed(submit=Window(due=ENDED))
    phase = session.scalars(select(Phase)).one()
    session.add(Extension(
        deployment_id=visit.deployment_id, phase_id=phase.id, person_id=visit.person.id, due_at=LATE
    ))  # fmt: skip
    assert leftovers.stale(session, NOW) == []


def test_what_was_typed_lately_and_what_has_no_dates_stays(session, typed):
    typed(at=LATE, submit=Window(due=ENDED))
    session.execute(Phase.__table__.delete())
    typed()
    assert leftovers.stale(session, NOW) == []


def test_the_timers_clear_drafts_away_but_for_those_that_are_typed_in_meanwhile(
    session, typed, database, monkeypatch
):
    typed(submit=Window(due=ENDED))
    kept = typed(submit=Window(due=ENDED))
    session.commit()
    both = leftovers.stale(session, NOW)
    session.scalars(select(Draft).where(Draft.person_id == kept.person.id)).one().at = NOW
    session.commit()
    monkeypatch.setattr(leftovers, "stale", lambda *_: both)
    timers.turn(database, NOW, "https://tool.example")

    assert session.scalars(select(Draft.person_id)).all() == [kept.person.id]
