import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask

from xapi.lrs import keys, storage
from xapi.lrs.keys import Scope
from xapi.lrs.views import create_blueprint

TENANT, OTHER_TENANT = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
VERSION = {"X-Experience-API-Version": "1.0.3"}


class Client:
    """An LRS client with one key."""

    def __init__(self, http, made):
        pair = base64.b64encode(f"{made.key}:{made.secret}".encode()).decode()
        self.http, self.headers = http, {**VERSION, "Authorization": f"Basic {pair}"}

    def post(self, body, **more):
        headers = {**self.headers, **more.pop("headers", {})}
        return self.http.post("/xAPI/statements", json=body, headers=headers, **more)

    def put(self, statement_id, body):
        query = {"statementId": str(statement_id)}
        return self.http.put(
            "/xAPI/statements", json=body, headers=self.headers, query_string=query
        )

    def get(self, path="/xAPI/statements", headers=None, **query):
        headers = {**self.headers, **(headers or {})}
        return self.http.get(path, query_string=query or None, headers=headers)

    def ids(self, **query):
        return [one["id"] for one in self.get(**query).json["statements"]]


def in_turn(session):
    assert session.in_transaction()
    return NOW


@pytest.fixture
def http(transaction):
    app = Flask(__name__)
    blueprint = create_blueprint(
        transaction,
        max_body=100_000,
        clock=in_turn,
        settled=lambda: NOW - timedelta(seconds=2),
    )
    app.register_blueprint(blueprint, url_prefix="/xAPI")
    return app.test_client()


@pytest.fixture
def client(http, transaction):
    """A maker of clients with a key of the scopes."""

    def make(*scopes, tenant=TENANT):
        with transaction() as session:
            return Client(http, keys.add(session, tenant, "a test", scopes or [Scope.ALL], NOW))

    return make


@pytest.fixture
def lrs(client):
    return client()


def test_a_batch_is_answered_with_its_ids_in_order(lrs, sentence):
    said = [sentence(), sentence()]
    answer = lrs.post(said)

    assert answer.status_code == 200
    assert answer.json == [one["id"] for one in said]


def test_a_single_statement_may_come_without_a_list(lrs, sentence):
    assert lrs.post(sentence()).status_code == 200


def test_what_was_posted_comes_back_by_its_id(lrs, sentence):
    said = sentence()
    lrs.post(said)
    answer = lrs.get(statementId=said["id"])

    assert answer.json["verb"] == said["verb"]
    assert answer.json["authority"]["account"]["homePage"] == keys.AUTHORITY_HOME
    assert answer.headers["Last-Modified"] == "Sun, 22 Nov 2026 06:00:00 GMT"


def test_put_takes_a_statement_under_its_address_s_id(lrs, sentence):
    said = sentence()
    wanted = said.pop("id")

    assert lrs.put(wanted, said).status_code == 204
    assert lrs.get(statementId=wanted).json["id"] == wanted


def test_put_refuses_another_id_than_the_address_s(lrs, sentence):
    assert lrs.put(uuid4(), sentence()).status_code == 400


def test_put_needs_an_id_and_an_object(lrs, sentence):
    assert lrs.http.put("/xAPI/statements", json={}, headers=lrs.headers).status_code == 400
    assert lrs.put(uuid4(), [sentence()]).status_code == 400


def test_the_same_again_is_fine_and_another_one_is_a_conflict(lrs, sentence):
    said = sentence()
    lrs.post(said)

    assert lrs.post(said).status_code == 200
    answer = lrs.post([sentence(), {**said, "result": {"success": True}}])
    assert answer.status_code == 409
    assert said["id"] in answer.json["message"]
    assert lrs.ids() == [said["id"]]


def test_an_invalid_statement_is_named_with_its_fault(lrs, sentence):
    answer = lrs.post([sentence(), sentence(result={"score": {"scaled": 7}})])

    assert answer.status_code == 400
    assert answer.json["faults"][0]["path"] == "$[1].result.score.scaled"
    assert lrs.ids() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"5",
        b'[{"a": NaN}]',
        b"[" * 5000 + b"]" * 5000,
        b'{"result":{"extensions":{"a:b":' + b"[" * 600 + b"]" * 600 + b"}}}",
        b"\xff",
    ],
)
def test_what_is_no_statement_is_refused(lrs, body):
    headers = {**lrs.headers, "Content-Type": "application/json"}

    assert lrs.http.post("/xAPI/statements", data=body, headers=headers).status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", None])
def test_another_content_type_is_refused(lrs, kind):
    answer = lrs.http.post("/xAPI/statements", data=b"[]", headers=lrs.headers, content_type=kind)
    assert answer.status_code == 400
    assert "application/json" in answer.json["message"]


