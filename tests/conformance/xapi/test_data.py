"""The data rules of xAPI 1.0.3, part 2, for statements and for what lies in sub-statements.

Section numbers and XAPI numbers are those of the specification and of ADL's requirements.
"""

import copy

import pytest
from conformance.xapi.corpus import ACCOUNT, ACTIVITY, AGENT, PLAIN, REF, SUB, altered
from hypothesis import given, settings
from hypothesis import strategies as st

from xapi.validate import check, check_batch

ATTACHMENT = {
    "usageType": "https://example.org/usage",
    "display": {"en": "A file"},
    "contentType": "text/plain; charset=ascii",
    "length": 27,
    "sha2": "4" * 64,
}
GROUP = {"objectType": "Group", "member": [AGENT, ACCOUNT]}
TWO = [{"id": "a"}, {"id": "a"}]
LIKERT = {
    "interactionType": "likert",
    "scale": [{"id": "a"}, {"id": "b", "description": {"en": "B"}}],
}


def within(changes, *, inside):
    """Return the altered statement, or a plain one with the alterations in its sub-statement."""
    statement = altered(changes)
    if not inside:
        return statement
    sub = {name: statement[name] for name in statement if name != "id"}
    return {**copy.deepcopy(PLAIN), "object": {"objectType": "SubStatement", **sub}}


def defined(**definition):
    return {"object": {**ACTIVITY, "definition": definition}}


GOOD = [
    ("4.5 extended time", {"timestamp": "2026-11-22T06:00:00.123456789+05:30"}),
    ("4.5 basic time", {"timestamp": "20261122T060000Z"}),
    ("4.5 zone of hours", {"timestamp": "2026-11-22T06:00:00+05"}),
    ("4.5 small letters", {"timestamp": "2026-11-22t06:00:00z"}),
    ("4.5 no zone", {"timestamp": "2026-11-22T06:00:00"}),
    ("4.6 weeks", {"result/duration": "P4W"}),
    ("4.6 all units", {"result/duration": "P3Y1M29DT4H35M59.14S"}),
    ("4.6 a fraction of an hour", {"result/duration": "PT1.5H"}),
    ("4.6 a fraction of a day, comma", {"result/duration": "P1Y1,5D"}),
    ("4.6 seconds only", {"result/duration": "PT16559.14S"}),
    ("4.2 German of Switzerland", {"verb/display": {"de-CH-1996": "nahm teil"}}),
    ("4.2 Chinese, script and region", {"verb/display": {"zh-Hant-TW": "x"}}),
    ("4.2 variants and extensions", {"verb/display": {"sl-rozaj-1994-a-rozaj-b-aaa-x-a-a": "x"}}),
    ("4.2 a private language", {"verb/display": {"x-klingon": "x"}}),
    ("4.2 a grandfathered language", {"verb/display": {"i-navajo": "x"}}),
    ("4.4 an IRI beyond ASCII", {"object/id": "https://example.org/größe"}),
    ("4.4 a tag", {"object/id": "tag:example.org,2026:a"}),
    ("2.4.5 an empty response", {"result/response": ""}),
    ("2.4.2.3 an OpenID", {"actor": {"openid": "https://id.example.org/a"}}),
    ("2.4.2.2 an identified group without members", {"actor": {"objectType": "Group", **ACCOUNT}}),
    ("2.4.4.1 likert", {"object": {**ACTIVITY, "definition": LIKERT}}),
    ("2.4.4.2 an agent as object", {"object": AGENT}),
    ("2.4.4.2 a group as object", {"object": GROUP}),
    ("2.4.4.3 a statement as object", {"object": REF}),
    ("2.4.5.1 a share of exactly -1", {"result/score": {"scaled": -1}}),
    (
        "2.4.6 all of it",
        {"context/instructor": GROUP, "context/team": GROUP, "context/language": "en"},
    ),
    ("2.4.6 a statement", {"context/statement": REF}),
    ("2.4.11 an attachment", {"attachments": [{**ATTACHMENT, "fileUrl": "https://example.org/f"}]}),
    ("2.2 empty extensions", {"context/extensions": {}}),
    ("2.4.4.1 an empty definition", defined()),
]

