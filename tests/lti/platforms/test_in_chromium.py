"""A real browser that keeps no cookies in frames: the LMS's storage helps, or a new window."""

import pytest
from playwright.sync_api import Error

from lti_peer.demo.platform.faults import Fault

pytestmark = pytest.mark.browser

TRIES = 3
PATIENCE_MS = 12_000


@pytest.fixture
def course(stage, placed, window):
    """The page of an activity in the LMS, opened by the instructor, whose frames keep no cookie."""
    stage.lms.faults.begin(Fault.COOKIELESS)
    page = window(base_url=stage.lms.url)
    page.goto(f"/activities/{placed.id}")
    return page


def shows(page, words):
    """Wait until the tool's frame shows these words.

    Playwright at times loses a frame of another process that sends itself on while it loads (the
    server has answered, the page in there is alive); the page opened anew is found again.
    """
    for _ in range(TRIES):
        try:
            page.frame_locator("iframe.tool").get_by_text(words).first.wait_for(timeout=PATIENCE_MS)
        except Error:
            page.reload()
        else:
            return True
    return False


@pytest.mark.parametrize("manners", ["canvas", "sakai"], indirect=True)
def test_an_lms_with_storage_lets_people_in_without_cookies(course):
    assert shows(course, "Grades")


@pytest.mark.parametrize("manners", ["moodle"], indirect=True)
def test_an_lms_without_storage_leaves_a_window_of_its_own(course):
    assert shows(course, "new window")