def test_an_attachment_says_where_its_data_are(lrs, sentence):
    attachment = {
        "usageType": "https://example.org/usage",
        "display": {"en": "A file"},
        "contentType": "text/plain",
        "length": 2,
        "sha2": "4" * 64,
    }
    there = {**attachment, "fileUrl": "https://example.org/file"}

    assert lrs.post(sentence(attachments=[attachment])).status_code == 400
    assert lrs.post(sentence(attachments=[there])).status_code == 200
    assert lrs.post(sentence(attachments=5)).status_code == 400


def test_a_body_that_is_too_large_is_413(lrs, sentence):
    assert lrs.post(sentence(result={"response": "x" * 100_000})).status_code == 413


def test_a_batch_of_too_many_is_413(lrs):
    assert lrs.post([{}] * 1001).status_code == 413


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1.0.3", "1.0.9", "2.0", "2.0.0"])
def test_a_version_that_is_spoken_is_answered_in(lrs, version):
    answer = lrs.get(headers={"X-Experience-API-Version": version})

    assert answer.status_code == 200
    spoken = "2.0.0" if version.startswith("2") else "1.0.3"
    assert answer.headers["X-Experience-API-Version"] == spoken


@pytest.mark.parametrize("version", ["0.9.5", "1.1.0", "9.9", "1.0.", "1.0x", "2.1.0", "", "x"])
def test_a_version_that_is_not_spoken_is_refused(lrs, version):
    assert lrs.get(headers={"X-Experience-API-Version": version}).status_code == 400


def test_a_missing_version_is_refused(lrs):
    headers = {"Authorization": lrs.headers["Authorization"]}
    answer = lrs.http.get("/xAPI/statements", headers=headers)

    assert answer.status_code == 400
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"


