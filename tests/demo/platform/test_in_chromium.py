"""What only a real browser shows: frames of another site, policies, scripts, accessibility."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium():
    """A real Chromium; skipped where there is none, except in continuous integration."""
    if not Path(CHROMIUM).exists() and not os.environ.get("CI"):
        pytest.skip("no Chromium: install the package `chromium`, or set CHROMIUM")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only where asked for

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium, lms):
    """A function that opens a page of the LMS; what the console complains about fails the test."""
    contexts, faults = [], []

    def opened(path, width=1280, **options):
        viewport = {"width": width, "height": 800}
        context = chromium.new_context(viewport=viewport, base_url=lms.issuer, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def in_tool(page):
    return page.frame_locator("iframe.tool").locator("body")


def test_a_launch_works_in_a_frame_of_another_site(lms, link, tab):
    page = tab(f"/activities/{link.id}")

    in_tool(page).get_by_text(f"home {lms.instructor.id}").wait_for()


def test_whoever_one_becomes_is_who_the_tool_sees(lms, link, tab):
    page = tab(f"/activities/{link.id}")
    page.get_by_label("You are:").select_option(lms.learners[1].id)
    page.get_by_role("button", name="Switch").click()

    in_tool(page).get_by_text(f"home {lms.learners[1].id}").wait_for()
    assert page.url.endswith(f"/activities/{link.id}")


def test_the_frame_takes_the_height_that_the_tool_asks_for(link, tab):
    page = tab(f"/activities/{link.id}")
    in_tool(page).get_by_text("home").wait_for()
    page.frames[1].evaluate("parent.postMessage({subject: 'lti.frameResize', height: 1234}, '*')")
    page.wait_for_function("document.querySelector('iframe.tool').offsetHeight === 1234")


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
    page.get_by_role("button", name="Open the tool's registration").click()

    page.wait_for_url(lms.issuer + "/tools")
    assert page.get_by_role("heading", name="Fake tool").is_visible()


def test_without_scripts_two_buttons_lead_into_the_tool(lms, link, tab):
    page = tab(f"/activities/{link.id}", java_script_enabled=False)
    for step in ("/login", "/launch"):
        in_tool(page).locator(f"form[action$='{step}'] button").click()

    in_tool(page).get_by_text(f"home {lms.instructor.id}").wait_for()


def test_the_drawer_shows_new_messages_and_stays_open(link, tab):
    page = tab("/grades")
    page.get_by_text("Show protocol").click()
    page.goto(f"/activities/{link.id}")

    drawer = page.frame_locator(".drawer iframe")
    drawer.locator("summary", has_text="Launch token").first.click()
    assert drawer.get_by_text('"LtiResourceLinkRequest"').first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_can_be_used_by_everybody(link, tab, width, scheme):
    page, axe = tab("/", width, color_scheme=scheme), Axe()
    paths = ["/", "/grades", "/grades/1/3", "/people", "/tools", "/tools/add", "/journal"]
    for path in [*paths, f"/activities/{link.id}"]:
        page.goto(path)
        found = axe.run(page, options={"iframes": False})
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
