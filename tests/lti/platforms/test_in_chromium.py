"""A real browser that keeps no cookies in frames: the LMS's storage helps, or a new window."""

import pytest

from lti_peer.demo.platform.faults import Fault

pytestmark = pytest.mark.browser


@pytest.fixture
def course(stage, placed, window):
    """The page of an activity in the LMS, opened by the instructor, whose frames keep no cookie."""
    stage.lms.faults.begin(Fault.COOKIELESS)
    page = window(base_url=stage.lms.url)
    page.goto(f"/activities/{placed.id}")
    return page


@pytest.mark.parametrize("manners", ["canvas", "sakai"], indirect=True)
def test_an_lms_with_storage_lets_people_in_without_cookies(course):
    tool = course.frame_locator("iframe.tool")
    tool.get_by_role("heading", level=1).first.wait_for()
    tool.get_by_role("link", name="Grades").first.wait_for()


@pytest.mark.parametrize("manners", ["moodle"], indirect=True)
def test_an_lms_without_storage_leaves_a_window_of_its_own(course):
    tool = course.frame_locator("iframe.tool")
    tool.get_by_text("new window").first.wait_for()
