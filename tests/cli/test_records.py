"""`lti-peer records`: keys that open the embedded store."""

import base64
import json

import factories
import pytest

from config.settings import Settings
from lti_peer.app import create_app
from lti_peer.core.db import Database

LMS = (
    *("--issuer", "https://lms.example", "--client-id", "7"),
    *("--auth-url", "https://lms.example/auth", "--token-url", "https://lms.example/token"),
    *("--jwks-url", "https://lms.example/jwks", "--name", "Example LMS"),
)


@pytest.fixture
def add(command):
    """Make a key and return what the command answers."""

    def call(*words):
        result = command("records", "key", "add", *words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return call


def status(tmp_path, made, method="GET", **more):
    """Ask the application for statements with the key; return the answer's status."""
    database = Database(f"sqlite:///{tmp_path}/data/lti-peer.db")
    settings = Settings(
        _env_file=None, secret_key=factories.SECRET, base_url="https://tool.example"
    )
    pair = base64.b64encode(f"{made['key']}:{made['secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "X-Experience-API-Version": "1.0.3"}
    http = create_app(settings, database).test_client()
    answer = http.open("/xAPI/statements", method=method, headers=headers, **more)
    database.close()
    return answer.status_code


def test_a_key_for_everything_opens_the_store(add, tmp_path):
    made = add("conformance", "--scope", "all")

    assert made.keys() == {"endpoint", "key", "secret"}
    assert made["endpoint"] == "https://tool.example/xAPI"
    assert status(tmp_path, made) == 200


def test_a_key_reads_and_does_not_write_unless_it_is_said(add, tmp_path):
    made = add("reports")

    assert status(tmp_path, made) == 200
    assert status(tmp_path, made, "POST", json=[]) == 403


def test_a_removed_key_opens_nothing(add, command, tmp_path):
    made = add("reports")

    assert command("records", "key", "remove", "reports").exit_code == 0
    assert status(tmp_path, made) == 401
    assert "There is no key." in command("records", "key", "list").stdout


def test_a_key_is_listed_without_its_secret(add, command):
    made = add("reports", "--scope", "read-mine", "--scope", "write")
    (row,) = json.loads(command("records", "key", "list", "--json").stdout)

    assert (row["key"], row["scopes"]) == (made["key"], "read-mine write")
    assert made["secret"] not in json.dumps(row)


def test_a_name_that_two_keys_have_does_not_say_which(add, command):
    add("reports")
    add("reports")
    result = command("records", "key", "remove", "reports")

    assert result.exit_code == 1
    assert "Several keys" in result.stderr


def test_with_one_deployment_the_key_opens_its_records(add, command):
    command("platform", "add", *LMS, "--deployment", "1")
    add("reports")

    assert "Example LMS, deployment 1" in command("records", "key", "list").stdout


def test_with_several_deployments_it_must_be_said_whose_records(add, command):
    command("platform", "add", *LMS, "--deployment", "1", "--deployment", "2")
    result = command("records", "key", "add", "reports")

    assert result.exit_code == 1
    assert "--deployment" in result.stderr
    assert add("reports", "--deployment", "2")["key"]


def test_a_deployment_that_is_not_known_is_refused(command):
    result = command("records", "key", "add", "reports", "--deployment", "x")

    assert result.exit_code == 1
    assert "no such deployment" in result.stderr
