from dataclasses import replace
from datetime import timedelta

import factories
import pytest

from lti_peer.core.copies import ActivityOrigin
from lti_peer.core.errors import Invalid
from lti_peer.core.models import ActivityState, Membership, Role
from lti_peer.goals import drawings, runs, service
from lti_peer.goals.models import Metric
from xapi.vocabulary import LAUNCHED


def other_term(told, role=Role.INSTRUCTOR):
    """Add a course with an activity of which ours is a copy, in which the visitor has a role."""
    session, ours = told.session, {"deployment_id": told.visit.deployment_id}
    course = factories.course(session, deployment=told.visit.course.deployment, title="Last term")
    activity = factories.activity(session, course, title="The first run")
    session.add(
        ActivityOrigin(
            **ours, activity_id=told.activity.id, origin_id=activity.id, found_at=factories.NOW
        )
    )
    session.add(
        Membership(
            **ours, course_id=course.id, person_id=told.teacher.id, role=role, number=1,
            seen_at=factories.NOW,
        )
    )  # fmt: skip
    session.flush()
    return activity


def titles(told):
    rows = runs.across(told.session, told.visit)
    return [[line.goal.activity.title for line in row.lines] for row in rows]


def test_like_goals_stand_together_whatever_their_targets(told, session):
    second = factories.activity(session, told.visit.course, title="Second")
    for who in range(6):
        told.say(who, LAUNCHED)
        told.say(who, LAUNCHED, about=second)
    told.want(Metric.OPENED, 0.9)
    told.want(Metric.OPENED, 0.5, activity=second)
    told.want(Metric.REVIEWED, 0.5, 3)
    told.want(Metric.REVIEWED, 0.5, 2)
    opened, two, three = runs.across(session, told.visit)
    assert [line.outcome.count for line in opened.lines] == [6, 6]
    assert (two.amount, three.amount) == (2, 3)
    assert drawings.ranges(opened).count("<circle") == 2


def test_the_first_run_of_a_copy_stands_beside_it_counted_by_its_own_class(told):
    told.want(Metric.OPENED, 0.9)
    first = other_term(told)
    told.want(Metric.OPENED, 0.9, activity=first)
    told.say(0, LAUNCHED)
    told.say(0, LAUNCHED, about=first)  # a learner of ours and of no other course
    (row,) = runs.across(told.session, told.visit)
    assert {line.goal.activity.title: line.outcome.whole for line in row.lines} == {
        told.activity.title: 6, "The first run": 0,
    }  # fmt: skip
    from_there = replace(told.visit, course=first.course, chosen=first)
    assert len(runs.across(told.session, from_there)[0].lines) == 2


def test_runs_in_courses_where_the_visitor_is_no_staff_are_not_shown(told):
    first = other_term(told, Role.LEARNER)
    told.want(Metric.OPENED, 0.9)
    told.want(Metric.OPENED, 0.9, activity=first)
    assert titles(told) == [[told.activity.title]]


def test_drafts_and_other_courses_are_no_runs(told, world):
    draft = factories.activity(told.session, told.visit.course, state=ActivityState.DRAFT)
    foreign = factories.activity(told.session, factories.course(told.session))
    for one in (draft, foreign):
        told.want(Metric.OPENED, 0.9, activity=one)
    assert titles(told) == []


def test_twenty_goals_are_enough(told):
    for amount in range(service.MOST):
        told.want(Metric.REVIEWED, 0.5, amount + 1)
    with pytest.raises(Invalid, match="Nothing has been saved"):
        told.want(Metric.OPENED, 0.5)


def test_of_many_runs_the_newest_are_shown(told, monkeypatch):
    monkeypatch.setattr(runs, "MOST", 2)
    for number in range(3):
        at = factories.NOW - timedelta(days=number)
        one = factories.activity(told.session, told.visit.course, title=f"{number} days ago")
        one.created_at = at
        told.want(Metric.OPENED, 0.9, activity=one)
    assert [sorted(row) for row in titles(told)] == [["0 days ago", "1 days ago"]]
