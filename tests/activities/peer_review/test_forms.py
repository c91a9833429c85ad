import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_peer.activities.peer_review import forms
from lti_peer.activities.peer_review.settings import RUBRIC, Counted, Opens, Settings
from lti_peer.activities.peer_review.setup import rubric_fields
from lti_peer.core.errors import Invalid
from lti_peer.rules.rubric import dump
from lti_peer.web.text import TextTooLong

MARKS = {"mark-answer": "3", "mark-reasons": "2", "mark-clarity": "1"}
SETTINGS = {
    "title": "Essay", "instructions": "Write.", "reviews": "3", "blind": "yes",
    "submit_due": "2026-11-30T23:59", "review_due": "2026-12-07T23:59",
    **rubric_fields(dump(RUBRIC)),
}  # fmt: skip


REVISE = {"revise": "yes", "revise_due": "2026-12-14T23:59", "look_due": "2026-12-21T23:59"}


def test_a_filled_rubric_is_read_with_its_words_counted():
    said = forms.review(
        {**MARKS, "comment-answer": "Two words", "comment": "And *three* more"}, RUBRIC
    )

    assert said.marks == {"answer": 3, "reasons": 2, "clarity": 1}
    assert said.comments == {"answer": "Two words"}
    assert "<em>three</em>" in said.html
    assert said.words == 5


@given(st.text(max_size=6).filter(lambda mark: mark not in {"0", "1", "2", "3"}))
def test_a_mark_that_is_no_level_is_refused_at_its_criterion(mark):
    with pytest.raises(Invalid) as refused:
        forms.review({**MARKS, "mark-reasons": mark}, RUBRIC)
    assert set(refused.value.fields) == {"mark-reasons"}


def test_every_criterion_without_a_mark_is_named():
    with pytest.raises(Invalid) as refused:
        forms.review({}, RUBRIC)
    assert set(refused.value.fields) == {"mark-answer", "mark-reasons", "mark-clarity"}


def test_too_many_words_on_a_criterion_are_refused_there():
    with pytest.raises(Invalid) as refused:
        forms.review({**MARKS, "comment-answer": "x" * 2_001}, RUBRIC)
    assert set(refused.value.fields) == {"comment-answer"}


def test_a_draft_keeps_what_is_typed_and_nothing_else():
    sent = {"mark-answer": "9", "comment": "Half", "csrf_token": "x", "role": "teacher"}

    assert forms.review_draft(sent, RUBRIC) == {"mark-answer": "9", "comment": "Half"}


def test_a_draft_that_is_too_long_to_hand_in_is_too_long_to_keep():
    with pytest.raises(TextTooLong):
        forms.review_draft({"comment": "x" * 40_000}, RUBRIC)


def test_the_settings_are_read_as_they_are_shown():
    plan = forms.plan({**SETTINGS, "feedback": "finished", "late_work": "yes"}, "UTC")

    assert plan.criteria == list(RUBRIC)
    assert plan.settings == Settings(must_hand_in=False, feedback=Opens.FINISHED)


def test_dates_of_revising_are_read_only_where_work_may_be_revised():
    plan = forms.plan({**SETTINGS, **REVISE, "counted": "final"}, "UTC")
    assert list(plan.dates.windows(late_work=True)) == ["submit", "review", "revise", "second_look"]
    assert (plan.settings.revise, plan.settings.counted) == (True, Counted.FINAL)

    off = forms.plan({**SETTINGS, "revise_due": "soon"}, "UTC")
    assert list(off.dates.windows(late_work=True)) == ["submit", "review"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"reviews": "0"}, "reviews"),
        ({"reviews": "many"}, "reviews"),
        ({"reviews": "²"}, "reviews"),
        ({"submit_due": ""}, "submit_due"),
        ({"review_due": "2026-11-01T00:00"}, "review_due"),
        ({"review_opens": "2027-11-01T00:00"}, "review_opens"),
        ({"revise": "yes", "look_due": "2026-12-20T23:59"}, "revise_due"),
        ({"revise": "yes", "revise_due": "2026-12-07T23:59"}, "revise_due"),
        ({**REVISE, "look_due": "2026-12-14T23:59"}, "look_due"),
        ({"criterion-0-level-1-points": "-1"}, "criterion-0-level-1-points"),
        ({"criterion-0-weight": "0"}, "criterion-0-weight"),
        ({"instructions": "x" * 40_000}, "instructions"),
        ({f"criterion-0-level-{n}-label": "" for n in range(1, 4)}, "criterion-0-title"),
        ({f"criterion-{n}-title": "" for n in range(3)}, "criterion-0-title"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_their_field(change, field):
    with pytest.raises(Invalid) as refused:
        forms.plan({**SETTINGS, **change}, "UTC")
    assert field in refused.value.fields


def test_a_new_criterion_gets_a_key_that_no_other_has():
    copied = {f"criterion-3-{part}": SETTINGS[f"criterion-0-{part}"] for part in ("key", "weight")}
    levels = {key.replace("criterion-0", "criterion-3"): SETTINGS[key] for key in SETTINGS
              if key.startswith("criterion-0-level")}  # fmt: skip

    plan = forms.plan({**SETTINGS, **copied, **levels, "criterion-3-title": "Is kind"}, "UTC")

    assert len({one.key for one in plan.criteria}) == 4
