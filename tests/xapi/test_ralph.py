"""Our client and our statements against Ralph, a record store that none of us wrote."""

import json
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import factories
import pytest
from sqlalchemy import select
from support import said
from support.ralph import ralph, refusals

from lti_peer.activities.peer_review import service, steering
from lti_peer.core import endpoints
from lti_peer.core.db import Database
from lti_peer.core.endpoints import RecordEndpoint
from lti_peer.core.keys import Vault
from lti_peer.core.models import Activity, Person, Role
from lti_peer.core.outbox import OutboxItem
from lti_peer.jobs.endpoints import Endpoints
from lti_peer.jobs.worker import Worker
from lti_peer.peerwork.feedback import Said
from xapi import vocabulary as words
from xapi.client import RecordStore, Refused, Unauthorised
from xapi.delivery import Fate, Sealed, deliver, seal
from xapi.identity import Account
from xapi.statement import Thing, build

__all__ = ["ralph"]

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TOOL = "https://tool.example"
VAULT = Vault(factories.SECRET)
LATER = factories.NOW + timedelta(days=8)
GOOD = Said({"answer": 3, "reasons": 2, "clarity": 3}, "", "", 0)
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


def times(store, ids):
    """Return how often each id is there."""
    there = Counter(one["id"] for one in store.statements())
    return [there[str(one)] for one in ids]


def work(database, learners, reviewers):
    """Let a class hand in, and some of it review; return the ids of what Ralph is to be told."""
    world = factories.World(database).build(learners=learners)
    with database.transaction() as session:
        activity = session.get_one(Activity, world.activity.id)
        teacher = session.get_one(Person, world.teacher.id)
        steering.prepare(session, factories.visit(teacher, activity, Role.INSTRUCTOR))
        people = [session.get_one(Person, one.id) for one in world.people]
        for who in people:
            service.hand_in(session, factories.visit(who, activity), "A text.", "<p>A</p>", 2)
        for who in people[:reviewers]:
            visit = factories.visit(who, activity, now=LATER)
            service.give_review(session, visit, service.take_review(session, visit).id, GOOD)
        told = OutboxItem.endpoint_id == endpoints.named(session, "ralph").id
        return list(session.scalars(select(OutboxItem.key).where(told)))


@pytest.mark.one_database
def test_a_worker_tells_of_a_class_of_300_and_each_statement_is_there_once(database, ralph, store):
    with database.transaction() as session:
        one = RecordEndpoint(name="ralph", url=ralph.url, key=ralph.key, secret=ralph.secret)
        endpoints.add(session, VAULT, one, pseudonyms=False)
    said = work(database, 300, reviewers=30)
    worker = Worker(database, {}, TOOL, {}, Endpoints(database, VAULT, TOOL, private=True))

    assert worker.once() == len(said) == 300 + 2 * 30
    assert times(store, said) == [1] * len(said)


@pytest.fixture
def run(command, ralph):
    """Run `lti-peer`, which may go to the loopback, and return its answer."""

    def call(*words, code=0):
        more = {"LTI_PEER_ALLOW_PRIVATE_HOSTS": "true", "RECORD_STORE_SECRET": ralph.secret}
        done = command(*words, "--json", **more)
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    return call


def test_what_ralph_has_lost_is_named_and_sent_again(run, ralph, tmp_path):
    run("records", "endpoint", "add", "ralph", ralph.url, "--key", ralph.key)
    with closing(Database(f"sqlite:///{tmp_path}/data/lti-peer.db")) as database:
        said = work(database, 3, reviewers=2)
    run("worker", "--once")
    compare = ("records", "reconcile", "--endpoint", "ralph")
    assert run(*compare)["gaps"] == []

    ralph.lose(said[-1])
    found = run(*compare, code=1)["gaps"]
    assert [(gap["kind"], gap["statement"]) for gap in found] == [("missing", said[-1])]
    assert run(*compare, "--resend")["resent"] == 1
    run("worker", "--once")
    assert run(*compare)["gaps"] == []


def test_a_batch_that_comes_again_is_stored_once(store):
    said = make(5, words.REVIEWED)
    first, again = (deliver(store.send, store.fetch, said) for _ in range(2))

    assert {o.fate for o in first.outcomes + again.outcomes} == {Fate.DELIVERED}
    assert times(store, [one.id for one in said]) == [1] * 5


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

    assert len(made) > 20
    (refused,) = refusals([typical_text, '{"actor": 5}', *made])
    assert refused.startswith('{"actor": 5}: ')


def test_one_statement_of_each_shape_is_kept_for_ralph_to_judge(monkeypatch, typical):
    monkeypatch.setattr(said, "HEARD", {})
    longer = {**typical, "result": {**typical["result"], "duration": "PT1H2M"}}
    for one in (typical, {**typical, "id": str(uuid4())}, longer, {**typical, "context": {}}):
        said.hear(one)

    assert [json.loads(text) for text in said.HEARD.values()] == [
        typical,
        longer,
        {**typical, "context": {}},
    ]
