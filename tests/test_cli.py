"""The command line: what is done, what is said, and the exit codes that scripts go by."""

import json

import factories
import pytest

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
def stored(command, tmp_path):
    """The database that the command uses, made by it."""
    command("platform", "list")
    database = Database(f"sqlite:///{tmp_path}/data/lti-peer.db")
    yield database
    database.close()


def said(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_help_names_every_command(command):
    words = command("--help").stdout
    assert all(f"\n  {name} " in words for name in cli.cli.list_commands(None))


@pytest.mark.parametrize("words", [("serve",), ("worker",), ("doctor",), ("db", "upgrade")])
def test_a_missing_secret_stops_the_start_and_names_itself(command, words):
    result = command(*words, LTI_PEER_SECRET_KEY=None)
    assert result.exit_code == 2
    assert "LTI_PEER_SECRET_KEY is missing" in result.stderr


def test_a_weak_secret_stops_the_start_without_being_shown(command):
    result = command("doctor", LTI_PEER_SECRET_KEY="hunter2")
    assert result.exit_code == 2
    assert "LTI_PEER_SECRET_KEY is too weak" in result.stderr
    assert "hunter2" not in result.output


def test_the_default_database_is_made_by_itself(stored):
    assert migrations.is_current(stored)


def test_any_other_database_must_have_been_migrated(command, tmp_path):
    result = command("serve", LTI_PEER_DATABASE_URL=f"sqlite:///{tmp_path}/other.db")
    assert result.exit_code == 3
    assert "Run: lti-peer db upgrade" in result.stderr


def test_a_database_address_that_means_nothing_is_a_wrong_setting(command):
    result = command("db", "check", LTI_PEER_DATABASE_URL="nonsense")
    assert result.exit_code == 2
    assert "LTI_PEER_DATABASE_URL" in result.stderr


def test_a_database_that_is_away_is_said_to_be(command, tmp_path):
    result = command("outbox", "status", LTI_PEER_DATABASE_URL=f"sqlite:///{tmp_path}/no/such/x.db")
    assert result.exit_code == 3
    assert "The database does not answer" in result.stderr


def test_upgrade_check_and_downgrade(command, tmp_path):
    there = {"LTI_PEER_DATABASE_URL": f"sqlite:///{tmp_path}/other.db"}
    assert command("db", "check", **there).exit_code == 3
    assert said(command("db", "upgrade", "--json", **there))["after"] == migrations.head()
    assert said(command("db", "check", "--json", **there))["differences"] == []
    down = ("db", "downgrade", "--revision", "base", "--yes", "--json")
    assert said(command(*down, **there))["after"] == ""


def test_a_downgrade_asks_first(command, stored):
    assert command("db", "downgrade").exit_code == 1
    assert migrations.is_current(stored)


def test_a_platform_is_added_listed_and_removed(command):
    added = said(
        command("platform", "add", *LMS, "--deployment", "1", "--deployment", "2", "--json")
    )
    assert added["deployments"] == ["1", "2"]
    assert said(command("platform", "list", "--json")) == [added]
    said(command("platform", "remove", added["id"], "--json"))
    assert said(command("platform", "list", "--json")) == []


def test_a_platform_is_listed_for_people(command):
    command("platform", "add", *LMS)
    head, line = command("platform", "list").stdout.splitlines()
    assert head.startswith("id")
    assert "Example LMS" in line


def test_a_platform_that_is_known_is_not_overwritten(command):
    command("platform", "add", *LMS)
    result = command("platform", "add", *LMS)
    assert result.exit_code == 1
    assert "registered already" in result.stderr


def test_an_address_that_is_not_https_is_refused(command):
    result = command("platform", "add", *LMS, "--auth-url", "http://lms.example/auth")
    assert result.exit_code == 1
    assert "auth_url must be an https address" in result.stderr


def test_a_platform_that_nobody_knows_cannot_be_approved(command):
    result = command("platform", "approve", "00000000-0000-4000-8000-000000000000")
    assert result.exit_code == 1
    assert "There is no platform" in result.stderr


def test_an_invitation_is_an_address_of_ours(command):
    url = said(command("registration", "invite", "--json"))["url"]
    assert url.startswith("https://tool.example/lti/register/")


def test_the_outbox_is_counted(command, stored):
    with stored.transaction() as session:
        tenant = factories.course(session).deployment_id
        outbox.put(session, tenant, Channel.XAPI, "1", {})
    rows = said(command("outbox", "status", "--json"))["channels"]
    assert {"channel": "xapi", "pending": 1, "sent": 0, "dead": 0} in rows


def test_what_was_refused_is_due_again(command, stored):
    with stored.transaction() as session:
        tenant = factories.course(session).deployment_id
        outbox.put(session, tenant, Channel.AGS, "1", {})
        session.flush()
        session.query(OutboxItem).update({"state": Delivery.DEAD})
    assert said(command("outbox", "retry", "--json")) == {"due_again": 1}


def test_the_worker_does_once_what_is_due(command, stored):
    with stored.transaction() as session:
        tenant = factories.course(session).deployment_id
        one = factories.statement()
        outbox.put(session, tenant, Channel.XAPI, one["id"], one)
    assert said(command("worker", "--once", "--json")) == {"items": 1}
    assert said(command("outbox", "status", "--json"))["channels"][1]["sent"] == 1


def test_the_doctor_finds_nothing_wrong(command, stored):
    found = said(command("doctor", "--json"))
    assert {one["verdict"] for one in found} <= {"ok", "warning"}
    assert {"database", "tables", "clocks", "deliveries", "record store"} <= {
        one["check"] for one in found
    }


def test_the_doctor_finds_a_changed_secret(command, stored):
    KeyRing(stored, Vault("another secret, of more than thirty-two characters")).ensure()
    result = command("doctor")
    assert result.exit_code == 1
    assert "is not the one that this database was written with" in result.stdout


def test_the_doctor_finds_an_address_that_browsers_keep_no_cookie_for(command):
    result = command("doctor", LTI_PEER_BASE_URL="http://tool.example")
    assert result.exit_code == 1
    assert "https alone" in result.stdout


def test_the_doctor_finds_a_record_store_that_does_not_answer(command):
    away = {"LTI_PEER_LRS_ENDPOINT": "http://127.0.0.1:9/xapi", "LTI_PEER_ALLOW_PRIVATE_HOSTS": "1"}
    result = command("doctor", "--json", **away)
    assert result.exit_code == 1
    assert [one["verdict"] for one in json.loads(result.stdout)][-1] == "wrong"
