"""When somebody may act follows from dates, an extension and the time."""

from datetime import UTC, datetime, timedelta

import pytest

from lti_peer.rules.phases import PhaseState, Window

DUE = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
WEEK = Window(DUE - timedelta(days=7), DUE, DUE + timedelta(days=2))


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (WEEK.opens - INSTANT, PhaseState.PENDING),
        (WEEK.opens, PhaseState.OPEN),
        (DUE, PhaseState.OPEN),
        (DUE + INSTANT, PhaseState.LATE),
        (WEEK.closes, PhaseState.LATE),
        (WEEK.closes + INSTANT, PhaseState.CLOSED),
    ],
)
def test_a_phase_turns_at_the_very_instant(now, state):
    assert WEEK.state(now) is state
    assert WEEK.admits(now) == (state in {PhaseState.OPEN, PhaseState.LATE})


def test_without_an_end_of_its_own_a_phase_closes_when_it_is_due():
    assert Window(None, DUE).state(DUE + INSTANT) is PhaseState.CLOSED


def test_without_a_due_date_a_phase_is_open_until_it_closes():
    window = Window(closes=DUE)
    assert window.state(DUE) is PhaseState.OPEN
    assert window.state(DUE + INSTANT) is PhaseState.CLOSED


def test_without_any_date_a_phase_is_open():
    assert Window().state(DUE) is PhaseState.OPEN


def test_an_extension_moves_the_due_date_for_one_person():
    later = DUE + timedelta(days=1)
    assert WEEK.extended(later).state(later) is PhaseState.OPEN
    assert WEEK.state(later) is PhaseState.LATE


def test_an_extension_beyond_the_end_moves_the_end():
    later = WEEK.closes + timedelta(days=5)
    assert WEEK.extended(later).state(later) is PhaseState.OPEN
    assert WEEK.extended(later).state(later + INSTANT) is PhaseState.CLOSED


def test_an_extension_never_takes_time_away():
    earlier = DUE - timedelta(days=3)
    assert WEEK.extended(earlier).closes == WEEK.closes
