from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_peer.activities.peer_review import rules
from lti_peer.activities.peer_review.rules import Next, Situation
from lti_peer.activities.peer_review.settings import Counted, Opens, Settings, preset_dates
from lti_peer.rules.phases import PhaseState, Window
from lti_peer.rules.scoring import Estimate

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WINDOW = Window(NOW, NOW + timedelta(days=7))

situations = st.builds(
    Situation,
    submit=st.sampled_from(PhaseState),
    review=st.sampled_from(PhaseState),
    handed_in=st.booleans(),
    may_review=st.booleans(),
    given=st.integers(0, 4),
    owed=st.integers(0, 3),
    writing=st.booleans(),
    available=st.booleans(),
    feedback_open=st.booleans(),
    received=st.integers(0, 4),
    read=st.booleans(),
)


def situation(**over):
    facts = {
        "submit": PhaseState.CLOSED, "review": PhaseState.OPEN, "handed_in": True,
        "may_review": True, "given": 0, "owed": 3, "writing": False, "available": True,
        "feedback_open": False, "received": 0, "read": False,
    }  # fmt: skip
    return Situation(**{**facts, **over})


READ = {"review": PhaseState.CLOSED, "feedback_open": True, "received": 2, "read": True}


@given(situations)
def test_nobody_is_asked_for_what_is_closed(now):
    act = rules.next_act(now)

    if act is Next.HAND_IN:
        assert now.submit in {PhaseState.OPEN, PhaseState.LATE}
    if act in {Next.TAKE_REVIEW, Next.TAKE_ANOTHER}:
        assert now.review in {PhaseState.OPEN, PhaseState.LATE}
        assert now.available
    if act is Next.READ_FEEDBACK:
        assert now.feedback_open
    if act is Next.TAKE_ANOTHER:
        assert now.given >= now.owed


@given(situations)
def test_who_owes_a_review_and_can_be_given_one_is_asked_for_it(now):
    owes = now.handed_in and now.may_review and now.given < now.owed and now.available
    if owes and now.review is PhaseState.OPEN and not now.writing:
        assert rules.next_act(now) is Next.TAKE_REVIEW


@pytest.mark.parametrize(
    ("facts", "act"),
    [
        ({"submit": PhaseState.OPEN, "handed_in": False, "may_review": False}, Next.HAND_IN),
        ({"submit": PhaseState.LATE, "handed_in": False, "may_review": False}, Next.HAND_IN),
        ({"handed_in": False, "may_review": False}, Next.MISSED),
        ({"review": PhaseState.PENDING}, Next.WAIT_FOR_REVIEWING),
        ({"writing": True}, Next.CONTINUE_REVIEW),
        ({"available": False}, Next.WAIT_FOR_WORK),
        ({"given": 3}, Next.TAKE_ANOTHER),
        ({"given": 3, "available": False}, Next.WAIT_FOR_FEEDBACK),
        ({"given": 3, "available": False, "feedback_open": True}, Next.WAIT_FOR_FEEDBACK),
        ({"review": PhaseState.CLOSED, "feedback_open": True, "received": 2}, Next.READ_FEEDBACK),
        ({"review": PhaseState.CLOSED, "feedback_open": True, "read": True}, Next.FINISHED),
        ({**READ, "read": False, "revise": PhaseState.OPEN}, Next.READ_FEEDBACK),
        ({**READ, "revise": PhaseState.OPEN}, Next.REVISE),
        ({**READ, "revise": PhaseState.OPEN, "received": 0}, Next.FINISHED),
        ({**READ, "look": PhaseState.PENDING, "revised": True}, Next.REVISED),
        ({**READ, "look": PhaseState.PENDING, "looks": 1}, Next.FINISHED),
        ({**READ, "look": PhaseState.OPEN, "looks": 1}, Next.LOOK_AGAIN),
        ({**READ, "revised": True, "looks": 1}, Next.FINISHED),
    ],
)
def test_the_next_act_follows_from_the_facts(facts, act):
    assert rules.next_act(situation(**facts)) is act


def test_a_small_class_owes_no_more_than_there_is_once_nobody_can_hand_in():
    assert rules.owed(3, 2, complete=True) == 2
    assert rules.owed(3, 2, complete=False) == 3
    assert rules.owed(3, 20, complete=True) == 3


@pytest.mark.parametrize(
    ("first", "final", "better", "newest"),
    [(0.5, 0.7, 0.7, 0.7), (0.7, 0.5, 0.7, 0.5), (0.5, None, 0.5, 0.5), (0.5, 0.5, 0.5, 0.5)],
)
def test_the_better_score_counts_or_the_final_one_as_it_is_set(first, final, better, newest):
    both = [
        share if share is None else Estimate(share, None, None, {}, "") for share in (first, final)
    ]
    assert rules.counts(*both, Counted.BETTER).share == better
    assert rules.counts(*both, Counted.FINAL).share == newest


def test_feedback_opens_for_everybody_when_reviewing_has_closed():
    later = NOW + timedelta(days=7, seconds=1)
    for rule, finished in product(Opens, (True, False)):
        assert rules.feedback_opens(rule, WINDOW, later, finished=finished)


def test_feedback_opens_early_only_for_who_has_finished_where_that_is_set():
    assert rules.feedback_opens(Opens.FINISHED, WINDOW, NOW, finished=True)
    assert not rules.feedback_opens(Opens.FINISHED, WINDOW, NOW, finished=False)
    assert not rules.feedback_opens(Opens.CLOSED, WINDOW, NOW, finished=True)


def test_a_score_is_explained_with_its_interval():
    told = rules.explain(0.74, 0.69, 0.79, 4)
    assert told == "74 of 100, most likely between 69 and 79, from 4 reviews."


def test_a_score_of_few_reviews_says_why_it_has_no_interval():
    assert rules.explain(0.5, None, None, 1).startswith("50 of 100, from 1 review; too few")


@given(
    st.builds(
        Settings, reviews=st.integers(1, 10), blind=st.booleans(), must_hand_in=st.booleans(),
        late_work=st.booleans(), feedback=st.sampled_from(Opens), revise=st.booleans(),
        counted=st.sampled_from(Counted),
    )
)  # fmt: skip
def test_settings_survive_being_stored(chosen):
    assert Settings.of(chosen.dump()) == chosen


def test_settings_of_an_older_version_are_filled_up_from_the_preset():
    assert Settings.of({"reviews": 5, "forgotten": 1}) == Settings(reviews=5)


def test_the_preset_is_due_at_a_minute_to_midnight_in_the_zone_of_the_instructor():
    dates = preset_dates(NOW, "Europe/Paris")
    assert dates.submit_due.isoformat() == "2026-11-30T23:59:00+01:00"
    assert dates.review_due - dates.submit_due == timedelta(days=7)
