from datetime import timedelta
from math import inf
from uuid import uuid4

import factories
import pytest

from lti_peer.core import queries
from lti_peer.core.groups import CourseGroup, CourseGroupMember
from lti_peer.goals import drawings, runs, words
from lti_peer.goals.models import Goal, Metric
from lti_peer.goals.outcomes import Outcome, State, meets
from lti_peer.goals.runs import Line
from lti_peer.peerwork import statements
from xapi.statement import voiding
from xapi.vocabulary import ATTENDED, LAUNCHED, PEER_TEACHING_SESSION, SUBMISSION, SUBMITTED

NOW = factories.NOW
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def later(told, **gap):
    return told.visit.now - DAY + timedelta(**gap)


def test_a_share_counts_who_did_it_often_enough_on_different_works(told):
    for who in range(5):
        told.review(who, "a")
        told.review(who, "b")
    told.review(5, "a")
    told.review(5, "a")  # sent again, changed
    goal = told.want(Metric.REVIEWED, 0.8, 2)
    found = told.outcome(goal)
    assert (found.state, found.count, found.whole) == (State.REACHED, 5, 6)
    assert words.result(Line(goal, found)) == (
        "5 of 6 learners, 83 %; most likely between 50 % and 96 %, from 6 learners. "
        "The target lies in that range: chance alone could have decided it."
    )


def test_what_is_done_after_the_date_does_not_count(told):
    for who in range(6):
        told.say(who, LAUNCHED, at=later(told, hours=who))
    found = told.outcome(told.want(Metric.OPENED, 0.9, due=later(told, hours=2)))
    assert (found.state, found.count) == (State.MISSED, 3)


def test_before_its_date_a_goal_is_on_the_way(told):
    for who in range(6):
        told.say(who, LAUNCHED)
    goal = told.want(Metric.OPENED, 0.9, due=told.visit.now + DAY)
    found = told.outcome(goal)
    assert (found.state, found.value) == (State.ON_THE_WAY, 1)
    assert words.result(Line(goal, found)).startswith("So far 6 of 6 learners, 100 %;")


def test_a_review_helps_by_its_authors_newest_answer_and_counts_for_who_wrote_it(told):
    told.help(0, 1, 0.5, "one")
    told.help(0, 2, 1.0, "two")
    told.help(3, 2, 1.0, "three")
    told.help(3, 2, 0.0, "three")  # the author thought again
    assert told.outcome(told.want(Metric.HELPED, 0.1, 2)).count == 1
    assert told.outcome(told.want(Metric.HELPED, 0.1, 1)).count == 1


def test_works_that_wait_longer_than_wanted_are_late_and_fresh_ones_are_left_out(told):
    for who in range(5):
        told.say(who, SUBMITTED, told.thing(SUBMISSION, who), at=later(told))
    for who, hours in enumerate((1, 2, 3)):
        told.review((who + 1) % 5, who, later(told, hours=hours))
    told.say(5, SUBMITTED, told.thing(SUBMISSION, 5), at=told.visit.now - HOUR)
    found = told.outcome(told.want(Metric.FIRST_FEEDBACK, 6))
    assert (found.whole, found.value, found.low, found.high) == (5, 3, 1, inf)
    assert found.state is State.REACHED


def test_a_wait_is_from_the_first_version_to_the_first_review_of_ones_own_works(told):
    for who in range(5):
        told.say(who, SUBMITTED, told.thing(SUBMISSION, who), at=later(told))
        told.say(who, SUBMITTED, told.thing(SUBMISSION, who), at=later(told, hours=1))
        for hours in (6, 9):
            told.review((who + 1) % 5, who, later(told, hours=hours))
    goal = told.want(Metric.FIRST_FEEDBACK, 6)
    assert told.outcome(goal).value == 6
    (line,) = runs.here(told.session, told.visit)
    assert words.result(line).startswith("Half of them within 6 hours;")
    queries.member(told.session, told.visit, told.people[0].id).active = False
    assert told.outcome(goal).whole == 4


def test_what_was_voided_or_is_another_tenants_counts_for_nobody(told):
    first = told.say(0, LAUNCHED)
    told.say(1, LAUNCHED)
    told.say(2, LAUNCHED, tenant=uuid4())
    who = statements.account(told.people[0])
    void = voiding(uuid4(), actor=who, target=first, at=NOW)
    told.put(void)
    assert told.outcome(told.want(Metric.OPENED, 0.9)).count == 1


