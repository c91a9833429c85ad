"""Our client and our store, over real HTTP."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from xapi import vocabulary as words
from xapi.client import Conflict, RecordStore, Refused, Unauthorised
from xapi.delivery import Fate, deliver, seal
from xapi.identity import Account
from xapi.statement import Thing, build

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ADA = Account("https://lms.example.org", "ada")
WORK = Thing("https://peer.example.org/submissions/1", words.SUBMISSION)


def make(count):
    return [
        seal(build(uuid4(), actor=ADA, verb=words.SUBMITTED, thing=WORK, at=NOW))
        for _ in range(count)
    ]


def test_a_class_of_300_arrives_and_each_statement_once(live):
    said = make(300)
    for start in range(0, 300, 50):
        assert deliver(live.send, live.fetch, said[start : start + 50]).stopped is None

    found = [one["id"] for one in live.statements(verb=words.SUBMITTED.id, limit="70")]
    assert sorted(found) == sorted(str(one.id) for one in said)


def test_a_batch_that_comes_again_is_stored_once(live):
    said = make(3)
    live.send([one.body for one in said])
    live.send([one.body for one in said])

    assert len(list(live.statements())) == 3


def test_what_comes_back_is_what_was_sent(live, typical, typical_text):
    live.send([typical_text])
    back = live.fetch(typical["id"])

    assert {name: back[name] for name in typical} == typical


def test_another_statement_under_a_taken_id_is_a_conflict(live):
    (one,) = make(1)
    live.send([one.body])

    with pytest.raises(Conflict, match=str(one.id)):
        live.send([one.body.replace("/1", "/2")])


def test_a_refusal_names_the_fault(live):
    with pytest.raises(Refused, match=r'\$\[0\]: \\"actor\\" is missing'):
        live.send(["{}"])


def test_a_poisoned_batch_loses_only_its_poison(live):
    said = make(10)
    poison = seal({"id": str(uuid4()), "actor": 5})
    outcomes = deliver(live.send, live.fetch, [*said[:4], poison, *said[4:]]).outcomes

    assert [o.id for o in outcomes if o.fate is Fate.DEAD] == [poison.id]
    assert len(list(live.statements())) == 10


def test_a_wrong_secret_is_told_apart(live):
    with RecordStore(live.endpoint, "k", "wrong") as other, pytest.raises(Unauthorised):
        other.send(["{}"])


def test_a_store_says_its_versions(live, live_2):
    assert live.versions() == ["1.0.0", "1.0.1", "1.0.2", "1.0.3"]
    assert live_2.versions() == [*live.versions(), "2.0.0"]


def test_2_0_0_takes_context_agents_and_1_0_3_does_not(live, live_2):
    agent = {"objectType": "contextAgent", "agent": ADA.agent(), "relevantTypes": ["a:b"]}
    said = build(uuid4(), actor=ADA, verb=words.SUBMITTED, thing=WORK, at=NOW, version="2.0.0")
    said["context"]["contextAgents"] = [agent]

    with pytest.raises(Refused, match="contextAgents"):
        live.send([json.dumps(said)])
    live_2.send([json.dumps(said)])
    assert live_2.fetch(said["id"])["context"]["contextAgents"] == [agent]
