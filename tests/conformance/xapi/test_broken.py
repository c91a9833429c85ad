"""Oversize, malformed, replayed and half-sent requests: the right status, and nothing changes."""

import io
import json

import pytest
from conformance.xapi.clients import AGENT, IRI, attachment, mixed, part, statement
from sqlalchemy import func, select

from xapi.lrs import statement_views
from xapi.lrs.models import METADATA

TOO_LARGE = b"x" * 200_001
STATE = {"activityId": IRI, "agent": json.dumps(AGENT), "stateId": "a"}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PROFILE = {"agent": json.dumps(AGENT), "profileId": "a"}
EACH = pytest.mark.parametrize(
    ("method", "resource", "query", "kind"),
    [
        ("POST", "statements", {}, JSON),
        ("PUT", "statements", {"statementId": "0193a5c8-7a10-7cc0-8000-00000000000b"}, JSON),
        ("POST", "statements", {"method": "PUT"}, FORM),
        ("POST", "activities/state", STATE, JSON),
        ("PUT", "activities/state", STATE, "text/plain"),
        ("POST", "agents/profile", PROFILE, FORM),
        ("PUT", "agents/profile", PROFILE, JSON),
    ],
)


@pytest.fixture(autouse=True)
def nothing_changes(request, database, lrs):
    """Let the store be as empty after the test as it was before, unless the test says else."""
    yield
    if "replayed" in request.node.name:
        return
    tables = [table for name, table in METADATA.tables.items() if name != "xapi_key"]
    with database.transaction(read_only=True) as session:
        for table in tables:
            assert session.scalar(select(func.count()).select_from(table)) == 0, table.name


@EACH
def test_xapi_00328_what_is_too_large_is_413(lrs, method, resource, query, kind):
    answer = lrs.ask(method, resource, query, data=TOO_LARGE, content_type=kind)

    assert answer.status_code == 413
    assert answer.json["message"]


def test_xapi_00328_an_attachment_that_is_too_large_is_413(lrs):
    sent = statement(attachments=[attachment(TOO_LARGE)])
    assert lrs.ask("POST", "statements", **mixed(sent, part(TOO_LARGE))).status_code == 413


@pytest.mark.parametrize("text", ['"actor": {}, ', '"context": {"team": {"a": 1, "a": 1}}, '])
def test_2_4_a_statement_with_a_property_twice_is_400(both, text):
    twice = json.dumps(statement()).replace("{", "{" + text, 1)
    for sent in (twice, f"[{twice}]"):
        answer = both.ask("POST", "statements", data=sent, content_type=JSON)
        assert (answer.status_code, "twice" in answer.json["message"]) == (400, True)


def test_a_batch_of_too_many_is_413(lrs, monkeypatch):
    monkeypatch.setattr(statement_views, "MAX_BATCH", 2)
    assert lrs.post([statement() for _ in range(3)]).status_code == 413


@EACH
def test_a_request_that_is_half_sent_is_400(lrs, method, resource, query, kind):
    body = json.dumps(statement()).encode()
    answer = lrs.ask(
        method, resource, query, input_stream=io.BytesIO(body[:40]), content_type=kind,
        environ_overrides={"CONTENT_LENGTH": str(len(body))},
    )  # fmt: skip
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'"x"', b"null", b"[null]", b"\xff", b'[{"a": NaN}]', b'{"a":1}{',
        b"[" * 100_000, b'{"result":{"extensions":{"a:b":' + b"[" * 50_000 + b"]" * 50_000 + b"}}}",
        b"1" * 5000,
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_that_is_no_statement_is_400(both, method, body):
    query = {} if method == "POST" else {"statementId": statement()["id"]}
    answer = both.ask(method, "statements", query, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json["message"]


@pytest.mark.parametrize("name", ["agent", "activityId"])
def test_a_parameter_that_is_nested_without_end_is_400(lrs, name):
    query = {**STATE, name: "[" * 20_000}
    assert lrs.ask("PUT", "activities/state", query, data=b"x").status_code == 400


def test_xapi_00326_one_refused_statement_refuses_the_batch(both):
    answer = both.post([statement(), statement(verb={"id": "should fail"})])

    assert answer.status_code == 400
    assert answer.json["faults"][0]["path"] == "$[1].verb.id"


def test_xapi_00182_an_id_twice_refuses_the_batch(both):
    said = statement()
    assert both.post([said, said]).status_code == 400


def test_a_replayed_batch_is_stored_once_and_answered_alike(both):
    said = [statement(), statement()]
    first, second = both.post(said), both.post(said)

    assert first.status_code == second.status_code == 200
    assert first.json == second.json == [one["id"] for one in said]
    assert len(both.ids()) == 2


def test_a_replayed_id_with_other_words_is_409_and_changes_nothing(both):
    said = statement()
    both.post(said)
    other = {**said, "result": {"success": True}}
    answers = [
        both.post([statement(), other]),
        both.ask("PUT", "statements", {"statementId": said["id"]}, json=other),
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert both.ids() == [said["id"]]
    assert "result" not in both.get("statements", {"statementId": said["id"]}).json


def test_a_replayed_attachment_is_kept_once(both, database):
    sent = statement(attachments=[attachment(b"one")])
    for _ in range(2):
        answer = both.ask("POST", "statements", **mixed(sent, part(b"one")))
        assert answer.status_code == 200
    with database.transaction(read_only=True) as session:
        kept = METADATA.tables["xapi_attachment"]
        assert session.scalar(select(func.count()).select_from(kept)) == 1
