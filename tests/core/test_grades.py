"""A grade is told in its newest version, with a time stamp that only grows."""

from datetime import timedelta

import factories
import pytest
from sqlalchemy import select

from lti_peer.core import db, grades
from lti_peer.core.grades import GradeState
from lti_peer.core.models import Role
from lti_peer.core.outbox import OutboxItem


@pytest.fixture
def activity(session):
    return factories.activity(session, factories.course(session))


@pytest.fixture
def learner(session, activity):
    return factories.person(session, activity.course, Role.LEARNER)


@pytest.fixture
def post(session, activity, learner):
    def give(share, comment="", component="work"):
        return grades.post(session, activity, learner.id, component, share, comment)

    return give


def news(session):
    session.flush()
    return session.scalars(select(OutboxItem)).all()


def test_a_grade_is_kept_and_told(session, post):
    grade = post(0.75)
    assert (grade.share, grade.version, grade.state) == (0.75, 1, GradeState.WAITING)
    assert [item.payload for item in news(session)] == [{"grade": str(grade.id)}]


def test_the_same_grade_is_not_told_again(session, post):
    post(0.75)
    (before,) = news(session)
    version = before.version
    post(0.75)
    assert [item.version for item in news(session)] == [version]


def test_another_share_or_comment_is_a_new_version_of_one_item(session, post):
    post(0.5)
    post(0.6)
    grade = post(0.6, "Two reviews count.")
    assert grade.version == 3
    assert [item.version for item in news(session)] == [3]


def test_a_refusal_is_forgotten_when_there_is_something_new_to_tell(post):
    grade = post(0.5)
    grade.state, grade.problem = GradeState.REFUSED, "The LMS does not know this person."
    post(0.6)
    assert (grade.state, grade.problem) == (GradeState.WAITING, "")


def test_components_are_graded_apart(session, post):
    post(0.5, component="teaching")
    post(0.7, component="participation")
    assert len(news(session)) == 2


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_share_out_of_range_is_refused(session, post, share):
    with pytest.raises(ValueError, match="0 to 1"):
        post(share)
    assert news(session) == []


def test_a_stamp_is_later_than_any_before_by_a_step(session, post):
    grade = post(0.5)
    stamps = []
    for _ in range(3):
        grades.stamp(session, grade.id, step=timedelta(seconds=1))
        stamps.append(grade.stamped_at)
    assert stamps[1] - stamps[0] >= timedelta(seconds=1)
    assert stamps[2] - stamps[1] >= timedelta(seconds=1)


def test_a_stamp_is_later_even_when_the_clock_was_put_back(session, post):
    grade = post(0.5)
    future = db.now(session) + timedelta(days=1)
    grade.stamped_at = future
    session.flush()
    grades.stamp(session, grade.id, step=timedelta(seconds=1))
    assert grade.stamped_at == future + timedelta(seconds=1)


def test_a_grade_that_has_gone_is_not_stamped(session, activity):
    assert grades.stamp(session, activity.id, step=timedelta(seconds=1)) is None
