"""The JSON-LD document, by the rules of the xAPI Profiles Specification 1.0."""

from pathlib import Path

import pytest

from xapi import vocabulary
from xapi.profile import document, patterns
from xapi.vocabulary import PROFILE, PROFILE_VERSION

PROFILE_DOCUMENT = document.build()
PARTS = [
    *PROFILE_DOCUMENT["concepts"],
    *PROFILE_DOCUMENT["templates"],
    *PROFILE_DOCUMENT["patterns"],
]


def test_the_profile_names_itself_its_version_and_what_it_conforms_to():
    assert PROFILE_DOCUMENT["id"] == PROFILE
    assert PROFILE_DOCUMENT["type"] == "Profile"
    assert PROFILE_DOCUMENT["conformsTo"] == "https://w3id.org/xapi/profiles#1.0"
    assert [one["id"] for one in PROFILE_DOCUMENT["versions"]] == [PROFILE_VERSION]


def test_every_part_has_an_id_of_its_own_below_the_profile():
    ids = [one["id"] for one in PARTS]

    assert len(ids) == len(set(ids))
    assert all(one.startswith(f"{PROFILE}/") for one in ids)


@pytest.mark.parametrize("part", PARTS, ids=lambda one: one["id"].removeprefix(PROFILE))
def test_every_part_has_a_name_and_a_definition_in_words(part):
    assert part["prefLabel"]["en"].strip()
    assert part["definition"]["en"].strip()


def test_every_word_of_our_own_is_defined_and_no_other():
    text = Path(vocabulary.__file__).read_text(encoding="utf-8")

    assert len(PROFILE_DOCUMENT["concepts"]) == text.count('f"{PROFILE}/') - 1  # its own version


def test_no_two_templates_have_the_same_determining_properties():
    keys = [
        (one["verb"], one["objectActivityType"], *one.get("contextParentActivityType", ()))
        for one in PROFILE_DOCUMENT["templates"]
    ]

    assert len(keys) == len(set(keys))


def test_patterns_lead_to_templates_and_patterns_of_the_profile():
    known = {one["id"] for one in PARTS}
    for one in PROFILE_DOCUMENT["patterns"]:
        (way,) = {"sequence", "alternates", "optional", "oneOrMore", "zeroOrMore"} & one.keys()
        parts = [one[way]] if isinstance(one[way], str) else one[way]
        assert set(parts) <= known
        assert isinstance(one[way], str) or len(parts) > 1


def test_every_template_is_part_of_a_primary_pattern():
    used = {part for one in PROFILE_DOCUMENT["patterns"] for part in one.get("alternates", ())}

    assert used == {one["id"] for one in PROFILE_DOCUMENT["templates"]}
    assert [one.key for one in patterns.every() if one.primary] == [
        "peer-review-cycle",
        "peer-teaching-cycle",
        "goal-setting",
    ]
