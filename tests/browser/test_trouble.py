"""When the net is away, the visit is over, another window writes, or two people share a browser."""

import re

import pytest
from browser.conftest import in_tool, sign_in
from browser.looking import axe
from browser.writing import field, kept, open_editor, write
from support.clicks import until

pytestmark = pytest.mark.browser


@pytest.fixture
def link(place):
    """A peer review that nobody has opened."""
    return place()


@pytest.fixture
def editor(stage, link, open_as):
    """The first learner's editor in the frame, with a first sentence kept."""
    frame = open_as(stage.lms.learners[0], link)
    open_editor(frame)
    write(frame, "First.")
    kept(frame)
    return frame


def reopened(frame):
    """Launch the activity again in the same browser and page; return the editor."""
    frame.page.once("dialog", lambda dialog: dialog.accept())
    frame.page.reload()
    fresh = in_tool(frame.page)
    open_editor(fresh)
    return fresh


def test_text_is_kept_and_sent_again_when_the_net_goes(editor, faults):
    faults.expect("ERR_INTERNET_DISCONNECTED")
    editor.page.context.set_offline(True)
    write(editor, "First. Written in a tunnel.")
    editor.get_by_text("Not saved. We will try again").first.wait_for(timeout=4_000)
    assert field(editor).input_value() == "First. Written in a tunnel."
    editor.page.context.set_offline(False)
    kept(editor)

    assert field(reopened(editor)).input_value() == "First. Written in a tunnel."


def test_when_the_visit_is_over_the_page_says_how_to_go_on_and_keeps_the_text(editor, faults):
    faults.expect("status of 401")
    editor.page.context.clear_cookies(name=re.compile("^__Host-"))
    write(editor, "First. Too late.")
    editor.get_by_text("your visit has ended").first.wait_for(timeout=4_000)
    assert "open this activity again from your course" in editor.locator("auto-save").inner_text()
    assert field(editor).input_value() == "First. Too late."
    assert axe(editor) == []

    assert field(reopened(editor)).input_value() == "First."


def test_a_page_without_its_cookie_asks_to_open_the_activity_again(editor, faults):
    faults.expect("status of 401")
    address = editor.url
    editor.page.context.clear_cookies(name=re.compile("^__Host-"))
    editor.goto(address)

    assert editor.get_by_role("heading", level=1).inner_text() == "Open it again from your course"
    assert "First." not in editor.content()


def test_two_windows_show_both_texts_and_let_the_person_choose(editor, stage, link, faults):
    faults.expect("status of 409")
    other = editor.page.context.new_page()
    other.goto(f"/launch/{link.id}")
    open_editor(other)
    write(other, "From the other window.")
    kept(other)
    write(editor, "From this window.")
    editor.get_by_role("button", name="Keep mine").wait_for(timeout=4_000)

    shown = editor.get_by_role("region", name="The other text").text_content()
    assert (shown, field(editor).input_value()) == ("From the other window.", "From this window.")
    assert axe(editor) == []
    mine = editor.get_by_role("button", name="Keep mine")
    until(mine, mine.is_hidden)
    kept(editor)
    other.once("dialog", lambda dialog: dialog.accept())
    other.reload()
    assert field(other).input_value() == "From this window."


def test_two_people_in_one_browser_do_not_disturb_each_other(editor, stage, link):
    context = editor.page.context
    sign_in(context, stage, stage.lms.learners[1])
    page = context.new_page()
    page.goto(f"/activities/{link.id}")
    second = in_tool(page)
    open_editor(second)
    write(second, "By somebody else.")
    kept(second)
    write(editor, "First. And still mine.")
    kept(editor)
    second.goto(second.url)
    editor.goto(editor.url)

    assert field(second).input_value() == "By somebody else."
    assert field(editor).input_value() == "First. And still mine."


def test_two_activities_in_one_browser_do_not_disturb_each_other(editor, stage, place):
    page = editor.page.context.new_page()
    page.goto(f"/activities/{place().id}")
    second = in_tool(page)
    open_editor(second)
    assert field(second).input_value() == ""
    write(second, "For the second activity.")
    kept(second)
    editor.goto(editor.url)

    assert field(editor).input_value() == "First."


def test_what_the_preview_shows_runs_nothing(editor):
    write(editor, "<img src=x onerror=alert(1)> <script>alert(2)</script> **bold**")
    editor.page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    shown = editor.locator("text-editor strong")
    until(editor.get_by_role("button", name="Preview"), shown.is_visible)

    assert editor.locator("text-editor .prose img, text-editor .prose script").count() == 0
