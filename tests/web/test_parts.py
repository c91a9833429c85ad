"""What each part promises: names for everybody, nothing that breaks out, one place for identity."""

import pytest
from web.gallery import PAGES, RUBRIC

NASTY = '"><script>alert(1)</script>&amp;{{7*7}}'

CALLS = [
    ("next", "next(x, x, '/a', due=x, note=x)"),
    ("steps", "steps([{'title': x, 'state': 'now', 'when': x, 'note': x, 'href': x}], x)"),
    ("card", "card(x, meta=[x], href=x)"),
    ("chip", "chip(x, 'warn')"),
    ("notice", "notice('bad', x, x)"),
    ("empty", "empty(x, x)"),
    ("person", "person(x, note=x)"),
    ("counts", "counts([{'label': x, 'value': x, 'of': x, 'more': x}])"),
    ("sheet_table", "sheet_table(x, [{'label': x, 'href': x}], [[x]])"),
    ("undo", "undo(x, x, until=x)"),
    ("error_summary", "error_summary([(x, x)])"),
    ("editor", "editor(x, x, x, preview_url=x, hint=x, error=x, target=x)"),
    (
        "rubric",
        "rubric([{'key': x, 'title': x, 'hint': x, 'levels': [{'points': 1, 'title': x}]}])",
    ),
    ("fields", "text_field(x, x, x, hint=x, error=x, more={'placeholder': x})"),
    ("fields", "datetime_field(x, x, x, zone=x)"),
    ("fields", "select_field(x, x, [(x, x)], x)"),
    ("fields", "radio_field(x, x, [(x, x, x)], x)"),
    ("fields", "checkbox_field(x, x, value=x, hint=x)"),
    ("fields", "textarea_field(x, x, x)"),
]


@pytest.fixture
def part(show):
    """A function that renders one call of a macro: part("chip", "chip('Sent')")."""

    def called(file, call, **values):
        name = call.split("(")[0]
        return show(f'{{% from "parts/{file}.html" import {name} %}}{{{{ {call} }}}}', **values)

    return called


@pytest.mark.parametrize(("file", "call"), CALLS)
def test_no_value_breaks_out_of_a_part(part, file, call):
    page = part(file, call, x=NASTY)

    assert "<script" not in page
    assert "49" not in page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_h1_a_title_a_language_and_a_status_line(gallery, name):
    page = gallery.test_client().get(f"/{name}?lang=de").text

    assert page.count("<h1") == 1
    assert page.count("<title>") >= 1
    assert '<html lang="de" dir="ltr"' in page
    assert '<p id="announce" role="status"' in page
    assert 'href="#main"' in page


@pytest.mark.parametrize("name", PAGES)
def test_no_page_uses_an_id_twice(gallery, name):
    page = gallery.test_client().get(f"/{name}").text
    ids = [piece.split('"')[0] for piece in page.split(' id="')[1:]]

    assert sorted(ids) == sorted(set(ids))


def test_the_layout_needs_nothing_but_title_and_content(show):
    page = show(
        '{% extends "layout.html" %}{% block title %}A{% endblock %}'
        "{% block content %}B{% endblock %}"
    )

    assert '<html lang="en" dir="ltr">' in page
    assert "frame-origin" not in page


def test_the_layout_says_what_just_happened(show):
    page = show(
        '{% extends "layout.html" %}{% block title %}A{% endblock %}'
        "{% block content %}B{% endblock %}",
        notices=[{"tone": "good", "text": "Your review is sent."}],
    )

    assert 'class="notice good" role="status"' in page


def test_the_layout_tells_the_clock_and_the_frame_only_when_given(show, gallery):
    page = gallery.test_client().get("/parts?frame_origin=https://lms.example").text

    assert 'data-now="2026-11-24T09:30:00+00:00"' in page
    assert 'data-frame-origin="https://lms.example"' in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"advice": "Try again."}, "<p>Try again.</p>"),
        ({"can_do": ["One.", "Two."]}, "<li>One.</li><li>Two.</li>"),
        ({"code": "E1"}, "<code>E1</code>"),
        ({"action_label": "Go", "action_url": "/x"}, '<a class="button primary" href="/x">Go</a>'),
    ],
)
def test_a_problem_says_what_one_can_do(show, given, said):
    page = show('{% extends "problem.html" %}', title="T", message="M", **given)

    assert said in page


def test_a_problem_without_advice_promises_none(show):
    page = show('{% extends "problem.html" %}', title="T", message="M")

    assert "What you can do" not in page
    assert "give this code" not in page


@pytest.mark.parametrize(
    ("file", "call"),
    [("next", "next('Go', 'Go', '/x', post=True)"), ("undo", "undo('Gone', '/x')")],
)
def test_whatever_posts_carries_the_token(part, file, call):
    assert 'name="csrf_token" value="token-of-the-gallery"' in part(file, call)


def test_next_is_a_link_when_it_only_leads_somewhere(part):
    page = part("next", "next('Read your feedback', 'Read', '/x')")

    assert "<form" not in page
    assert 'href="/x"' in page


def test_next_without_an_act_has_no_button(part):
    assert "button" not in part("next", "next('Nothing to do now.', calm=True)")


