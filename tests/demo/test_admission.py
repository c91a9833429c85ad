"""The demo with the manners of another LMS: the tool comes in by hand, and people work."""

import pytest

from lti_peer.cli import demonstration
from lti_peer.demo import admission
from lti_peer.demo.classroom import instructor
from lti_peer.demo.platform.profiles import PROFILES


@pytest.fixture(scope="module", params=["canvas", "openedx"])
def stage(request, tmp_path_factory):
    """A demo with three learners, brought up as the command does."""
    plan = demonstration.plan(23_000, 3, None, PROFILES[request.param])
    with demonstration.brought_up(plan, tmp_path_factory.mktemp("demo")) as stage:
        yield stage


def test_a_tool_that_was_added_by_hand_is_worked_with(stage):
    admission.admit(stage)
    link = instructor.place(stage, "peer_review", "A text (synthetic)")
    with stage.seat(stage.lms.learners[0].id) as seat:
        assert "A text (synthetic)" in seat.open(link).text
    assert stage.links("peer_review") == [link]


def test_a_second_demo_of_the_same_manners_does_not_meet_the_first(stage):
    before = [tool.client_id for tool in stage.lms.tools]
    admission.admit(stage)
    after = [tool.client_id for tool in stage.lms.tools]
    assert len(set(after)) == len(before) + 1
