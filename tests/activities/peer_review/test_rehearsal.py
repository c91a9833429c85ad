"""What made-up people do for whoever tries a peer review with revisions."""

from dataclasses import replace
from datetime import timedelta

import factories
import pytest
from sqlalchemy import select

from lti_peer.activities import registry
from lti_peer.activities.peer_review import queries, service
from lti_peer.activities.peer_review.settings import Dates
from lti_peer.core.models import Activity, Person, Role
from lti_peer.peerwork import allocations, feedback, phases, scores, submissions
from lti_peer.peerwork.feedback import Target
from lti_peer.previews import service as previews
from lti_peer.web.visits import Guest

DAY = timedelta(days=1)


@pytest.fixture
def inside(session, world):
    """The visit of a teacher who tries an activity in which work is revised."""
    world.build(learners=1)
    origin = session.get_one(Activity, world.activity.id)
    guest = Guest(session.get_one(Person, world.teacher.id), origin.course, Role.PREVIEW, origin)
    registry.find("peer_review").prepare(session, factories.visit(guest.person, origin))
    origin.settings = {**origin.settings, "revise": True}
    due = [factories.NOW + number * DAY for number in (7, 14, 21, 28)]
    dates = Dates(due[0], due[1], None, due[2], due[3])
    phases.set_dates(session, origin, dates.windows(late_work=True))
    admitted = previews.admit(session, guest, "https://tool.example")
    return factories.visit(admitted.person, admitted.activity)


def test_there_is_a_stage_for_each_part_and_one_for_the_score(inside):
    keys = [one.key for one in registry.find("peer_review").rehearsal.stages(inside)]
    assert keys == ["submit", "review", "feedback", "look", "score"]


def test_those_whom_the_visitor_reviewed_revise_and_the_visitor_is_asked_again(session, inside):
    previews.go_to(session, inside, "look")
    asked = allocations.mine(session, inside, queries.SECOND_LOOK)
    assert len(asked) == 3
    assert submissions.own(session, inside).revised_at is not None
    assert service.situation(session, inside).looks == 3


def test_the_visitors_reviewers_look_again_and_the_score_is_the_better_one(session, inside):
    previews.go_to(session, inside, "score")
    work = submissions.own(session, inside)
    assert len(feedback.about(session, inside, Target.REVISION, work.id)) == 3
    assert scores.of_person(session, inside, inside.person.id)["work"].share == 1


def test_acting_once_more_changes_nothing(session, inside):
    previews.go_to(session, inside, "look")
    before = len(session.scalars(select(feedback.Feedback)).all())
    previews.react(session, replace(inside))
    assert len(session.scalars(select(feedback.Feedback)).all()) == before