def test_a_pseudonym_is_told_to_be_one(part):
    page = part("person", "person('Blue Heron', hidden=True)")

    assert "Blue Heron</bdi>" in page
    assert "(name hidden)" in page


def test_a_chip_has_an_icon_and_a_word(part):
    page = part("chip", "chip('Late', 'warn')")

    assert "#icon-warn" in page
    assert page.rstrip().endswith("Late</span>")


def test_a_level_shows_its_words_and_the_one_given_is_checked(part):
    page = part("rubric", "rubric(criteria, marks={'claim': 2})", criteria=RUBRIC)
    checked = [level for level in page.split("<label") if " checked" in level]

    assert len(checked) == 1
    assert 'name="mark-claim" value="2"' in checked[0]
    assert "The claim is clear from the start." in checked[0]


def test_no_points_are_a_mark_too(part):
    page = part("rubric", "rubric(criteria, marks={'claim': 0})", criteria=RUBRIC)

    assert page.count(" checked") == 1


def test_comments_are_asked_for_only_when_wanted(part):
    without = part("rubric", "rubric(criteria)", criteria=RUBRIC)
    with_them = part("rubric", "rubric(criteria, comments={'claim': 'Why'})", criteria=RUBRIC)

    assert "<textarea" not in without
    assert 'name="comment-claim"' in with_them
    assert "Why</textarea>" in with_them


def test_an_error_of_the_rubric_can_be_reached_from_the_summary(part):
    errors = {"mark-claim": "Choose a level."}
    page = part("rubric", "rubric(criteria, errors=errors)", criteria=RUBRIC, errors=errors)
    summary = part("error_summary", "error_summary(errors.items())", errors=errors)

    assert 'href="#f-mark-claim"' in summary
    assert 'id="f-mark-claim"' in page
    assert "Choose a level." in page


def test_a_filled_rubric_says_when_a_criterion_was_left_out(part):
    page = part("rubric", "rubric_given(criteria, {'claim': 0})", criteria=RUBRIC)

    assert "0 of 3 points" in page
    assert page.count("Not judged.") == 1


def test_rubric_comments_are_escaped_unless_rendered(part):
    page = part("rubric", "rubric_given(c, {}, {'claim': '<b>x</b>'})", c=RUBRIC)

    assert '<div class="written">&lt;b&gt;x' in page


def test_rendered_rubric_comments_are_shown_as_rendered(part):
    page = part("rubric", "rubric_given(c, {}, {'claim': '*x*'|render_text})", c=RUBRIC)

    assert '<div class="prose"><p><em>x</em></p>' in page


def test_a_sorted_column_says_so(part):
    columns = [{"label": "Name", "href": "?sort=name", "sorted": "descending"}]
    page = part("sheet_table", "sheet_table('People', columns, [['Ada']])", columns=columns)

    assert 'aria-sort="descending"' in page
    assert '<th scope="row">Ada</th>' in page
    assert 'role="region" tabindex="0" aria-label="People"' in page


def test_a_field_names_its_hint_and_its_error(part):
    page = part("fields", "text_field('title', 'Title', hint='Short', error='Missing')")

    assert 'aria-describedby="f-title-hint f-title-error" aria-invalid="true"' in page
    assert 'id="f-title-hint"' in page
    assert 'id="f-title-error"' in page


def test_a_date_is_asked_for_in_a_zone_that_is_written_out(part):
    page = part("fields", "datetime_field('due', 'Due', '2026-11-27T23:59', zone='Europe/Paris')")

    assert "Europe/Paris time" in page
    assert 'aria-describedby="f-due-zone"' in page


def test_a_choice_is_found_whatever_its_type(part):
    page = part("fields", "select_field('k', 'K', [(1, 'one'), (2, 'two')], '2')")

    assert '<option value="2" selected>' in page
    assert page.count("selected") == 1


def test_a_text_that_begins_with_an_empty_line_keeps_it(part):
    page = part("editor", "editor('body', 'Text', '\\n\\nfirst')")

    assert ">\n\n\nfirst</textarea>" in page


def test_a_field_without_a_value_is_empty_and_not_none(part):
    for call in ("text_field('a', 'A', None)", "number_field('a', 'A', None)"):
        assert 'value=""' in part("fields", call)
    assert "None" not in part("editor", "editor('a', 'A', None)")


def test_nothing_is_summed_up_where_nothing_is_wrong(part):
    assert part("error_summary", "error_summary([])").strip() == ""


def test_the_draft_tells_which_version_it_changes(part):
    page = part("editor", "autosave('/draft', saved='10:42', version=3)")

    assert '<input type="hidden" name="version" value="3">' in page
    assert '<auto-save data-url="/draft">Saved 10:42</auto-save>' in page


def test_both_panes_are_in_the_page_and_one_tab_is_chosen(show):
    page = show(
        '{% from "parts/side_by_side.html" import side_by_side %}'
        '{% call(pane) side_by_side("A", "B", start="second") %}[{{ pane }}]{% endcall %}'
    )

    assert "[first]" in page
    assert "[second]" in page
    assert 'aria-label="Show: B" checked' in page
    assert page.count('form="panes-none"') == 2
