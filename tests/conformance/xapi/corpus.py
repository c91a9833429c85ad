"""43 statements that validators disagree about: 9 valid ones, and 34 with one defect each."""

import json
from typing import Any

ACTIVITY = {"objectType": "Activity", "id": "https://example.org/a"}
AGENT = {"objectType": "Agent", "mbox": "mailto:a@example.org"}
ACCOUNT = {"account": {"homePage": "https://lms.example.org", "name": "17"}}
ID = "0193a5c8-7a10-7cc0-8000-00000000000b"
REF = {"objectType": "StatementRef", "id": ID}
VOIDED = {"id": "http://adlnet.gov/expapi/verbs/voided"}
GONE = object()

PLAIN: dict[str, Any] = {
    "id": "0193a5c8-7a10-7cc0-8000-00000000000c",
    "actor": AGENT,
    "verb": {"id": "http://adlnet.gov/expapi/verbs/attended", "display": {"en": "attended"}},
    "object": ACTIVITY,
    "result": {"score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10}, "duration": "PT1M"},
    "context": {
        "registration": ID,
        "contextActivities": {"parent": [ACTIVITY]},
        "extensions": {"https://example.org/x": 1},
    },
    "timestamp": "2026-11-22T06:00:00.000Z",
}


def altered(changes: dict[str, Any]) -> dict[str, Any]:
    """Return the plain statement with dotted members set, or left out where the value is GONE."""
    statement = json.loads(json.dumps(PLAIN))  # a deep copy would keep what is shared shared
    for dotted, value in changes.items():
        *above, last = dotted.split("/")
        place = statement
        for name in above:
            place = place[name]
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return statement


SUB = {"objectType": "SubStatement", "actor": AGENT, "verb": PLAIN["verb"], "object": ACTIVITY}
CONTEXT_AGENT = {"objectType": "contextAgent", "agent": AGENT}

VALID: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("1.0.3", {}),
    "an account and no objectType": ("1.0.3", {"actor": ACCOUNT}),
    "an anonymous group of two": (
        "1.0.3",
        {"actor": {"objectType": "Group", "member": [AGENT, ACCOUNT]}},
    ),
    "a sub-statement": ("1.0.3", {"object": SUB}),
    "a voiding statement": ("1.0.3", {"verb": VOIDED, "object": REF}),
    "one activity as parent, not in an array": (
        "1.0.3",
        {"context/contextActivities": {"parent": ACTIVITY}},
    ),
    "null inside an extension": ("1.0.3", {"context/extensions": {"https://example.org/x": None}}),
    "a context agent": (
        "2.0.0",
        {"context/contextAgents": [{**CONTEXT_AGENT, "relevantTypes": ["https://example.org/t"]}]},
    ),
    "version 2.0.0 and a context agent without types": (
        "2.0.0",
        {"version": "2.0.0", "context/contextAgents": [CONTEXT_AGENT]},
    ),
}

DEFECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "no actor": ("$", {"actor": GONE}),
    "no verb": ("$", {"verb": GONE}),
    "no object": ("$", {"object": GONE}),
    "an agent that nothing identifies": ("$.actor", {"actor": {"name": "A"}}),
    "an agent with two identifiers": ("$.actor", {"actor": {**AGENT, **ACCOUNT}}),
    "a mailbox that is no mailto IRI": ("$.actor.mbox", {"actor": {"mbox": "a@example.org"}}),
    "a SHA-1 sum of 39 digits": ("$.actor.mbox_sha1sum", {"actor": {"mbox_sha1sum": "a" * 39}}),
    "an account without a home page": ("$.actor.account", {"actor": {"account": {"name": "17"}}}),
    "an agent with members": ("$.actor.member", {"actor": {**AGENT, "member": [AGENT]}}),
    "an anonymous group without members": ("$.actor", {"actor": {"objectType": "Group"}}),
    "a group inside a group": (
        "$.actor.member[0].objectType",
        {"actor": {"objectType": "Group", "member": [{**AGENT, "objectType": "Group"}]}},
    ),
    "a verb that is no IRI": ("$.verb.id", {"verb": {"id": "attended"}}),
    "a display in no language": (
        "$.verb.display",
        {"verb": {"id": VOIDED["id"] + "x", "display": {"a12345": "attended"}}},
    ),
    "a display that is a string": ("$.verb.display", {"verb/display": "attended"}),
    "an unknown property": ("$.colour", {"colour": "red"}),
    "a property in the wrong case": ("$.Timestamp", {"Timestamp": PLAIN["timestamp"]}),
    "null": ("$.context.platform", {"context/platform": None}),
    "an id that is no UUID": ("$.id", {"id": "0193a5c8"}),
    "a scaled score of 7.5": ("$.result.score.scaled", {"result/score": {"scaled": 7.5}}),
    "a score as a string": ("$.result.score.raw", {"result/score": {"raw": "5"}}),
    "more points than the most": ("$.result.score.raw", {"result/score": {"raw": 11, "max": 10}}),
    "points that are not a number": ("$.result.score.raw", {"result/score/raw": float("nan")}),
    "a success in words": ("$.result.success", {"result/success": "true"}),
    "a negative duration": ("$.result.duration", {"result/duration": "-PT1M"}),
    "an extension key that is no IRI": ("$.context.extensions", {"context/extensions": {"x": 1}}),
    "a registration that is no UUID": ("$.context.registration", {"context/registration": "17"}),
    "a platform where the object is an agent": (
        "$.context.platform",
        {"object": AGENT, "context/platform": "LMS"},
    ),
    "a team that is an agent": ("$.context.team.objectType", {"context/team": AGENT}),
    "a day that does not exist": ("$.timestamp", {"timestamp": "2026-02-30T06:00:00Z"}),
    "the zone minus zero": ("$.timestamp", {"timestamp": "2026-11-22T06:00:00-00:00"}),
    "a sub-statement in a sub-statement": (
        "$.object.object.objectType",
        {"object": {**SUB, "object": SUB}},
    ),
    "a sub-statement with an id": ("$.object.id", {"object": {**SUB, "id": ID}}),
    "a voided activity": ("$.object", {"verb": VOIDED}),
    "a context agent in 1.0.3": (
        "$.context.contextAgents",
        {"context/contextAgents": [CONTEXT_AGENT]},
    ),
}
