"""What cannot be done, in a browser: a page in plain words, in the LMS's frame or alone."""

import re

import pytest
from browser.looking import axe, faults_in_all_views, faults_in_structure
from support.clicks import follow, unfold, until

pytestmark = pytest.mark.browser

TRACES = re.compile(r"Traceback|werkzeug|sqlalchemy|File \"|Error:", re.IGNORECASE)


@pytest.fixture(autouse=True)
def expected(faults):
    """Let the console say that a page has a status of failure, which is what is tried here."""
    faults.expect("the server responded with a status of 4")


@pytest.fixture
def link(place):
    """A peer review that nobody has opened."""
    return place()


def look(page, title):
    """Hold that a problem's page is one, and fit for everybody."""
    assert page.get_by_role("heading", level=1).inner_text() == title
    assert not TRACES.search(page.content())
    assert page.get_by_text("If you ask for help, give this code").count() == 1
    assert faults_in_structure(page) == []


def test_an_unknown_platform(stage, enter):
    page = enter(stage.lms.instructor)
    asked = f"iss=https://stranger.example&login_hint=1&target_link_uri={stage.tool_url}/lti/launch"
    page.goto(f"{stage.tool_url}/lti/login?{asked}")

    look(page, page.title())
    assert page.get_by_role("heading", name="What you can do").count() == 1
    assert faults_in_all_views(page) == []


def test_a_damaged_token(stage, enter, link):
    page = enter(stage.lms.learners[0])
    page.route(
        "**/lti/launch",
        lambda route: route.continue_(post_data=damaged(route.request.post_data)),
    )
    page.goto(f"/launch/{link.id}")
    page.wait_for_url("**/lti/launch")

    look(page, page.title())
    assert faults_in_all_views(page) == []


def damaged(body):
    """Return the fields with another letter in the middle of the token."""
    return re.sub(r"(id_token=[^&]{400})(.)", lambda m: m[1] + ("A" if m[2] != "A" else "B"), body)


def test_an_address_that_is_not_there_in_the_frame(stage, open_as, link):
    frame = open_as(stage.lms.learners[0], link)
    frame.goto(frame.url + "nothing/here")

    look(frame, "This page is not here")
    assert axe(frame) == []


def test_a_page_of_the_instructors_says_so_to_a_learner_and_leads_back(stage, open_as, link):
    frame = open_as(stage.lms.learners[0], link)
    frame.goto(frame.url + "grades")
    look(frame, "This is not open to you")
    follow(frame.get_by_role("link", name="Back to the activity"))

    frame.get_by_role("heading", level=1, name=link.title).wait_for()


def test_handing_in_after_the_phase_was_closed_keeps_what_was_typed(stage, open_as, link):
    frame = open_as(stage.lms.learners[0], link)
    follow(frame.get_by_role("link", name="Write your work"))
    staff = open_as(stage.lms.instructor, link)
    unfold(staff.get_by_text("Close it now").first)
    follow(staff.get_by_role("button", name="Close handing in now"))
    staff.get_by_text("The phase is closed.").wait_for()
    frame.get_by_label("Your text", exact=True).fill("A minute too late.")
    follow(frame.get_by_role("button", name="Hand in"))
    frame.locator(".error-summary").wait_for()

    assert frame.get_by_label("Your text", exact=True).input_value() == "A minute too late."
    assert "closed" in frame.locator(".error-summary").inner_text()
    assert axe(frame) == []


def test_a_review_without_a_mark_leads_to_what_is_missing(stage, open_as, link):
    for person in stage.lms.learners[:2]:
        frame = open_as(person, link, width=360)
        follow(frame.get_by_role("link", name="Write your work"))
        frame.get_by_label("Your text", exact=True).fill("A short text.")
        follow(frame.get_by_role("button", name="Hand in"))
        frame.get_by_text("Your work is handed in.").wait_for()
    staff = open_as(stage.lms.instructor, link)
    unfold(staff.get_by_text("Close it now").first)
    follow(staff.get_by_role("button", name="Close handing in now"))
    staff.get_by_text("The phase is closed.").wait_for()
    follow(frame.get_by_role("link", name=link.title))
    follow(frame.get_by_role("button", name="Take"))
    until(
        frame.locator(".switch").get_by_text("Your review"),
        frame.get_by_role("button", name="Send review").is_visible,
    )
    follow(frame.get_by_role("button", name="Send review"))
    frame.wait_for_function("() => document.activeElement.matches('.error-summary')")
    until(
        frame.get_by_role("link", name=re.compile("Gives reasons")),
        lambda: frame.evaluate("document.activeElement.name") == "mark-reasons",
    )

    assert axe(frame) == []
