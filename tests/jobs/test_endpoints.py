"""Each statement goes once to each record store that is told of it, and none waits for another."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import factories
import pytest
from sqlalchemy import select

from lti_peer.core import endpoints, outbox
from lti_peer.core.endpoints import RecordEndpoint
from lti_peer.core.keys import Vault
from lti_peer.core.outbox import Channel, OutboxItem
from lti_peer.jobs import endpoints as jobs
from lti_peer.jobs.endpoints import Endpoints
from lti_peer.jobs.worker import Worker
from xapi.client import TooLarge, Unauthorised, Unavailable

VAULT = Vault(factories.SECRET)
TOOL = "https://tool.example"


class Store:
    """A record store that keeps what it is sent, while it works."""

    def __init__(self):
        self.batches, self.failure, self.most = [], None, 1_000

    def send(self, bodies):
        if self.failure:
            raise self.failure
        if len(bodies) > self.most:
            raise TooLarge("413.")
        self.batches.append([json.loads(body) for body in bodies])

    def fetch(self, _statement_id):
        return None

    @property
    def ids(self):
        return [one["id"] for batch in self.batches for one in batch]


@pytest.fixture
def stores(monkeypatch):
    """The stores that there are, by the names of their endpoints."""
    made = {}
    monkeypatch.setattr(jobs, "open_store", lambda one, *_, **__: made[one.name])
    return made


@pytest.fixture
def add(database, stores):
    """Add endpoints."""

    def write(*names, pseudonyms=False, **terms):
        with database.transaction() as session:
            for name in names:
                stores[name] = Store()
                given = {"url": "https://lrs.example", "key": "k", "secret": "s", **terms}
                one = RecordEndpoint(name=name, **given)
                endpoints.add(session, VAULT, one, pseudonyms=pseudonyms)

    return write


@pytest.fixture
def say(database, tenant):
    """Put statements into the outbox and return their ids."""

    def write(*said, kind="", where=tenant):
        made = said or [factories.statement()]
        with database.transaction() as session:
            for one in made:
                outbox.put(session, where, Channel.XAPI, one["id"], one, kind)
        return [one["id"] for one in made]

    return write


@pytest.fixture
def deliver(database):
    return Endpoints(database, VAULT, TOOL, private=False)


def items(database, **where):
    with database.transaction(read_only=True) as session:
        return session.scalars(select(OutboxItem).filter_by(**where)).all()


def test_each_endpoint_and_the_tools_own_store_are_told_once(database, add, say, stores, deliver):
    add("one", "two")
    (said,) = say()
    assert deliver.once() == 2
    assert deliver.once() == 0
    assert [stores["one"].ids, stores["two"].ids] == [[said], [said]]
    assert len(items(database, endpoint_id=endpoints.OWN)) == 1


def test_saying_it_twice_tells_each_endpoint_once(add, say, stores, deliver):
    add("one")
    one = factories.statement()
    say(one)
    say(one)
    deliver.once()
    say(one)
    deliver.once()
    assert stores["one"].ids == [one["id"]]


def test_what_was_said_before_an_endpoint_was_added_is_not_told_to_it(add, say, deliver):
    say()
    add("one")
    assert deliver.once() == 0


def test_an_endpoint_of_a_deployment_is_told_of_it_alone(database, add, say, stores, tenant):
    with database.transaction() as session:
        other = factories.course(session).deployment_id
    add("mine", deployment_id=tenant)
    (said,), _ = say(), say(where=other)
    Endpoints(database, VAULT, TOOL, private=False).once()
    assert stores["mine"].ids == [said]


def test_a_filter_lets_its_kinds_and_verbs_through(add, say, stores, deliver):
    verb = factories.statement()["verb"]["id"]
    add("kind", kinds=endpoints.words(["teaching", "peer_review"]))
    add("verb", verbs=endpoints.words([verb]))
    add("other verb", verbs=endpoints.words([verb + "s"]))
    (said,), (other,) = say(kind="peer_review"), say(kind="peer-review")
    deliver.once()
    assert {name: store.ids for name, store in stores.items()} == {
        "kind": [said],
        "verb": [said, other],
        "other verb": [],
    }


@pytest.mark.parametrize("failure", [Unauthorised("401."), Unavailable("429.", 60.0)])
def test_an_endpoint_that_is_away_holds_up_no_other_and_blames_nothing(
    database, add, say, stores, deliver, failure
):
    add("away", "works")
    stores["away"].failure = failure
    said = [*say(), *say()]
    deliver.once()
    assert stores["works"].ids == said
    assert {one.attempts for one in items(database)} == {0}


def test_an_endpoint_that_is_away_is_not_even_claimed_for(database, add, say, stores, deliver):
    add("away")
    stores["away"].failure = Unauthorised("401.")
    say()
    deliver.once()
    say()
    assert deliver.once() == 0
    untouched = items(database, batch=None, state="pending")
    assert len([one for one in untouched if one.endpoint_id != endpoints.OWN]) == 1


def test_an_inactive_endpoint_gets_what_was_said_meanwhile_when_it_is_active(
    database, add, say, stores, deliver
):
    add("one", active=False)
    (said,) = say()
    assert deliver.once() == 0
    with database.transaction() as session:
        endpoints.named(session, "one").active = True
    deliver.once()
    assert stores["one"].ids == [said]


def test_what_waits_for_a_paused_endpoint_is_no_lag(database, add, say):
    add("one", active=False)
    say()
    with database.transaction() as session:
        own = session.scalars(select(OutboxItem).filter_by(endpoint_id=endpoints.OWN)).one()
        own.state = outbox.Delivery.SENT
        session.flush()
        assert outbox.lag(session) == timedelta(0)
        endpoints.named(session, "one").active = True
        session.flush()
        assert outbox.lag(session) > timedelta(0)


def test_pseudonyms_hide_people_from_one_store_as_from_no_other(add, say, stores, deliver):
    add("a", "b", pseudonyms=True)
    add("open")
    say()
    deliver.once()
    actors = [stores[name].batches[0][0]["actor"]["account"] for name in ("a", "b", "open")]
    assert actors[2] == factories.statement()["actor"]["account"]
    assert actors[0]["homePage"] == actors[1]["homePage"] == TOOL
    assert len({one["name"] for one in actors}) == 3


def test_a_store_that_takes_less_gets_less_and_slowly_more(add, say, stores, deliver):
    add("one", most_statements=40)
    stores["one"].most = 10
    say(*[factories.statement() for _ in range(100)])
    deliver.once()
    sizes = [len(batch) for batch in stores["one"].batches]
    assert sum(sizes) == len(set(stores["one"].ids)) == 100
    assert max(sizes) <= 10
    stores["one"].most = 1_000
    say(*[factories.statement() for _ in range(400)])
    deliver.once()
    assert len(stores["one"].batches[-2]) > 20


def test_changed_terms_hold_from_the_next_delivery_on(database, add, say, stores, deliver):
    add("one")
    stores["one"].failure = Unauthorised("401.")
    say()
    deliver.once()
    stores["one"] = Store()
    with database.transaction() as session:
        endpoints.named(session, "one").secret = VAULT.encrypt("the right one")
        for item in session.scalars(select(OutboxItem)):
            item.due_at = item.sequence
    deliver.once()
    assert len(stores["one"].ids) == 1


def test_an_endpoint_whose_secret_cannot_be_read_holds_up_no_other(
    database, monkeypatch, add, say, tenant
):
    add("one")
    say()
    monkeypatch.undo()
    assert Endpoints(database, Vault("another secret " * 4), TOOL, private=False).once() == 0


@pytest.mark.slow
def test_a_worker_tells_an_endpoint_while_another_does_not_answer(database, add, say, stores):
    add("slow", "works")
    stores["slow"].send = lambda _bodies: time.sleep(1)
    worker = Worker(database, {}, TOOL, {}, Endpoints(database, VAULT, TOOL, private=False))
    worker.start()
    begun = time.monotonic()
    (said,) = say()
    while not stores["works"].ids and time.monotonic() < begun + 5:
        time.sleep(0.01)
    took = time.monotonic() - begun
    assert worker.stop()
    assert stores["works"].ids == [said]
    assert took < 1


def test_nothing_is_left_behind_for_an_endpoint_that_is_removed_while_somebody_writes(
    database, add, tenant
):
    add("one")

    def drop():
        with database.transaction() as session:
            return outbox.drop(session, endpoints.named(session, "one"))

    with ThreadPoolExecutor(1) as other, database.transaction() as session:
        said = factories.statement()
        outbox.put(session, tenant, Channel.XAPI, said["id"], said)
        dropping = other.submit(drop)
        time.sleep(0.2)
        assert not dropping.done()
        session.commit()
        assert dropping.result() == 1
    assert [one.endpoint_id for one in items(database)] == [endpoints.OWN]
