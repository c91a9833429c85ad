"""The whole job in the LMS's frame, where Chromium keeps no third party's cookie."""

import re

import pytest
from browser.conftest import in_tool
from browser.keyboard import Keyboard
from browser.looking import overflow
from browser.writing import field, kept, open_editor, write
from support.clicks import follow

from lti_peer.demo.classroom import instructor, peer_review

pytestmark = [pytest.mark.browser, pytest.mark.whole_chromium]

TEXT = "A reader who does not know the author reads the text. That is the whole idea."


@pytest.fixture
def link(place):
    """A peer review that nobody has opened."""
    return place()


def hand_in(stage, link, people):
    for person in people:
        with stage.seat(person.id) as seat:
            assert peer_review.hand_in(seat, link) == 1


def press(stage, link, action, path=""):
    with stage.browser(stage.lms.instructor.id) as browser:
        instructor.press(browser, link, action, path)


def test_an_instructor_adds_a_peer_review_by_deep_linking(stage, enter):
    page = enter(stage.lms.instructor, "/activities/add")
    frame = in_tool(page)
    follow(frame.get_by_role("button", name="Choose Peer review"))
    frame.get_by_label("Title").fill("An essay and its readers")
    follow(frame.get_by_role("button", name="Save and go on"))
    follow(frame.get_by_role("button", name="Add to course"))
    frame.get_by_text("Chosen: An essay and its readers").wait_for()
    follow(frame.get_by_role("link", name="Back to the course"))

    follow(page.get_by_role("link", name="An essay and its readers"))
    in_tool(page).get_by_role("heading", level=1, name="An essay and its readers").wait_for()


def test_the_frame_has_no_third_partys_cookie_but_its_own_partitioned_one(stage, link, open_as):
    frame = open_as(stage.lms.learners[0], link)
    cookies = frame.page.context.cookies(stage.tool_url)

    assert frame.evaluate("document.hasStorageAccess()") is False
    assert len(cookies) == 1
    assert cookies[0]["partitionKey"] == "http://127.0.0.1"
    assert cookies[0]["name"].startswith("__Host-")


def test_a_learner_on_a_phone_writes_reloads_and_hands_in(stage, link, open_as):
    frame = open_as(stage.lms.learners[0], link, width=360, height=640)
    open_editor(frame)
    write(frame, TEXT)
    kept(frame)
    frame.goto(frame.url)
    assert field(frame).input_value() == TEXT
    follow(frame.get_by_role("button", name="Hand in"))
    frame.get_by_text("Your work is handed in.").wait_for()

    assert frame.get_by_role("article").inner_text().strip() == TEXT
    assert overflow(frame) <= 0


def test_a_draft_goes_along_to_another_device(stage, link, open_as):
    phone = open_as(stage.lms.learners[0], link, width=360)
    open_editor(phone)
    write(phone, TEXT)
    kept(phone)
    desk = open_as(stage.lms.learners[0], link)
    open_editor(desk)

    assert field(desk).input_value() == TEXT


def test_a_reviewer_needs_no_pointer_and_the_instructor_sees_the_review(stage, link, open_as):
    hand_in(stage, link, stage.lms.learners[:4])
    press(stage, link, "/phases/submit/close")
    frame = open_as(stage.lms.learners[0], link)
    keys = Keyboard(frame)
    keys.activate("Take", "**/reviews/**")
    for title in ("Answers the question", "Gives reasons", "Is clear"):
        keys.to("Not yet")
        keys.press("ArrowDown", "ArrowDown")
        group = frame.get_by_role("group", name=re.compile(f"^{title}"))
        assert group.get_by_role("radio", name=re.compile("^Well")).is_checked()
    keys.to("What is good")
    frame.page.keyboard.type("The example works. Say first what it is an example of.")
    keys.activate("Send review", "**done=review_sent**")
    assert keys.unseen == []

    staff = open_as(stage.lms.instructor, link)
    row = staff.get_by_role("row", name=stage.lms.learners[0].name)
    assert "1 of 3" in row.inner_text()
    assert "reviews sent" in staff.locator(".counts").inner_text()


def test_no_page_of_a_participant_traps_the_keyboard(stage, link, open_as):
    frame = open_as(stage.lms.learners[0], link)
    open_editor(frame)
    keys = Keyboard(frame)
    keys.to("Skip to the content")
    keys.to("Your text")
    keys.to("Hand in")
    keys.to("Back")
    frame.page.keyboard.press("Tab")

    assert keys.at()[0] == "BODY"
    assert frame.page.evaluate("document.activeElement.tagName") != "IFRAME"
    assert keys.unseen == []


def test_an_author_reads_and_answers_without_a_pointer(stage, link, open_as):
    hand_in(stage, link, stage.lms.learners[:4])
    press(stage, link, "/phases/submit/close")
    for person in stage.lms.learners[1:4]:
        with stage.seat(person.id) as seat:
            peer_review.review(seat, link)
    press(stage, link, "/phases/review/close")
    frame = open_as(stage.lms.learners[0], link)
    keys = Keyboard(frame)
    keys.activate("Read your feedback", "**/feedback")
    keys.to("Yes")
    keys.press("Space")
    keys.activate("Send your answer", "**done=rated**")

    assert frame.get_by_text("Answered", exact=True).count() == 1
    assert keys.unseen == []
