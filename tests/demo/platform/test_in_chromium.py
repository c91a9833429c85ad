"""What only a real browser shows: frames of another site, policies, scripts, accessibility."""

import pytest
from browser.looking import VIEWS, faults_in_all_views
from support.chromium import watch
from support.clicks import follow

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(window, lms):
    """A function that opens a page of the LMS; what the console complains about fails the test."""
    faults = []

    def opened(path, width=1280, **options):
        viewport = {"width": width, "height": 800}
        page = window(viewport=viewport, base_url=lms.issuer, **options)
        watch(page, faults.append)
        page.goto(path)
        return page

    yield opened
    assert faults == []


def in_tool(page):
    return page.frame_locator("iframe.tool").locator("body")


def test_a_launch_works_in_a_frame_of_another_site(lms, link, tab):
    page = tab(f"/activities/{link.id}")

    in_tool(page).get_by_text(f"home {lms.instructor.id}").wait_for()


def test_whoever_one_becomes_is_who_the_tool_sees(lms, link, tab):
    page = tab(f"/activities/{link.id}")
    page.get_by_label("You are:").select_option(lms.learners[1].id)
    follow(page.get_by_role("button", name="Switch"))

    in_tool(page).get_by_text(f"home {lms.learners[1].id}").wait_for()
    assert page.url.endswith(f"/activities/{link.id}")


def test_the_frame_takes_the_height_that_the_tool_asks_for(link, tab):
    page = tab(f"/activities/{link.id}")
    in_tool(page).get_by_text("home").wait_for()
    page.frames[1].evaluate("parent.postMessage({subject: 'lti.frameResize', height: 1234}, '*')")
    page.wait_for_function("() => document.querySelector('iframe.tool').offsetHeight === 1234")


def test_nobody_else_can_change_the_height(link, tab):
    page = tab(f"/activities/{link.id}")
    in_tool(page).get_by_text("home").wait_for()
    before = page.locator("iframe.tool").bounding_box()["height"]

    page.evaluate("postMessage({subject: 'lti.frameResize', height: 1234}, '*')")
    page.evaluate("new Promise(done => setTimeout(done, 100))")

    assert page.locator("iframe.tool").bounding_box()["height"] == before


def test_adding_an_activity_comes_back_to_the_course(lms, registered, tab):
    registered.items = [{"type": "ltiResourceLink", "title": "Talk"}]
    page = tab("/activities/add")

    page.wait_for_url(lms.issuer + "/")
    assert page.get_by_role("link", name="Talk").is_visible()


def test_a_registration_that_is_done_comes_back_to_the_tools(lms, tool, tab):
    page = tab("/tools/add")
    page.get_by_label("Registration address").fill(f"{tool.url}/register")
    follow(page.get_by_role("button", name="Open the tool's registration"))

    page.wait_for_url(lms.issuer + "/tools")
    assert page.get_by_role("heading", name="Fake tool").is_visible()


def test_without_scripts_two_buttons_lead_into_the_tool(lms, link, tab):
    page = tab(f"/activities/{link.id}", java_script_enabled=False)
    for step in ("/login", "/launch"):
        follow(in_tool(page).locator(f"form[action$='{step}'] button"))

    in_tool(page).get_by_text(f"home {lms.instructor.id}").wait_for()


def test_the_drawer_shows_new_messages_and_stays_open(link, tab):
    page = tab("/grades")
    page.get_by_text("Show protocol").click()
    page.goto(f"/activities/{link.id}")

    drawer = page.frame_locator(".drawer iframe")
    drawer.locator("summary", has_text="Launch token").first.click()
    assert drawer.get_by_text('"LtiResourceLinkRequest"').first.is_visible()


def test_every_page_can_be_used_by_everybody(link, tab):
    page, found = tab("/"), []
    paths = ["/", "/grades", "/grades/1/3", "/people", "/tools", "/tools/add", "/journal"]
    for path in [*paths, f"/activities/{link.id}"]:
        page.goto(path)
        found += [(path, *fault) for fault in faults_in_all_views(page, VIEWS)]

    assert found == []
