"""tincan as a second opinion on our 1.0.3 statements, and as a reader of a record store."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aniso8601 import parse_duration

from xapi import vocabulary as words
from xapi.identity import Account
from xapi.interop import PooledLRS, to_tincan
from xapi.statement import Thing, build, voiding

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ADA = Account("https://lms.example.org", "ada")


def same(ours, theirs):
    """Compare, but for what tincan is known to change: how numbers and durations are written."""
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, str) and ours.startswith("PT"):
        return parse_duration(ours) == parse_duration(theirs)
    if isinstance(ours, str) and ours.endswith("Z"):
        return datetime.fromisoformat(ours) == datetime.fromisoformat(theirs)
    return ours == theirs


def told_by_tincan(statement):
    told = json.loads(to_tincan(statement).to_json())
    assert told.pop("version") == "1.0.3"
    return told


def test_a_full_statement_survives_tincan(typical):
    assert same(typical, told_by_tincan(typical))


@pytest.mark.parametrize("name", [n for n, v in vars(words).items() if isinstance(v, words.Verb)])
def test_every_verb_survives_tincan(name):
    verb = getattr(words, name)
    thing = uuid4() if verb is words.VOIDED else Thing("https://peer.example.org/t/1", words.TOPIC)
    said = build(uuid4(), actor=ADA, verb=verb, thing=thing, at=NOW, success=False, raw=0)

    assert same(said, told_by_tincan(said))


def test_a_voiding_statement_survives_tincan():
    said = voiding(uuid4(), actor=ADA, target=uuid4(), at=NOW)

    assert same(said, told_by_tincan(said))


def test_tincan_reads_the_embedded_store_through_our_client(live, typical):
    live.send([json.dumps(typical)])
    lrs = PooledLRS(live)

    assert "1.0.3" in lrs.about().content.version
    assert lrs.retrieve_statement(typical["id"]).content.verb.id == words.REVIEWED.id
    assert len(lrs.query_statements({"limit": 5}).content.statements) == 1


def test_tincan_saves_into_the_embedded_store_through_our_client(live, typical):
    del typical["id"]
    saved = PooledLRS(live).save_statement(to_tincan(typical))

    assert saved.success
    assert PooledLRS(live).retrieve_statement(saved.content.id).success


def test_tincan_learns_that_a_statement_is_not_there(live):
    answer = PooledLRS(live).retrieve_statement(str(uuid4()))

    assert not answer.success