def test_about_is_for_everybody(http):
    answer = http.get("/xAPI/about")

    assert answer.json == {"version": ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0"]}
    assert answer.headers["X-Experience-API-Version"] == "2.0.0"


@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer x", "Basic !", "Basic"])
def test_without_a_right_key_nothing_is_shown(http, header):
    headers = {**VERSION, **({"Authorization": header} if header else {})}
    answer = http.get("/xAPI/statements", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_key_that_only_writes_does_not_read(client, sentence):
    writer = client(Scope.WRITE)

    assert writer.post(sentence()).status_code == 200
    assert writer.get().status_code == 403


def test_a_key_that_only_reads_does_not_write(client, sentence):
    reader, said = client(Scope.READ), sentence()

    assert reader.post(said).status_code == 403
    assert reader.put(said["id"], said).status_code == 403
    assert reader.get().status_code == 200


def test_a_key_that_reads_its_own_sees_only_that(client, lrs, sentence):
    other, own = sentence(), sentence()
    lrs.post(other)
    mine = client(Scope.READ_MINE, Scope.WRITE)
    mine.post(own)

    assert mine.ids() == [own["id"]]
    assert mine.get(statementId=other["id"]).status_code == 404
    assert set(lrs.ids()) == {own["id"], other["id"]}


def test_a_key_of_another_tenant_sees_nothing(client, lrs, sentence):
    said = sentence()
    lrs.post(said)
    stranger = client(tenant=OTHER_TENANT)

    assert stranger.ids() == []
    assert stranger.ids(activity=said["object"]["id"]) == []
    assert stranger.get(statementId=said["id"]).status_code == 404
    assert stranger.post({**said, "result": {"success": True}}).status_code == 200


def test_every_answer_of_the_resource_says_up_to_when_it_is_complete(lrs, sentence):
    for answer in (lrs.get(), lrs.post(sentence()), lrs.get(statementId=str(uuid4()))):
        assert answer.headers["X-Experience-API-Consistent-Through"] == "2026-11-22T05:59:58.000Z"


def test_filters_arrive_at_the_query(lrs, sentence):
    by_ada, by_bob = sentence(actor="ada"), sentence("completed", "2", "bob")
    lrs.post([by_ada, by_bob])

    assert lrs.ids(agent=json.dumps(by_bob["actor"])) == [by_bob["id"]]
    assert lrs.ids(verb=by_bob["verb"]["id"]) == [by_bob["id"]]
    assert lrs.ids(activity=by_ada["object"]["id"]) == [by_ada["id"]]
    assert lrs.ids(since="2026-11-22T06:00:00Z") == []
    assert len(lrs.ids(until="2026-11-22T06:00:00Z")) == 2
    assert lrs.ids(ascending="true", limit="1") == [by_ada["id"]]
    assert lrs.ids(registration=str(uuid4())) == []


def test_related_ones_count_when_asked_for(lrs, sentence):
    said = sentence(context={"contextActivities": {"grouping": [{"id": "https://example.org/g"}]}})
    lrs.post(said)

    assert lrs.ids(activity="https://example.org/g", related_activities="false") == []
    assert lrs.ids(activity="https://example.org/g", related_activities="true") == [said["id"]]


def test_more_leads_through_all_pages(lrs, sentence):
    said = [sentence() for _ in range(5)]
    lrs.post(said)
    page, seen = lrs.get(limit="2", verb=said[0]["verb"]["id"]).json, []
    while page["more"]:
        seen += page["statements"]
        page = lrs.get(page["more"]).json
    seen += page["statements"]

    assert [one["id"] for one in seen] == [one["id"] for one in reversed(said)]


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"},
        {"statementId": "x"},
        {"statementId": str(UUID(int=1)), "voidedStatementId": str(UUID(int=1))},
        {"statementId": str(UUID(int=1)), "verb": "https://example.org/v"},
        {"agent": "{"},
        {"agent": '{"name": "A"}'},
        {"agent": "5"},
        {"verb": "attended"},
        {"activity": "x"},
        {"registration": "x"},
        {"since": "yesterday"},
        {"until": "2026-02-30T00:00:00Z"},
        {"until": "0001-01-01T00:00:00+14:00"},
        {"limit": "-1"},
        {"limit": "1.5"},
        {"ascending": "yes"},
        {"related_agents": "1"},
        {"format": "short"},
        {"attachments": "x"},
        {"after": "x"},
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(lrs, query):
    answer = lrs.get(**query)

    assert answer.status_code == 400
    assert any(name in answer.json["message"] for name in query)


def test_a_parameter_that_is_there_twice_is_refused(lrs):
    answer = lrs.http.get("/xAPI/statements?limit=1&limit=2", headers=lrs.headers)

    assert answer.status_code == 400


def test_a_voided_statement_is_shown_only_as_such(lrs, sentence):
    said = sentence()
    ref = {"objectType": "StatementRef", "id": said["id"]}
    voiding = {**sentence("voided"), "object": ref}
    lrs.post([said, voiding])

    assert lrs.get(statementId=said["id"]).status_code == 404
    assert lrs.get(voidedStatementId=said["id"]).json["id"] == said["id"]
    assert lrs.get(voidedStatementId=voiding["id"]).status_code == 404
    assert lrs.ids() == [voiding["id"]]


def test_the_format_ids_leaves_only_identifiers(lrs, sentence):
    said = sentence(
        context={"team": {"objectType": "Group", "name": "T", "mbox": "mailto:t@e.org"}}
    )
    said["actor"]["name"] = "Ada"
    said["object"]["definition"] = {"name": {"en": "One"}}
    lrs.post(said)
    short = lrs.get(statementId=said["id"], format="ids").json

    assert short["actor"] == {"account": said["actor"]["account"]}
    assert short["object"] == {"id": said["object"]["id"]}
    assert "name" not in short["context"]["team"]


def test_the_format_ids_keeps_the_members_of_a_group_that_has_nothing_else(lrs, sentence):
    member = {"mbox": "mailto:m@example.org"}
    said = sentence()
    said["actor"] = {"objectType": "Group", "name": "G", "member": [{**member, "name": "M"}]}
    lrs.post(said)
    short = lrs.get(statementId=said["id"], format="ids").json

    assert short["actor"] == {"objectType": "Group", "member": [member]}


def test_the_format_canonical_chooses_a_language(lrs, sentence):
    said = sentence()
    said["verb"]["display"] = {"en": "attended", "de": "nahm teil"}
    lrs.post(said)
    answer = lrs.get(headers={"Accept-Language": "de"}, statementId=said["id"], format="canonical")

    assert answer.json["verb"]["display"] == {"de": "nahm teil"}


def test_attachments_are_answered_in_parts(lrs, sentence):
    said = sentence()
    lrs.post(said)
    answer = lrs.get(statementId=said["id"], attachments="true")

    assert answer.mimetype == "multipart/mixed"
    assert said["id"] in answer.text


def test_head_has_the_headers_and_no_body(lrs):
    answer = lrs.http.head("/xAPI/statements", headers=lrs.headers)

    assert answer.status_code == 200
    assert answer.data == b""
    assert "X-Experience-API-Consistent-Through" in answer.headers


def test_a_broken_request_stores_nothing(lrs, sentence, records):
    said = sentence()
    lrs.post([said, said])

    assert storage.count(records, TENANT) == 0
