"""The same forms in the same frame with JavaScript off."""

import re

import pytest
from browser.looking import overflow

pytestmark = pytest.mark.browser


@pytest.fixture
def open_plainly(stage, enter):
    """A function that opens an activity in the LMS's frame, without a script anywhere."""

    def opened(person, link, **options):
        page = enter(person, f"/activities/{link.id}", java_script_enabled=False, **options)
        frame = page.locator("iframe.tool").element_handle().content_frame()
        for step in ("/login", "/launch"):
            frame.locator(f"form[action$='{step}'] button").click()
        frame.wait_for_url("**/v/**")
        return frame

    return opened


def hand_in(frame, text):
    frame.get_by_role("link", name="Write your work").click()
    frame.get_by_label("Your text", exact=True).fill(text)
    frame.get_by_role("button", name="Hand in").click()
    frame.get_by_text("Your work is handed in.").wait_for()


def choose(frame, title, level):
    group = frame.get_by_role("group", name=re.compile(f"^{title}"))
    group.get_by_role("radio", name=re.compile(f"^{level}")).check()


def write_review(frame):
    frame.locator(".switch").get_by_text("Your review").click()
    choose(frame, "Answers the question", "Well")
    choose(frame, "Gives reasons", "Partly")


def test_peer_review_from_the_text_to_the_grade(stage, place, open_plainly, faults):
    faults.expect("status of 422")
    link, (ada, ben, *_) = place(), stage.lms.learners
    mine, other = [open_plainly(one, link, width=360) for one in (ada, ben)]
    hand_in(mine, "My own text.")
    hand_in(other, "The *other* text.")
    staff = open_plainly(stage.lms.instructor, link)
    staff.get_by_text("Close it now").first.click()
    staff.get_by_role("button", name="Close handing in now").click()
    staff.get_by_text("The phase is closed.").wait_for()

    mine.get_by_role("link", name=link.title).click()
    mine.get_by_role("button", name="Take").click()
    mine.get_by_text("The other text.").wait_for()
    write_review(mine)
    mine.get_by_role("button", name="Send review").click()
    mine.locator(".error-summary").wait_for()
    choose(mine, "Is clear", "Fully")
    assert overflow(mine) <= 0
    mine.get_by_role("button", name="Send review").click()
    mine.get_by_text("Your review is sent.").wait_for()

    staff.goto(staff.url.partition("?")[0])
    staff.get_by_text("Close it now").click()
    staff.get_by_role("button", name="Close reviewing now").click()
    staff.get_by_role("link", name="Grades", exact=True).click()
    staff.get_by_role("button", name="Release grades").click()
    staff.get_by_text("The grades are released").wait_for()

    other.get_by_role("link", name=link.title).click()
    other.get_by_role("link", name="Read your feedback").first.click()
    other.get_by_text("67 of 100, from 1 review").wait_for()
    other.get_by_role("radio", name="Partly").check()
    other.get_by_role("button", name="Send your answer").click()
    other.get_by_text("Your answer is kept.").wait_for()


def test_what_was_typed_is_still_there_when_a_form_is_refused(stage, place, open_plainly, faults):
    faults.expect("status of 413")
    link = place()
    frame = open_plainly(stage.lms.learners[0], link)
    frame.get_by_role("link", name="Write your work").click()
    frame.get_by_label("Your text", exact=True).fill("x" * 70_000)
    frame.get_by_role("button", name="Hand in").click()
    frame.locator(".error-summary").wait_for()

    assert len(frame.get_by_label("Your text", exact=True).input_value()) == 70_000


def test_no_button_is_there_that_does_nothing(stage, place, open_plainly):
    frame = open_plainly(stage.lms.learners[0], place())
    frame.get_by_role("link", name="Write your work").click()

    assert not frame.get_by_role("button", name="Bold").is_visible()
    assert not frame.get_by_role("button", name="Preview").is_visible()
