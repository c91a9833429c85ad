"""Templates and patterns against statements that follow them, and that do not."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from xapi.identity import Account
from xapi.profile import check
from xapi.profile.patterns import REVIEW_CYCLE, TEACHING_CYCLE
from xapi.profile.templates import COMMON, TEMPLATES
from xapi.statement import Thing, build
from xapi.vocabulary import COURSE, MENTORED, WORD_COUNT, Extension

START = datetime(2026, 11, 1, tzinfo=UTC)
VALUES = {"score": 0.5, "scaled": 0.5, "completion": True, "success": True}


def example(template, minute=0, **more):
    """Return the smallest statement that follows a template."""
    parent = (Thing("https://tool.example/a", template.parent),) if template.parent else ()
    places = [rule for rule in template.rules if rule.presence == "included"]
    wanted = {rule.location: rule.any_of for rule in places}
    details = {
        name: VALUES[name]
        for name in ("scaled", "completion", "success")
        if any(location[-1] == name for location in wanted)
    }
    if ("result", "duration") in wanted:
        details["duration"] = timedelta(minutes=30)
    for where in ("result", "context"):
        details[f"{where}_extensions"] = {
            Extension(location[2], ""): (allowed or (1,))[0]
            for location, allowed in wanted.items()
            if location[:2] == (where, "extensions")
        }
    return build(
        uuid4(), actor=Account("https://lms.example", "7"), verb=template.verb,
        thing=Thing("https://tool.example/x", template.object),
        at=START + timedelta(minutes=minute),
        registration=uuid4(), platform="lti-peer", parent=parent,
        grouping=(Thing("https://tool.example/c", COURSE),), **{**details, **more},
    )  # fmt: skip


def named(key):
    return next(one for one in TEMPLATES if one.key == key)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.key)
def test_a_statement_follows_its_template_and_no_other(template):
    made = example(template)

    assert check.template_of(made) is template
    assert check.check(made) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.key)
def test_a_statement_that_lacks_what_its_template_demands_is_told_where(template):
    for rule in (*COMMON, *template.rules):
        made = example(template)
        inner = made
        for key in rule.location[:-1]:
            inner = inner.setdefault(key, {})
        if rule.presence == "included":
            del inner[rule.location[-1]]
        else:
            inner[rule.location[-1]] = "anything"
        found = {fault.path for fault in check.check(made)}
        assert check.path(rule.location) in found


def test_a_value_that_the_template_does_not_know_is_told():
    made = example(named("check-answered"))
    moment = next(key for key in made["context"]["extensions"] if key.endswith("check-moment"))
    made["context"]["extensions"][moment] = "later"

    (fault,) = check.check(made)

    assert fault.rule == "any"
    assert "before, after" in fault.message


def test_a_sentence_that_nobody_described_is_told():
    made = example(named("topic-explained"))
    made["verb"]["id"] = MENTORED.id

    assert [fault.rule for fault in check.check(made)] == ["template"]


def test_a_statement_of_another_profile_is_told():
    made = example(named("topic-explained"), category=(Thing("https://other.example/v1"),))

    assert "category" in [fault.rule for fault in check.check(made)]


def test_two_kinds_that_share_verb_and_object_are_told_apart_by_their_parent():
    made = example(named("topic-registered"))
    made["context"]["contextActivities"]["parent"] = [{"id": "https://tool.example/other"}]

    assert check.template_of(made) is None


@pytest.mark.parametrize(
    ("keys", "pattern"),
    [
        (["review-launched", "submission-submitted"], REVIEW_CYCLE),
        (
            ["submission-submitted", "review-assigned", "review-submitted", "review-completed",
             "feedback-read", "review-rated", "review-scored"],
            REVIEW_CYCLE,
        ),
        (
            ["submission-submitted", "review-submitted", "feedback-read", "submission-revised",
             "review-scored", "review-assigned", "review-submitted", "review-scored"],
            REVIEW_CYCLE,
        ),
        (["submission-submitted", "submission-revised", "review-declined"], None),
        (["topic-registered", "teaching-assigned", "teaching-attended"], TEACHING_CYCLE),
        (["review-scored", "submission-submitted"], None),
        (["review-launched", "topic-explained"], None),
        ([], None),
    ],
)  # fmt: skip
def test_what_a_person_did_follows_a_pattern_in_the_order_of_its_times(keys, pattern):
    made = [example(named(key), minute) for minute, key in enumerate(keys)]

    assert check.pattern_of(made) is pattern
    assert check.pattern_of(made[::-1]) is pattern


def test_a_place_is_written_as_profiles_write_it():
    assert check.path(("result", "score", "scaled")) == "$.result.score.scaled"
    assert check.path(("result", "extensions", WORD_COUNT.id)) == (
        f"$.result.extensions['{WORD_COUNT.id}']"
    )
