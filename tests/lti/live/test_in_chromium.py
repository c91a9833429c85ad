"""What only a real browser shows: the LMS's frame, blocked cookies, scripts on and off."""

import pytest
from browser.looking import faults_in_all_views
from support.chromium import watch
from support.clicks import follow

from lti_peer.lti import invitations

pytestmark = [pytest.mark.browser, pytest.mark.whole_chromium]


@pytest.fixture
def tab(window, stage):
    """A function that opens a page of the LMS; a policy that was broken fails the test."""
    faults = []

    def opened(path, width=1280, **options):
        viewport = {"width": width, "height": 800}
        page = window(viewport=viewport, base_url=stage.lms.issuer, **options)
        watch(page, faults.append, errors=False)
        page.goto(path)
        return page

    yield opened
    assert faults == []


def register(stage, tab, *, activate):
    with stage.database.transaction() as session:
        address = invitations.invite(session, stage.tool_url, name="LMS", activate=activate)
    page = tab("/tools/add")
    page.get_by_role("textbox").fill(address)
    page.get_by_role("textbox").press("Enter")
    return page


def test_dr4_the_lms_hears_that_a_registration_is_over(stage, tab):
    page = register(stage, tab, activate=True)

    page.wait_for_url("**/tools")
    assert stage.lms.tool.name == "Peer learning"


def test_a_registration_that_waits_for_approval_stays_until_it_has_been_read(stage, tab):
    page = register(stage, tab, activate=False)
    frame = page.frame_locator("iframe.tool")
    frame.get_by_text("lti-peer platform approve").wait_for()
    follow(frame.get_by_role("button", name="Close this page"))

    page.wait_for_url("**/tools")


def test_an_instructor_adds_an_activity_in_the_frame_by_keyboard(stage, tab):
    stage.register()
    page = tab("/activities/add")
    frame = page.frame_locator("iframe.tool")
    frame.get_by_role("button", name="Choose Peer review").press("Enter")
    frame.get_by_label("Title").press("Enter")
    frame.get_by_role("button", name="Add to course").press("Enter")
    frame.get_by_role("link", name="Back to the course").press("Enter")

    page.wait_for_url(stage.lms.issuer + "/")
    assert [link.title for link in stage.lms.links] == ["Peer review"]


def test_without_scripts_one_more_button_adds_the_activity(stage, tab):
    stage.register()
    browser = stage.browser(stage.lms.instructor)
    assert browser.deep_link().ok
    page = tab("/deep-linking", java_script_enabled=False)
    follow(page.get_by_role("button", name="Continue"))
    follow(page.get_by_role("button", name="Continue"))
    follow(page.get_by_role("button", name="Choose Peer review"))
    page.goto(page.url.split("/peer_review")[0] + "/deep-linking/confirm")
    follow(page.get_by_role("button", name="Add to course"))
    follow(page.get_by_role("button", name="Go on"))

    assert "Placed in the course" in page.content()


def test_the_pages_have_no_barrier_that_axe_finds(stage, tab):
    stage.register()
    page = tab("/deep-linking")
    page.wait_for_url("**/deep-linking/")
    found = faults_in_all_views(page)
    follow(page.get_by_role("button", name="Choose Peer review"))
    page.goto(page.url.split("/peer_review")[0] + "/deep-linking/confirm")

    assert found + faults_in_all_views(page) == []
