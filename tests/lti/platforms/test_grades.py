"""A class's scores arrive, once, whatever the LMS's manners and whatever goes wrong on the way."""

import pytest
from sqlalchemy import select

from lti_peer.core.grades import Grade, GradeState
from lti_peer.demo.platform.faults import Fault
from lti_peer.demo.platform.profiles import PROFILES

pytestmark = pytest.mark.one_database
"""An LMS's manners and our database never meet; `lti/live` plays the rounds on both."""

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
MOST_TURNS = 10
WITHOUT_EFFECT = (Fault.AWAY, Fault.BROKEN, Fault.STRICT, Fault.MOVED)
WITH_EFFECT = (Fault.LOST, Fault.SLOW)


@pytest.fixture
def learned(stage, placed):
    """A class of five who have opened the activity."""
    for person in stage.lms.learners:
        stage.launch(person, placed)
    return stage


def shares(turn=0):
    """Return what each learner has; in each turn it is another's."""
    return SHARES[turn:] + SHARES[:turn]


def points(turn=0):
    return [20 * share for share in shares(turn)]


def post_all(stage, turn=0):
    for person, share in zip(stage.lms.learners, shares(turn), strict=True):
        stage.post(person, "work", share)


def deliver_all(stage):
    """Deliver until nothing is left; what is final is final."""
    for _ in range(MOST_TURNS):
        if not stage.deliver_again():
            return


def standing(stage):
    return [stage.points(person)["work"] for person in stage.lms.learners]


def accepted(stage):
    """Return for each learner the points that the LMS ever accepted."""
    book = stage.lms.gradebook
    (column,) = [each for each in book.columns if each.tag == "work"]
    scores = (book.history(column.id, person.id) for person in stage.lms.learners)
    return [tuple(score.given for score in of_one) for of_one in scores]


def states(stage):
    with stage.database.transaction(read_only=True) as session:
        return {(grade.state, grade.problem) for grade in session.scalars(select(Grade))}


def test_a_class_of_scores_arrives(learned):
    post_all(learned)
    learned.deliver()

    assert standing(learned) == points()
    assert states(learned) == {(GradeState.SENT, "")}


def test_a_class_of_scores_arrives_once_after_each_trouble(learned):
    for turn, fault in enumerate(WITHOUT_EFFECT):
        post_all(learned, turn)
        learned.lms.faults.begin(fault, times=2)
        deliver_all(learned)

        assert standing(learned) == points(turn)
        assert accepted(learned) == list(zip(*map(points, range(turn + 1)), strict=True))
        assert states(learned) == {(GradeState.SENT, "")}


def test_a_class_of_scores_has_one_effect_though_answers_are_lost(learned):
    for turn, fault in enumerate(WITH_EFFECT):
        post_all(learned, turn)
        learned.lms.faults.delay = 1.3
        learned.lms.faults.begin(fault, times=1)
        deliver_all(learned)

        assert standing(learned) == points(turn)
        told = [set(given) for given in zip(*map(points, range(turn + 1)), strict=True)]
        assert [set(given) for given in accepted(learned)] == told
        assert states(learned) == {(GradeState.SENT, "")}


def test_a_token_that_the_lms_has_forgotten_is_asked_for_anew(learned):
    post_all(learned)
    learned.deliver()
    learned.lms.access_tokens._kept.clear()
    learned.post(learned.lms.learners[0], "work", 0.9)
    deliver_all(learned)

    assert standing(learned)[0] == 18.0


def test_two_grades_within_a_second_end_with_the_second(learned):
    for share in (0.2, 0.4):
        learned.post(learned.lms.learners[0], "work", share)
        learned.deliver()
    deliver_all(learned)

    assert standing(learned)[0] == 8.0


def test_somebody_who_is_no_learner_holds_up_nobody(learned, placed):
    learned.launch(learned.lms.instructor, placed)
    learned.post(learned.lms.instructor, "work", 0.5)
    post_all(learned)
    deliver_all(learned)

    assert standing(learned) == points()
    assert {state for state, _ in states(learned)} == {GradeState.SENT, GradeState.REFUSED}


def test_a_second_column_is_made_and_found_again(learned):
    for share in (0.2, 0.4):
        learned.post(learned.lms.learners[0], "reviewing", share)
        deliver_all(learned)

    assert [column.tag for column in learned.lms.gradebook.columns] == ["work", "reviewing"]
    assert learned.points(learned.lms.learners[0])["reviewing"] == 2.0


@pytest.mark.parametrize("manners", ["moodle"], indirect=True)
def test_no_address_in_a_private_network_is_called(learned):
    post_all(learned)
    learned.lms.faults.begin(Fault.MOVED)
    learned.deliver()

    ((state, problem),) = states(learned)
    assert state is GradeState.WAITING
    assert "another address" in problem


@pytest.mark.parametrize("manners", ["moodle", "canvas"], indirect=True)
def test_a_clock_that_is_far_behind_makes_grades_wait_and_not_vanish(learned):
    learned.lms.faults.begin(Fault.BEHIND)
    post_all(learned)
    learned.deliver()
    assert {state for state, _ in states(learned)} == {GradeState.WAITING}

    learned.lms.faults.clear()
    deliver_all(learned)
    assert standing(learned) == points()


@pytest.mark.parametrize("manners", ["canvas"], indirect=True)
def test_a_grade_is_never_an_attempt(learned):
    assert PROFILES["canvas"].attempts == 1
    for share in (0.2, 0.4, 0.6):
        learned.post(learned.lms.learners[0], "work", share)
        deliver_all(learned)

    history = learned.lms.gradebook.history("1", learned.lms.learners[0].id)
    assert [score.attempt for score in history] == [False, False, False]
