"""The parts in a real Chromium: for everybody, at every size, with and without script."""

from datetime import timedelta

import pytest
from browser.looking import VIEWS, axe, faults_in_all_views, overflow
from web.gallery import NOW, PAGES

from lti_peer.web import dates

pytestmark = pytest.mark.browser

SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
word-spacing: .16em !important }"""


PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
SCROLLED = f"""new Promise((done) => {{
  addEventListener("scroll", done, {{ once: true }}); scrollTo(0, 1000);
}}).then(() => {PAINTED}).then(() => true)"""
"""Scroll down, and go on once the page has heard of it."""


def focused(page):
    return page.evaluate(
        """() => { const at = document.activeElement; const box = at.getBoundingClientRect();
        const ring = [at, ...document.querySelectorAll('.editor, .level, .switch label')]
          .some((part) => getComputedStyle(part).outlineStyle === 'solid');
        const name = at.id || at.getAttribute('aria-label') || at.textContent.trim();
        return [at.tagName, name, ring]; }"""
    )


def field(page):
    return page.get_by_label("Your text", exact=True)


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_overflows(tab, name):
    page = tab(f"/{name}")

    assert faults_in_all_views(page, VIEWS) == []
    page.set_viewport_size({"width": 640, "height": 800})
    assert overflow(page) <= 0


@pytest.mark.parametrize("name", PAGES)
def test_neither_right_to_left_nor_wider_spacing_overflows_a_phone(tab, name):
    page = tab(f"/{name}?dir=rtl&lang=ar", width=320, bypass_csp=True)
    assert overflow(page) <= 0

    page.add_style_tag(content=SPACING)
    assert overflow(page) <= 0


def test_text_of_twice_the_size_fits_a_phone(tab):
    page = tab("/parts", width=640, bypass_csp=True)
    page.add_style_tag(content="html { font-size: 200% }")

    assert overflow(page) <= 0


@pytest.mark.parametrize("name", ["parts", "review"])
def test_with_forced_colours_what_is_chosen_is_still_marked(tab, name):
    page = tab(f"/{name}", forced_colors="active")
    chosen = page.locator(".level:has(:checked), .step-mark, .button.primary").first

    assert chosen.evaluate("part => getComputedStyle(part).borderStyle") == "solid"
    assert axe(page) == []


def test_nothing_moves_for_who_asks_for_less(tab):
    page = tab("/parts", reduced_motion="reduce")

    assert page.evaluate("document.getAnimations().length") == 0
    assert (
        page.locator(".button").first.evaluate("b => getComputedStyle(b).transitionDuration")
        == "0s"
    )


@pytest.mark.parametrize("name", PAGES)
def test_no_page_asks_another_host_for_anything(tab, served, name):
    page = tab("/problem")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/{name}", wait_until="networkidle")

    assert asked
    assert [address for address in asked if not address.startswith(served.url + "/")] == []
    assert len(asked) <= 12


@pytest.mark.parametrize("name", ["parts", "forms", "review", "dashboard"])
def test_every_stop_of_the_keyboard_shows_where_it_is(tab, name):
    page = tab(f"/{name}")
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stops.append(focused(page))
        if stops[-1][0] == "BODY":
            break

    assert stops[0][1] == "Skip to the content"
    assert [stop for stop in stops[:-1] if not stop[2]] == []
    assert stops[-1][0] == "BODY" or len(stops) == 60


def test_a_refused_form_puts_the_focus_on_what_is_wrong(tab):
    page = tab("/forms")
    page.locator(".error-summary:focus").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert focused(page)[1] == "f-title"


def test_a_draft_is_saved_within_three_seconds_of_a_pause(tab, served):
    page = tab("/forms")
    field(page).fill("A new beginning.")
    page.get_by_text("Saved 10:42").wait_for(timeout=3000)

    assert served.app.config["DRAFTS"][-1]["body"] == "A new beginning."
    assert served.app.config["DRAFTS"][-1]["csrf_token"] == "token-of-the-gallery"
    assert page.locator("[name=version]").input_value() == "1"
    assert focused(page)[1] == "f-body"


def test_a_draft_is_tried_again_when_the_server_is_away(tab, served):
    served.app.config["ANSWERS"] += [({}, 503)]
    page = tab("/forms")
    field(page).fill("Not lost.")
    page.get_by_text("Not saved. We will try again").first.wait_for(timeout=3000)
    page.get_by_text("Saved 10:42").first.wait_for(timeout=4000)

    assert [draft["body"] for draft in served.app.config["DRAFTS"]] == ["Not lost.", "Not lost."]


def test_a_draft_is_saved_as_soon_as_the_net_is_back(tab, served):
    page = tab("/forms")
    page.evaluate("customElements.whenDefined('auto-save').then(() => true)")
    page.context.set_offline(True)
    field(page).fill("Written in a tunnel.")
    page.get_by_text("Not saved. We will try again").first.wait_for(timeout=3000)
    page.context.set_offline(False)
    page.get_by_text("Saved 10:42").first.wait_for(timeout=4000)

    assert served.app.config["DRAFTS"][-1]["body"] == "Written in a tunnel."


CONFLICT = ({"saved": "10:41", "version": 7, "fields": {"body": "The other text."}}, 409)


def conflict(tab, served):
    served.app.config["ANSWERS"] += [CONFLICT]
    page = tab("/forms")
    field(page).fill("My text.")
    page.get_by_role("button", name="Keep mine").wait_for(timeout=3000)
    return page


def test_another_windows_text_is_shown_beside_mine(tab, served):
    page = conflict(tab, served)

    assert page.get_by_role("region", name="The other text").text_content() == "The other text."
    assert field(page).input_value() == "My text."
    assert axe(page) == []


def test_keeping_mine_saves_it_over_the_other(tab, served):
    page = conflict(tab, served)
    page.get_by_role("button", name="Keep mine").click()
    page.get_by_text("Saved 10:42").first.wait_for(timeout=3000)

    assert served.app.config["DRAFTS"][-1]["body"] == "My text."
    assert served.app.config["DRAFTS"][-1]["version"] == "7"


def test_using_the_other_puts_it_into_the_form(tab, served):
    page = conflict(tab, served)
    page.get_by_role("button", name="Use the other").click()

    assert field(page).input_value() == "The other text."
    assert page.locator("[name=version]").input_value() == "7"
    assert focused(page)[1] == "f-body"


@pytest.mark.parametrize("status", [401, 403])
def test_when_the_visit_has_ended_the_text_stays(tab, served, status):
    served.app.config["ANSWERS"] += [({}, status)]
    page = tab("/forms")
    field(page).fill("Still here.")
    page.get_by_text("your visit has ended").first.wait_for(timeout=3000)

    assert field(page).input_value() == "Still here."


def test_a_refusal_is_told_in_the_servers_words(tab, served):
    served.app.config["ANSWERS"] += [({"message": "Your text is too long."}, 422)]
    page = tab("/forms")
    field(page).fill("x")

    page.get_by_text("Not saved: Your text is too long.").first.wait_for(timeout=3000)


def test_leaving_with_unsaved_words_asks_first(tab, served):
    page = tab("/forms", fresh=True)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    field(page).press("End")
    page.keyboard.type("One more word")
    page.goto("/parts")

    assert asked == ["beforeunload"]


def test_handing_in_asks_nothing(tab, served):
    page = tab("/forms", fresh=True)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Reviews for each person").fill("3")
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**/done")

    assert asked == []


def test_the_toolbar_marks_what_is_chosen(tab):
    page = tab("/forms")
    field(page).fill("one two")
    field(page).select_text()
    page.get_by_role("button", name="Bold").click()
    page.keyboard.press("Control+i")

    assert field(page).input_value() == "***one two***"
    page.keyboard.press("Control+z")
    assert field(page).input_value() == "**one two**"


def test_the_toolbar_makes_lines_a_list(tab):
    page = tab("/forms")
    field(page).fill("one\ntwo")
    field(page).select_text()
    page.get_by_role("button", name="List").click()

    assert field(page).input_value() == "- one\n- two"


def test_the_preview_shows_what_readers_will_see(tab):
    page = tab("/forms")
    field(page).fill("A *small* <b>text</b>")
    page.get_by_role("button", name="Preview").click()
    shown = page.get_by_role("region", name="Preview")
    shown.locator("em").wait_for()

    assert shown.inner_text().strip() == "A small <b>text</b>"
    page.get_by_role("button", name="Preview").click()
    assert focused(page)[1] == "f-body"


def test_words_are_counted_as_the_server_counts(tab):
    page = tab("/forms")
    field(page).fill("# One - two\n\ndon't 3.14 é")

    page.get_by_text("5 of about 500 words").wait_for(timeout=3000)


def test_two_tabs_on_a_phone_keep_what_was_typed(tab):
    page = tab("/review", width=360)
    assert not page.get_by_label("In a few words", exact=True).is_visible()
    page.get_by_text("Your review", exact=True).click()
    page.get_by_label("In a few words", exact=True).fill("Kept.")
    page.get_by_text("The text", exact=True).click()
    page.get_by_text("Your review", exact=True).click()

    assert page.get_by_label("In a few words", exact=True).input_value() == "Kept."


def test_the_tabs_work_by_keyboard(tab):
    page = tab("/review", width=360)
    page.get_by_label("Show: The text").focus()
    page.keyboard.press("ArrowRight")

    assert page.get_by_label("In a few words", exact=True).is_visible()


def test_a_reload_keeps_the_tab(tab):
    page = tab("/review", width=360)
    page.get_by_text("Your review", exact=True).click()
    page.reload()
    page.locator("#panes-second:checked").wait_for(state="attached")

    assert page.get_by_label("In a few words", exact=True).is_visible()


def test_each_tab_keeps_its_place(tab):
    page = tab("/review", width=360)
    page.wait_for_load_state("networkidle")  # the module of the tabs comes last
    page.get_by_text("Your review", exact=True).click()
    page.evaluate(SCROLLED)
    page.get_by_text("The text", exact=True).click()
    page.evaluate(PAINTED)
    page.get_by_text("Your review", exact=True).click()

    page.wait_for_function("() => scrollY === 1000")


def test_a_link_to_a_field_opens_its_tab_as_often_as_it_is_followed(tab):
    page = tab("/review", width=360)
    page.locator(".error-summary:focus").wait_for()
    page.wait_for_load_state("networkidle")  # the module of the tabs comes after the focus
    for _ in range(2):
        page.get_by_role("link", name="Choose a level for the evidence.").click()
        assert focused(page)[1] == "f-mark-evidence"
        page.get_by_label("Show: The text").check(force=True)


def test_which_tab_is_open_is_no_part_of_the_form(tab, served):
    page = tab("/review", width=360)
    page.get_by_text("Your review", exact=True).click()
    page.get_by_label("In a few words", exact=True).fill("x")
    page.get_by_text("Saved 10:42").first.wait_for(timeout=3000)

    assert "panes-shown" not in served.app.config["DRAFTS"][-1]


def test_on_a_wide_screen_both_panes_are_there_and_scroll_by_themselves(tab):
    page = tab("/review", width=960, height=600)
    panes = page.locator(".pane")

    assert [pane.is_visible() for pane in panes.all()] == [True, True]
    assert all(pane.bounding_box()["height"] <= 600 for pane in panes.all())


def test_without_script_everything_is_still_there(tab):
    page = tab("/review", width=360, java_script_enabled=False)
    page.get_by_text("Your review", exact=True).click()
    page.get_by_label("In a few words", exact=True).fill("By hand.")
    page.get_by_role("button", name="Send review").click()

    assert page.url.endswith("/done")


def test_without_script_no_button_is_there_that_does_nothing(tab):
    page = tab("/forms", java_script_enabled=False)

    assert not page.get_by_role("button", name="Bold").is_visible()


def test_counts_renew_themselves_while_looked_at(tab):
    page = tab("/parts", fresh=True)
    page.clock.install()
    page.reload(wait_until="networkidle")
    page.clock.fast_forward(5_000)

    page.get_by_text("Twenty-four of twenty-four").wait_for(timeout=3000)


def test_the_browser_says_times_as_the_server_does(tab):
    minutes = [-4000, -119, -61, -1, -0.5, 0, 0.5, 1, 61, 119.9, 121, 2880, 9000]
    said = tab("/parts").evaluate(
        """async (gaps) => { const { say } = await import("/static/x/times.js");
        return gaps.map((gap) => [say.left(gap * 60_000), say.relative(gap * 60_000)]); }""",
        minutes,
    )
    times = [NOW + timedelta(minutes=gap) for gap in minutes]

    assert said == [[dates.left(at, NOW), dates.relative(at, NOW)] for at in times]


def test_times_go_by_the_servers_clock(tab):
    page = tab("/parts", fresh=True)
    page.clock.install()
    page.reload(wait_until="networkidle")
    page.clock.fast_forward(24 * 3600 * 1000)

    assert page.locator(".next time[data-words]").inner_text() == "2 days left"


FRAME = """<!doctype html><title>LMS</title><iframe id=f></iframe><script>
addEventListener("message", ({ data }) => { document.title = `${data.subject} ${data.height}`; });
</script>"""


def framed(tab, served, origin):
    page = tab("/problem", fresh=True)
    page.route("**/lms", lambda route: route.fulfill(body=FRAME, content_type="text/html"))
    page.goto("/lms")
    page.evaluate(
        "(at) => { document.getElementById('f').src = at; }", f"/parts?frame_origin={origin}"
    )
    page.frame_locator("#f").get_by_role("heading", level=1).wait_for()
    page.wait_for_timeout(500)
    return page.title()


def test_the_page_asks_the_lms_for_a_frame_of_its_height(tab, served):
    told = framed(tab, served, served.url)

    assert told.startswith("lti.frameResize ")
    assert int(told.split()[1]) > 1000


def test_the_page_tells_its_height_to_nobody_else(tab, served):
    assert framed(tab, served, "https://lms.example") == "LMS"
