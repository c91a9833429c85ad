"""`lti-peer records endpoint`: where learning records go beside the store of the settings."""

import json

import factories
import pytest
from support import faulty_store

from lti_peer.core import endpoints, outbox
from lti_peer.core.audit import AuditEntry
from lti_peer.core.db import Database
from lti_peer.core.keys import Vault
from lti_peer.core.outbox import Channel, OutboxItem
from lti_peer.jobs.endpoints import open_store

URL = "https://lrs.example/xapi"
SECRET = "the store's own secret"


@pytest.fixture
def run(command):
    """Run `lti-peer`; return what it says, as JSON if it may."""

    def call(*words, code=0):
        more = {"LTI_PEER_ALLOW_PRIVATE_HOSTS": "true", "RECORD_STORE_SECRET": SECRET}
        result = command(*words, **more)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if "--json" in words else result.output

    return call


@pytest.fixture
def add(run):
    return lambda name="lrs", url=URL, *more: run(
        "records", "endpoint", "add", name, url, "--key", "k", *more, "--json"
    )


@pytest.fixture
def database(tmp_path, run):
    """The database that the commands use."""
    run("records", "endpoint", "list")
    opened = Database(f"sqlite:///{tmp_path}/data/lti-peer.db")
    yield opened
    opened.close()


def say(database, number=1):
    with database.transaction() as session:
        tenant = factories.course(session).deployment_id
        for _ in range(number):
            one = factories.statement()
            outbox.put(session, tenant, Channel.XAPI, one["id"], one, "teaching")


def test_an_endpoint_is_added_with_its_terms_and_listed_without_its_secret(run, add):
    made = add("lrs", URL, "--version", "2.0.0", "--kind", "teaching", "--pseudonyms")
    (listed,) = run("records", "endpoint", "list", "--json")
    assert listed == {**made, "pending": 0, "sent": 0, "dead": 0}
    assert (listed["version"], listed["kinds"], listed["pseudonyms"]) == (
        *("2.0.0", ["teaching"]),
        True,
    )
    assert SECRET not in json.dumps(listed)


def test_the_secret_is_kept_encrypted(add, database):
    add()
    with database.transaction(read_only=True) as session:
        kept = endpoints.named(session, "lrs").secret
    assert SECRET not in kept
    assert Vault(factories.SECRET).decrypt(kept) == SECRET


@pytest.mark.parametrize("url", ["ftp://lrs.example", "https://u:p@lrs.example", "nowhere"])
def test_an_address_that_may_not_be_called_is_refused(run, url):
    said = run("records", "endpoint", "add", "lrs", url, "--key", "k", code=1)
    assert "It must be like https://" in said


@pytest.mark.parametrize("name", ["lrs", "default"])
def test_a_name_is_given_once(run, add, name):
    add()
    run("records", "endpoint", "add", name, URL, "--key", "k", code=1)


def test_an_endpoint_that_is_not_there_is_said_so(run):
    assert "There is no endpoint x" in run("records", "endpoint", "remove", "x", code=1)


def test_a_removed_endpoint_leaves_nothing_behind(run, add, database):
    add()
    say(database, 2)
    assert run("records", "endpoint", "remove", "lrs", "--json")["not_delivered"] == 2
    say(database)
    with database.transaction(read_only=True) as session:
        assert {one.endpoint_id for one in session.query(OutboxItem)} == {endpoints.OWN}


def test_a_paused_endpoint_keeps_what_waits_and_the_audit_says_who(run, add, database):
    add()
    run("records", "endpoint", "pause", "lrs")
    say(database)
    (listed,) = run("records", "endpoint", "list", "--json")
    assert (listed["active"], listed["pending"]) == (False, 1)
    assert run("records", "endpoint", "resume", "lrs", "--json")["active"] is True
    with database.transaction(read_only=True) as session:
        acts = {one.act for one in session.query(AuditEntry)}
    assert acts >= {f"records_endpoint_{act}" for act in ("added", "paused", "resumed")}


def test_a_worker_delivers_to_an_endpoint_over_http(run, add, database):
    with faulty_store.running() as store:
        add("lrs", store.url)
        say(database, 3)
        run("worker", "--once", "--json")
        assert len(store.kept) == 3
    (status,) = run("outbox", "status", "--json")["endpoints"][1:]
    assert status == {"endpoint": "lrs", "pending": 0, "sent": 3, "dead": 0}


def test_another_key_is_used_from_now_on_and_is_not_shown(run, add, database):
    add()
    said = run("records", "endpoint", "rekey", "lrs", "--key", "k2", "--secret", "another")
    with database.transaction(read_only=True) as session:
        kept = endpoints.named(session, "lrs")
    assert (kept.key, Vault(factories.SECRET).decrypt(kept.secret)) == ("k2", "another")
    assert "another" not in said


def test_the_doctor_names_a_store_that_takes_nothing(run, add, database):
    with faulty_store.running(down=True) as store:
        add("lrs", store.url)
        say(database)
        run("worker", "--once")
    assert "lrs takes nothing, and 1 wait: No answer comes from this address." in run("doctor")


def test_a_store_is_tried_and_nothing_is_stored(run, add):
    with faulty_store.running() as store:
        add("lrs", store.url)
        assert run("records", "endpoint", "test", "lrs", "--json")["writes"] is True
        assert store.kept == {}
        store.down = True
        said = run("records", "endpoint", "test", "lrs", code=1)
    assert "No answer comes from this address" in said


def test_a_store_in_a_private_network_is_not_called(run, add, monkeypatch):
    with faulty_store.running() as store:
        add("lrs", store.url)
        monkeypatch.setattr("lti_peer.cli.endpoints.open_store", _strictly)
        said = run("records", "endpoint", "test", "lrs", code=1)
        assert store.requests == 0
    assert "in a private network" in said


def _strictly(one, vault, *, private):
    assert private
    return open_store(one, vault, private=False)
