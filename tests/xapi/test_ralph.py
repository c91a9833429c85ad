"""Our client and our statements against Ralph, a record store that none of us wrote."""

import json
import subprocess
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from support.ralph import RALPH, ralph

from xapi import vocabulary as words
from xapi.client import RecordStore, Refused, Unauthorised
from xapi.delivery import Fate, Sealed, deliver, seal
from xapi.identity import Account
from xapi.statement import Thing, build

__all__ = ["ralph"]

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
WORK = Thing("https://peer.example.org/submissions/1", words.SUBMISSION, "A submission")

pytestmark = pytest.mark.slow


@pytest.fixture
def store(ralph):
    with RecordStore(ralph.url, ralph.key, ralph.secret) as store:
        yield store


def make(count, verb):
    actor = Account("https://lms.example.org", "ada")
    return [
        seal(build(uuid4(), actor=actor, verb=verb, thing=WORK, at=NOW, scaled=0.5))
        for _ in range(count)
    ]


def stored(store, verb):
    # Its file back end finds nothing by a verb, so we look through everything.
    return sorted(one["id"] for one in store.statements() if one["verb"]["id"] == verb.id)


def test_a_class_of_300_arrives_and_each_statement_once(store):
    said = make(300, words.SUBMITTED)
    for start in range(0, 300, 100):
        deliver(store.send, store.fetch, said[start : start + 100])

    assert stored(store, words.SUBMITTED) == sorted(str(one.id) for one in said)


def test_a_batch_that_comes_again_is_stored_once(store):
    said = make(5, words.REVIEWED)
    first, again = (deliver(store.send, store.fetch, said) for _ in range(2))

    assert {o.fate for o in first.outcomes + again.outcomes} == {Fate.DELIVERED}
    assert stored(store, words.REVIEWED) == sorted(str(one.id) for one in said)


def test_another_statement_under_a_taken_id_dies_alone(store):
    mine, other = make(2, words.RATED)
    store.send([mine.body])
    changed = Sealed(mine.id, mine.body.replace("0.5", "0.75"))
    outcomes = deliver(store.send, store.fetch, [other, changed]).outcomes

    assert [outcome.fate for outcome in outcomes] == [Fate.DELIVERED, Fate.DEAD]


def test_a_broken_statement_is_refused_with_422(store):
    with pytest.raises(Refused, match="422"):
        store.send(['{"actor": 5}'])


def test_a_wrong_secret_is_told_apart(ralph):
    with RecordStore(ralph.url, ralph.key, "wrong") as store, pytest.raises(Unauthorised):
        store.send(["{}"])


def test_ralph_s_own_model_takes_our_statements(typical_text, ralph):
    made = [
        one.body
        for verb in vars(words).values()
        if isinstance(verb, words.Verb) and verb is not words.VOIDED
        for one in make(1, verb)
    ]
    program = (
        "import json, sys\n"
        "from ralph.models.xapi.base.statements import BaseXapiStatement\n"
        "for line in sys.stdin:\n"
        "    BaseXapiStatement.model_validate(json.loads(line))\n"
    )
    lines = "\n".join([typical_text, *made])
    judged = subprocess.run(  # noqa: S603 - our own words
        [RALPH.environment / "bin" / "python", "-c", program], input=lines, text=True, capture_output=True, check=False
    )

    assert judged.stderr == ""
    assert judged.returncode == 0
    assert len(made) > 20
    assert json.loads(made[0])
