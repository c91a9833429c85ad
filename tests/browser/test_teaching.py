"""Peer teaching in the frame: from signing up to what was gained."""

import re

import pytest
from browser.keyboard import Keyboard
from browser.looking import overflow
from browser.stories import Teaching
from support.clicks import choose, follow

pytestmark = pytest.mark.browser


@pytest.fixture
def story(stage):
    """A teach-back in which nobody has done anything."""
    return Teaching(stage)


def test_a_learner_signs_up_by_keyboard(stage, story, open_as):
    frame = open_as(stage.lms.learners[0], story.link)
    keys = Keyboard(frame)
    keys.activate("Choose topics", "**/sign-up")
    keys.to("Choose for me")
    keys.press("ArrowDown")
    keys.to("Match me")
    keys.press("ArrowDown", "ArrowDown")
    keys.activate("Sign up", "**done=signed_up**")

    assert frame.get_by_text("You are signed up.").first.is_visible()
    assert keys.unseen == []


def test_a_time_too_late_is_refused_and_the_place_stays_typed(stage, story, open_as, faults):
    faults.expect("status of 422")
    story.until("matched")
    explainer = open_as(stage.lms.learners[0], story.link, width=360)
    follow(explainer.get_by_role("link", name=re.compile("^Teach “")))
    explainer.get_by_label("When").fill("2030-01-01T10:00")
    explainer.get_by_label("Where").fill("Room 1")
    follow(explainer.get_by_role("button", name="Propose this time"))
    explainer.locator(".error-summary").wait_for()

    assert explainer.get_by_label("Where").input_value() == "Room 1"
    assert overflow(explainer) <= 0


def test_the_gain_shows_when_both_have_met(stage, story, open_as):
    story.until("met")
    frame = open_as(stage.lms.learners[0], story.link)
    follow(frame.get_by_role("link", name=re.compile("^Learn “")))
    choose(frame.get_by_role("radio").nth(1))
    follow(frame.get_by_role("button", name="Send the answer"))
    frame.get_by_role("heading", name="What you gained").wait_for()

    assert frame.get_by_text("The right answer:").is_visible()
    staff = open_as(stage.lms.instructor, story.link)
    assert staff.get_by_role("img", name="Right answers").is_visible()
