"""The command line: what is done, what is said, and the exit codes that scripts go by."""

import json

import factories
import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from lti_peer import cli, migrations
from lti_peer.core import outbox
from lti_peer.core.db import Database
from lti_peer.core.keys import Vault
from lti_peer.core.outbox import Channel, Delivery, OutboxItem
from lti_peer.lti.keys import KeyRing

LMS = (
    *("--issuer", "https://lms.example", "--client-id", "7"),
    *("--auth-url", "https://lms.example/auth", "--token-url", "https://lms.example/token"),
    *("--jwks-url", "https://lms.example/jwks", "--name", "Example LMS"),
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `lti-peer` with a data folder of its own; return the result, as JSON where asked for."""
    monkeypatch.setattr("lti_peer.core.logs.set_up", lambda _level: None)
    environment = {
        "LTI_PEER_SECRET_KEY": factories.SECRET,
        "LTI_PEER_DATA_DIR": str(tmp_path / "data"),
        "LTI_PEER_BASE_URL": "https://tool.example",
    }

    def call(*words, **more):
        given = {**environment, **more}
        with capture_logs():  # they go to standard error, which CliRunner takes away
            return CliRunner().invoke(cli.cli, words, env=given, catch_exceptions=False)

    return call


@pytest.fixture
def stored(run, tmp_path):
    """The database that the command uses, made by it."""
    run("platform", "list")
    database = Database(f"sqlite:///{tmp_path}/data/lti-peer.db")
    yield database
    database.close()


def said(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_help_names_every_command(run):
    words = run("--help").stdout
    assert all(f"\n  {name} " in words for name in cli.cli.list_commands(None))


@pytest.mark.parametrize("words", [("serve",), ("worker",), ("doctor",), ("db", "upgrade")])
def test_a_missing_secret_stops_the_start_and_names_itself(run, words):
    result = run(*words, LTI_PEER_SECRET_KEY=None)
    assert result.exit_code == 2
    assert "LTI_PEER_SECRET_KEY is missing" in result.stderr


def test_a_weak_secret_stops_the_start_without_being_shown(run):
    result = run("doctor", LTI_PEER_SECRET_KEY="hunter2")
    assert result.exit_code == 2
    assert "LTI_PEER_SECRET_KEY is too weak" in result.stderr
    assert "hunter2" not in result.output


def test_the_default_database_is_made_by_itself(stored):
    assert migrations.is_current(stored)


def test_any_other_database_must_have_been_migrated(run, tmp_path):
    result = run("serve", LTI_PEER_DATABASE_URL=f"sqlite:///{tmp_path}/other.db")
    assert result.exit_code == 3
    assert "Run: lti-peer db upgrade" in result.stderr


def test_a_database_address_that_means_nothing_is_a_wrong_setting(run):
    result = run("db", "check", LTI_PEER_DATABASE_URL="nonsense")
    assert result.exit_code == 2
    assert "LTI_PEER_DATABASE_URL" in result.stderr


def test_a_database_that_is_away_is_said_to_be(run, tmp_path):
    result = run("outbox", "status", LTI_PEER_DATABASE_URL=f"sqlite:///{tmp_path}/no/such/x.db")
    assert result.exit_code == 3
    assert "The database does not answer" in result.stderr


def test_upgrade_check_and_downgrade(run, tmp_path):
    there = {"LTI_PEER_DATABASE_URL": f"sqlite:///{tmp_path}/other.db"}
    assert run("db", "check", **there).exit_code == 3
    assert said(run("db", "upgrade", "--json", **there))["after"] == migrations.head()
    assert said(run("db", "check", "--json", **there))["differences"] == []
    down = ("db", "downgrade", "--revision", "base", "--yes", "--json")
    assert said(run(*down, **there))["after"] == ""


def test_a_downgrade_asks_first(run, stored):
    assert run("db", "downgrade").exit_code == 1
    assert migrations.is_current(stored)


def test_a_platform_is_added_listed_and_removed(run):
    added = said(run("platform", "add", *LMS, "--deployment", "1", "--deployment", "2", "--json"))
    assert added["deployments"] == ["1", "2"]
    assert said(run("platform", "list", "--json")) == [added]
    said(run("platform", "remove", added["id"], "--json"))
    assert said(run("platform", "list", "--json")) == []


def test_a_platform_is_listed_for_people(run):
    run("platform", "add", *LMS)
    head, line = run("platform", "list").stdout.splitlines()
    assert head.startswith("id")
    assert "Example LMS" in line


def test_a_platform_that_is_known_is_not_overwritten(run):
    run("platform", "add", *LMS)
    result = run("platform", "add", *LMS)
    assert result.exit_code == 1
    assert "registered already" in result.stderr


def test_an_address_that_is_not_https_is_refused(run):
    result = run("platform", "add", *LMS, "--auth-url", "http://lms.example/auth")
    assert result.exit_code == 1
    assert "auth_url must be an https address" in result.stderr


def test_a_platform_that_nobody_knows_cannot_be_approved(run):
    result = run("platform", "approve", "00000000-0000-4000-8000-000000000000")
    assert result.exit_code == 1
    assert "There is no platform" in result.stderr


def test_an_invitation_is_an_address_of_ours(run):
    url = said(run("registration", "invite", "--json"))["url"]
    assert url.startswith("https://tool.example/lti/register/")


def test_the_outbox_is_counted(run, stored):
    with stored.transaction() as session:
        tenant = factories.course(session).deployment_id
        outbox.put(session, tenant, Channel.XAPI, "1", {})
    rows = said(run("outbox", "status", "--json"))["channels"]
    assert {"channel": "xapi", "pending": 1, "sent": 0, "dead": 0} in rows


def test_what_was_refused_is_due_again(run, stored):
    with stored.transaction() as session:
        tenant = factories.course(session).deployment_id
        outbox.put(session, tenant, Channel.AGS, "1", {})
        session.flush()
        session.query(OutboxItem).update({"state": Delivery.DEAD})
    assert said(run("outbox", "retry", "--json")) == {"due_again": 1}


def test_the_worker_does_once_what_is_due(run, stored):
    with stored.transaction() as session:
        tenant = factories.course(session).deployment_id
        one = factories.statement()
        outbox.put(session, tenant, Channel.XAPI, one["id"], one)
    assert said(run("worker", "--once", "--json")) == {"items": 1}
    assert said(run("outbox", "status", "--json"))["channels"][1]["sent"] == 1


def test_the_doctor_finds_nothing_wrong(run, stored):
    found = said(run("doctor", "--json"))
    assert {one["verdict"] for one in found} <= {"ok", "warning"}
    assert {"database", "tables", "clocks", "deliveries", "record store"} <= {
        one["check"] for one in found
    }


def test_the_doctor_finds_a_changed_secret(run, stored):
    KeyRing(stored, Vault("another secret, of more than thirty-two characters")).ensure()
    result = run("doctor")
    assert result.exit_code == 1
    assert "is not the one that this database was written with" in result.stdout


def test_the_doctor_finds_an_address_that_browsers_keep_no_cookie_for(run):
    result = run("doctor", LTI_PEER_BASE_URL="http://tool.example")
    assert result.exit_code == 1
    assert "https alone" in result.stdout


def test_the_doctor_finds_a_record_store_that_does_not_answer(run):
    away = {"LTI_PEER_LRS_ENDPOINT": "http://127.0.0.1:9/xapi", "LTI_PEER_ALLOW_PRIVATE_HOSTS": "1"}
    result = run("doctor", "--json", **away)
    assert result.exit_code == 1
    assert [one["verdict"] for one in json.loads(result.stdout)][-1] == "wrong"