BAD = [
    ("4.5 a date alone", {"timestamp": "2026-11-22"}),
    ("4.5 another order", {"timestamp": "01/011/2015"}),
    ("4.5 minus zero, short", {"timestamp": "2008-09-15T15:53:00.601-00"}),
    ("4.5 minus zero, basic", {"timestamp": "2008-09-15T15:53:00.601-0000"}),
    ("4.5 hour 25", {"timestamp": "2026-11-22T25:00:00Z"}),
    ("4.5 digits of another script", {"timestamp": "٢٠٢٦-11-22T06:00:00Z"}),
    ("4.5 before the year 1 in UTC", {"timestamp": "0001-01-01T00:00:00+01:00"}),
    ("4.5 after the year 9999 in UTC", {"timestamp": "9999-12-31T23:59:59-01:00"}),
    ("4.5 a number", {"timestamp": 1}),
    ("4.6 no unit", {"result/duration": "P"}),
    ("4.6 T and nothing", {"result/duration": "P1DT"}),
    ("4.6 the other format", {"result/duration": "P0003-06-04T12:30:05"}),
    ("4.6 weeks and days", {"result/duration": "P4W1D"}),
    ("4.6 wrong order", {"result/duration": "PT1S1M"}),
    ("4.6 a fraction not in the last unit", {"result/duration": "PT1.5H1M"}),
    ("4.6 letters", {"result/duration": "PA1H0M0S"}),
    ("4.2 two regions", {"verb/display": {"de-419-DE": "x"}}),
    ("4.2 an extension twice", {"verb/display": {"zh-z-aaa-z-bbb-c-ccc": "x"}}),
    ("4.2 an extension twice, one between", {"verb/display": {"ar-a-aaa-b-bbb-A-ccc": "x"}}),
    ("4.2 a variant twice", {"verb/display": {"sl-rozaj-1994-rozaj": "x"}}),
    ("4.2 nothing", {"verb/display": {}}),
    ("4.2 null", {"verb/display": {"en": None}}),
    ("4.4 a bad scheme", {"object/id": "ab=c://should.fail.com"}),
    ("4.4 a space", {"object/id": "https://example.org/a b"}),
    ("4.4 a broken escape", {"object/id": "https://example.org/%zz"}),
    ("4.4 half a character", {"object/id": "https://example.org/\ud800"}),
    ("2.4.3 no verb id", {"verb": {"display": {"en": "x"}}}),
    ("2.4.3 an unknown part of a verb", {"verb/colour": "red"}),
    ("2.4.4.1 no id", {"object": {"objectType": "Activity"}}),
    ("2.4.4.1 a definition in words", {"object": {**ACTIVITY, "definition": "x"}}),
    ("2.4.4.1 a type that is no IRI", defined(type="x")),
    ("2.4.4.1 moreInfo that is no IRL", defined(moreInfo="x")),
    ("2.4.4.1 no such interaction", defined(interactionType="x")),
    ("2.4.4.1 an interaction as a list", defined(interactionType=[])),
    ("2.4.4.1 a scale without its type", defined(scale=[{"id": "a"}])),
    ("2.4.4.1 choices in a likert", defined(**{**LIKERT, "choices": [{"id": "a"}]})),
    ("2.4.4.1 the same component twice", defined(**{**LIKERT, "scale": TWO})),
    ("2.4.4.1 a component without id", defined(**{**LIKERT, "scale": [{}]})),
    ("2.4.4.3 a reference without id", {"object": {"objectType": "StatementRef"}}),
    ("2.4.4 no such object", {"object": {"objectType": "activity", "id": "https://example.org/a"}}),
    ("2.4.4 a type that is a list", {"object": {**ACTIVITY, "objectType": []}}),
    ("2.4.5 completion in words", {"result/completion": "false"}),
    ("2.4.5 a score that is a number", {"result/score": 5}),
    ("2.4.5.1 true as points", {"result/score": {"raw": True}}),
    ("2.4.5.1 less than the least", {"result/score": {"raw": -1, "min": 0}}),
    ("2.4.5.1 the least not less than the most", {"result/score": {"min": 1, "max": 1}}),
    ("2.4.5.1 infinity", {"result/score": {"raw": float("inf")}}),
    ("2.4.5.1 below -1", {"result/score": {"scaled": -1.00001}}),
    ("2.4.6 an instructor in words", {"context/instructor": "x"}),
    ("2.4.6 no contextActivities", {"context/contextActivities": {}}),
    ("2.4.6 an unknown contextActivity", {"context/contextActivities": {"sibling": [ACTIVITY]}}),
    ("2.4.6 a revision of a statement", {"object": REF, "context/revision": "2"}),
    ("2.4.6 a language that is none", {"context/language": "a12345"}),
    ("2.4.6 a statement without type", {"context/statement": {"id": REF["id"]}}),
    ("2.4.11 attachments not in an array", {"attachments": ATTACHMENT}),
    ("2.4.11 an attachment that is a number", {"attachments": [5]}),
    ("2.4.11 no SHA-2", {"attachments": [{k: v for k, v in ATTACHMENT.items() if k != "sha2"}]}),
    ("2.4.11 a SHA-2 that is none", {"attachments": [{**ATTACHMENT, "sha2": "x"}]}),
    ("2.4.11 no media type", {"attachments": [{**ATTACHMENT, "contentType": "should fail"}]}),
    ("2.4.11 a length in words", {"attachments": [{**ATTACHMENT, "length": "27"}]}),
    ("2.4.11 a fraction of an octet", {"attachments": [{**ATTACHMENT, "length": 2.5}]}),
    ("4.1 extensions in words", {"context/extensions": "x"}),
    ("4.1 NaN deep in an extension", {"context/extensions": {"a:b": [{"c": float("nan")}]}}),
    ("2.4.2.2 members that are no array", {"actor": {**GROUP, "member": AGENT}}),
    ("2.4.2 a name that is a number", {"actor": {**AGENT, "name": 5}}),
    ("2.4.2.4 no account name", {"actor": {"account": {"homePage": "a:b", "name": {}}}}),
]  # fmt: skip


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(("rule", "changes"), GOOD, ids=[rule for rule, _ in GOOD])
def test_what_the_rule_allows_is_allowed(rule, changes, inside):
    assert check(within(changes, inside=inside)) == []


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(("rule", "changes"), BAD, ids=[rule for rule, _ in BAD])
def test_what_the_rule_forbids_is_found_once(rule, changes, inside):
    faults = check(within(changes, inside=inside))

    assert len(faults) == 1
    assert faults[0].path.startswith("$.object." if inside else "$")


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1.0.9"])
def test_a_version_of_1_0_is_accepted(version):
    assert check(altered({"version": version})) == []