@pytest.mark.parametrize(
    ("metric", "target", "met"),
    [(Metric.OPENED, 0.8, True), (Metric.FIRST_FEEDBACK, 24, True), (Metric.GAIN, 0.1, False)],
)
def test_what_just_comes_to_the_target_is_enough_but_for_a_gain(metric, target, met):
    goal = Goal(metric=metric, target=target)
    assert meets(goal, target) is met


def test_what_is_nearly_the_target_is_not_written_like_it():
    goal = Goal(metric=Metric.OPENED, target=0.8)
    assert [words.amount(goal, one) for one in (0.796, 0.8, 0.75)] == ["79.6 %", "80 %", "75 %"]
    goal = Goal(metric=Metric.FIRST_FEEDBACK, target=24)
    assert [words.amount(goal, one) for one in (24.3, 24, 0.5)] == [
        "24.3 hours", "24 hours", "30 minutes",
    ]  # fmt: skip


@pytest.mark.parametrize(("low", "high", "said"), [
    (0, 0.01, "most likely 1 minute"), (0.5, 3, "most likely between 30 minutes and 3 hours"),
    (3, inf, "most likely 3 hours or more"),
])  # fmt: skip
def test_a_range_is_said_once_where_its_ends_are_alike_and_nobody_waits_no_minutes(low, high, said):
    goal = Goal(metric=Metric.FIRST_FEEDBACK, target=24)
    found = Outcome(State.REACHED, 11, value=0.0, low=low, high=high)
    assert words.between(Line(goal, found)) == f"{said}, from 11 works"


def test_when_more_than_half_wait_there_is_no_middle_and_the_page_says_so(told):
    for who in range(6):
        told.say(who, SUBMITTED, told.thing(SUBMISSION, who), at=later(told))
    told.review(1, 0, later(told, hours=1))
    goal = told.want(Metric.FIRST_FEEDBACK, 6)
    found = told.outcome(goal)
    assert found.state is State.MISSED
    assert words.result(Line(goal, found)).startswith("More than half wait longer than that;")
    assert "<circle" not in drawings.one(Line(goal, found))
    assert words.table([Line(goal, found)]).rows[0][9:12] == (None, 1.0, None)


def test_a_gain_is_what_is_right_after_less_what_was_right_before(told):
    for who in range(4):
        told.check(who, before=False, after=True)
    told.check(4, before=True, after=False)
    told.check(5, before=True, after=True)
    goal = told.want(Metric.GAIN, 0.0)
    found = told.outcome(goal)
    assert (found.state, found.whole, found.value) == (State.REACHED, 6, 0.5)
    assert words.result(Line(goal, found)).startswith(
        "50 points more are right after than before; most likely between −12 and 87 points"
    )


def test_below_five_there_is_no_result_and_it_says_why(told):
    for who in range(4):
        told.check(who, before=False, after=True)
    goal = told.want(Metric.GAIN, 0.0)
    found = told.outcome(goal)
    assert (found.state, found.low) == (State.TOO_FEW, None)
    assert words.result(Line(goal, found)) == (
        "4 answers given twice. From 5 on there is a result: with fewer, one alone would decide it."
    )


def test_without_any_statement_it_says_that_nothing_is_known(told):
    goal = told.want(Metric.OPENED, 0.9)
    found = told.outcome(goal)
    assert (found.state, found.known) == (State.TOO_FEW, False)
    assert "no statement of this activity" in words.result(Line(goal, found))


def test_a_group_is_counted_by_who_is_in_it_now(told, session):
    ours = {"deployment_id": told.visit.deployment_id}
    group = CourseGroup(**ours, course_id=told.visit.course.id, key="g1", name="Tuesday")
    session.add(group)
    session.flush()
    session.add_all(
        CourseGroupMember(**ours, group_id=group.id, person_id=one.id) for one in told.people[:5]
    )
    for who in range(2, 6):
        told.say(who, LAUNCHED)
    goal = told.want(Metric.OPENED, 0.5, group="g1")
    found = told.outcome(goal)
    assert (found.count, found.whole) == (3, 5)
    assert words.title(goal) == "At least 50 % of “Tuesday” open it"
    session.delete(group)
    assert "or the LMS has it no more" in words.result(Line(goal, told.outcome(goal)))


def test_staff_and_people_who_left_are_in_no_goal(told, session):
    for who in range(6):
        told.say(who, ATTENDED, told.thing(PEER_TEACHING_SESSION, 1))
    queries.member(session, told.visit, told.people[0].id).active = False
    assert told.outcome(told.want(Metric.MET, 0.5, 1)).whole == 5
