"""The same forms in the same frame with JavaScript off."""

import re

import pytest
from browser.looking import overflow
from support.clicks import choose, follow, unfold, until

pytestmark = [pytest.mark.browser, pytest.mark.whole_chromium]


@pytest.fixture
def open_plainly(stage, enter):
    """A function that opens an activity in the LMS's frame, without a script anywhere."""

    def opened(person, link, **options):
        page = enter(person, f"/activities/{link.id}", java_script_enabled=False, **options)
        frame = page.locator("iframe.tool").element_handle().content_frame()
        for step in ("/login", "/launch"):
            follow(frame.locator(f"form[action$='{step}'] button"))
        frame.wait_for_url("**/v/**")
        return frame

    return opened


def hand_in(frame, text):
    follow(frame.get_by_role("link", name="Write your work"))
    frame.get_by_label("Your text", exact=True).fill(text)
    follow(frame.get_by_role("button", name="Hand in"))
    frame.get_by_text("Your work is handed in.").wait_for()


def mark(frame, title, level):
    group = frame.get_by_role("group", name=re.compile(f"^{title}"))
    choose(group.get_by_role("radio", name=re.compile(f"^{level}")))


def write_review(frame):
    until(
        frame.locator(".switch").get_by_text("Your review"),
        frame.get_by_role("button", name="Send review").is_visible,
    )
    mark(frame, "Answers the question", "Well")
    mark(frame, "Gives reasons", "Partly")


def test_peer_review_from_the_text_to_the_grade(stage, place, open_plainly, faults):
    faults.expect("status of 422")
    link, (ada, ben, *_) = place(), stage.lms.learners
    mine, other = [open_plainly(one, link, width=360) for one in (ada, ben)]
    hand_in(mine, "My own text.")
    hand_in(other, "The *other* text.")
    staff = open_plainly(stage.lms.instructor, link)
    unfold(staff.get_by_text("Close it now").first)
    follow(staff.get_by_role("button", name="Close handing in now"))
    staff.get_by_text("The phase is closed.").wait_for()

    follow(mine.get_by_role("link", name=link.title))
    follow(mine.get_by_role("button", name="Take"))
    mine.get_by_text("The other text.").wait_for()
    write_review(mine)
    follow(mine.get_by_role("button", name="Send review"))
    mine.locator(".error-summary").wait_for()
    mark(mine, "Is clear", "Fully")
    assert overflow(mine) <= 0
    follow(mine.get_by_role("button", name="Send review"))
    mine.get_by_text("Your review is sent.").wait_for()

    staff.goto(staff.url.partition("?")[0])
    unfold(staff.get_by_text("Close it now"))
    follow(staff.get_by_role("button", name="Close reviewing now"))
    follow(staff.get_by_role("link", name="Grades", exact=True))
    follow(staff.get_by_role("button", name="Release grades"))
    staff.get_by_text("The grades are released").wait_for()

    follow(other.get_by_role("link", name=link.title))
    follow(other.get_by_role("link", name="Read your feedback").first)
    other.get_by_text("67 of 100, from 1 review").wait_for()
    choose(other.get_by_role("radio", name="Partly"))
    follow(other.get_by_role("button", name="Send your answer"))
    other.get_by_text("Your answer is kept.").wait_for()


def test_what_was_typed_is_still_there_when_a_form_is_refused(stage, place, open_plainly, faults):
    faults.expect("status of 413")
    link = place()
    frame = open_plainly(stage.lms.learners[0], link)
    follow(frame.get_by_role("link", name="Write your work"))
    frame.get_by_label("Your text", exact=True).fill("x" * 70_000)
    follow(frame.get_by_role("button", name="Hand in"))
    frame.locator(".error-summary").wait_for()

    assert len(frame.get_by_label("Your text", exact=True).input_value()) == 70_000


def test_no_button_is_there_that_does_nothing(stage, place, open_plainly):
    frame = open_plainly(stage.lms.learners[0], place())
    follow(frame.get_by_role("link", name="Write your work"))

    assert not frame.get_by_role("button", name="Bold").is_visible()
    assert not frame.get_by_role("button", name="Preview").is_visible()