@pytest.mark.parametrize("version", ["0.9.9", "1.1.0", "2.0.0", "x", 1])
def test_xapi_00101_another_version_is_refused(version):
    assert [fault.path for fault in check(altered({"version": version}))] == ["$.version"]


@pytest.mark.parametrize("authority", [AGENT, GROUP])
def test_an_authority_is_an_agent_or_an_anonymous_pair(authority):
    assert check(altered({"authority": authority})) == []


@pytest.mark.parametrize(
    "authority",
    [{**GROUP, "member": [AGENT]}, {**GROUP, "member": [AGENT] * 3}, {**GROUP, **ACCOUNT}],
)
def test_xapi_00098_a_group_of_another_size_is_no_authority(authority):
    assert [fault.rule for fault in check(altered({"authority": authority}))] == ["authority"]


@pytest.mark.parametrize("name", ["id", "stored", "version", "authority"])
def test_a_sub_statement_has_no_such_property(name):
    faults = check(altered({"object": {**SUB, name: "x"}}))

    assert [fault.rule for fault in faults] == ["unknown-property"]


def test_2_0_0_asks_for_a_time_zone():
    late = altered({"timestamp": "2026-11-22T06:00:00"})

    assert [fault.rule for fault in check(late, "2.0.0")] == ["timestamp"]


def test_2_0_0_takes_a_space_between_date_and_time():
    assert check(altered({"timestamp": "2008-09-15 15:53:00.601+00:00"}), "2.0.0") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"objectType": "Should fail", "agent": AGENT},
        {"objectType": "contextAgent", "agent": {"key": "x"}},
        {"objectType": "contextAgent"},
        {"agent": AGENT},
        {"objectType": "contextAgent", "agent": AGENT, "relevantTypes": []},
        {"objectType": "contextAgent", "agent": AGENT, "relevantTypes": ["abc"]},
    ],
)
def test_2_0_0_refuses_a_wrong_context_agent(wrong):
    assert check(altered({"context/contextAgents": [wrong]}), "2.0.0")


def test_2_0_0_takes_a_context_group_and_refuses_an_agent_in_its_place():
    right = {"objectType": "contextGroup", "group": GROUP, "relevantTypes": ["a:b"]}

    assert check(altered({"context/contextGroups": [right]}), "2.0.0") == []
    assert check(altered({"context/contextGroups": [{**right, "group": AGENT}]}), "2.0.0")


def test_a_batch_with_an_id_twice_is_refused_whatever_its_case():
    again = altered({"id": PLAIN["id"].upper()})

    assert [str(fault) for fault in check_batch([PLAIN, again])] == [
        "$[1].id: Another statement of this batch has the same id."
    ]


def test_a_fault_in_a_batch_says_in_which_statement():
    assert check_batch([PLAIN, 5])[0].path == "$[1]"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                sorted({*PLAIN, "objectType", "member", "definition", "score", "account"})
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_no_json_value_is_too_strange_to_be_judged(value):
    check(value)
    check(altered({"object": value, "actor": value, "context": value, "result": value}), "2.0.0")


def members(value, above=()):
    if isinstance(value, dict):
        for name, item in value.items():
            yield (*above, name)
            yield from members(item, (*above, name))


@pytest.mark.parametrize(
    "path", [path for path in members(PLAIN) if "extensions" not in path], ids="/".join
)
def test_xapi_00001_null_is_refused_everywhere_but_in_extensions(path):
    assert check(altered({"/".join(path): None}))
