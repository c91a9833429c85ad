"""Requests as such: methods, HEAD, versions, wrapped requests (xAPI 1.0.3 part 3, 1.1-1.4, 3.3)."""

import json
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from conformance.xapi.clients import AGENT, IRI, Client, statement

FORM = "application/x-www-form-urlencoded"
STATE = {"activityId": IRI, "agent": json.dumps(AGENT), "stateId": "a"}
QUERIES = {
    "about": {},
    "statements": {},
    "activities": {"activityId": IRI},
    "agents": {"agent": AGENT},
    "activities/state": STATE,
    "activities/profile": {"activityId": IRI, "profileId": "a"},
    "agents/profile": {"agent": AGENT, "profileId": "a"},
}
DOCUMENTS = ("activities/state", "activities/profile", "agents/profile")
EACH = pytest.mark.parametrize("resource", QUERIES)


def wrapped(lrs, method, resource="statements", *, address=None, headers=None, **fields):
    """Send a request inside a POST."""
    headers = lrs.headers if headers is None else headers
    return lrs.http.post(
        f"/xAPI/{resource}", query_string={"method": method, **(address or {})},
        data=urlencode(fields), content_type=FORM, headers=headers,
    )  # fmt: skip


@EACH
def test_1_1_s3_head_answers_as_get_does_without_a_body(both, resource):
    if resource in DOCUMENTS:
        both.ask("POST", resource, QUERIES[resource], data=b"one", content_type="text/plain")
    get = both.get(resource, QUERIES[resource])
    head = both.ask("HEAD", resource, QUERIES[resource])

    assert (head.status_code, head.data) == (200, b"")
    assert head.headers == get.headers


@pytest.mark.parametrize("resource", DOCUMENTS)
def test_head_of_what_is_not_there_is_404(both, resource):
    assert both.ask("HEAD", resource, QUERIES[resource]).status_code == 404


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("method", "resource"),
    [
        ("DELETE", "statements"),
        *((method, name) for name in ("about", "activities", "agents")
          for method in ("PUT", "POST", "DELETE")),
    ],
)  # fmt: skip
def test_3_2_s3_a_method_that_a_resource_has_not_is_405_even_without_a_key(http, method, resource):
    headers = {"X-Experience-API-Version": "1.0.1"}
    answer = http.open(f"/xAPI/{resource}", method=method, headers=headers)

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "X-Experience-API-Version" in answer.headers


@EACH
def test_3_3_s3_every_answer_names_the_latest_patch_of_the_version_asked_in(lrs, resource):
    for said, answered in {"1.0": "1.0.3", "1.0.0": "1.0.3", "1.0.2": "1.0.3", "2.0.0": "2.0.0"}.items():  # fmt: skip  # noqa: E501
        answer = lrs.speaking(said).get(resource, QUERIES[resource])
        assert answer.headers["X-Experience-API-Version"] == answered


@pytest.mark.one_database
@pytest.mark.parametrize("resource", sorted(set(QUERIES) - {"about"}))
@pytest.mark.parametrize("version", [None, "", "0.95", "0.9", "1.1.0", "1.0.x", "2.1.0", "3.0.0"])
def test_xapi_00331_a_request_without_a_version_that_is_spoken_is_400(lrs, resource, version):
    headers = {name: lrs.headers[name] for name in ("Authorization",)}
    headers |= {} if version is None else {"X-Experience-API-Version": version}
    answer = lrs.http.get(f"/xAPI/{resource}", headers=headers)

    assert answer.status_code == 400
    assert answer.headers["X-Experience-API-Version"] in ("1.0.3", "2.0.0")


def test_a_request_without_a_version_is_refused_in_the_one_that_the_key_spoke_last(both):
    both.get("statements")
    headers = {"Authorization": both.headers["Authorization"]}
    answer = both.http.get("/xAPI/statements", headers=headers)

    assert answer.status_code == 400
    assert answer.headers["X-Experience-API-Version"] == both.headers["X-Experience-API-Version"]


@pytest.mark.parametrize("version", [None, "0.95", "9.9"])
def test_xapi_00321_about_is_for_everybody_in_any_version(http, version):
    headers = {} if version is None else {"X-Experience-API-Version": version}
    answer = http.get("/xAPI/about", headers=headers)

    assert answer.status_code == 200
    assert {"1.0.3", "2.0.0"} <= set(answer.json["version"])


def test_xapi_00316_about_tells_who_asks_by_1_0_only_of_1_0(lrs):
    said = lrs.get("about").json["version"]

    assert "1.0.3" in said
    assert all(version.startswith("1.0.") for version in said)


@pytest.mark.one_database
@EACH
@pytest.mark.parametrize("extra", ["foo", "METHOD"])
def test_xapi_00324_a_parameter_that_nobody_knows_is_400(both, resource, extra):
    assert both.get(resource, {**QUERIES[resource], extra: "bar"}).status_code == 400


@EACH
def test_a_parameter_that_is_there_twice_is_400(lrs, resource):
    answer = lrs.http.get(f"/xAPI/{resource}?limit=1&limit=1", headers=lrs.headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("resource", sorted(set(QUERIES) - {"about"}))
def test_without_a_right_key_every_resource_is_401(lrs, resource):
    headers = {**lrs.headers, "Authorization": "Basic Zm9vOmJhcg=="}
    answer = lrs.http.get(f"/xAPI/{resource}", query_string=QUERIES[resource], headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_xapi_00015_strings_are_utf_8(both):
    said = statement(verb={"id": "https://example.org/v", "display": {"ja": "参加した"}})
    both.ask("POST", "statements", data=json.dumps(said, ensure_ascii=False).encode(), content_type="application/json")  # fmt: skip  # noqa: E501

    assert both.get("statements", {"statementId": said["id"]}).json["verb"] == said["verb"]


def test_a_body_in_another_encoding_is_400(lrs):
    body = json.dumps(statement()).encode("utf-16")
    answer = lrs.ask("POST", "statements", data=body, content_type="application/json")
    assert answer.status_code == 400


def test_xapi_00148_a_wrapped_get_returns_statements(lrs):
    first, second = statement(), statement()
    lrs.post([first, second])
    answer = wrapped(lrs, "GET", limit="1")

    assert [one["id"] for one in answer.json["statements"]] == [second["id"]]
    assert "limit=1" in answer.json["more"]
    assert "method" not in answer.json["more"]


def test_xapi_00336_a_wrapped_put_stores_a_statement(lrs):
    said, wanted = statement(), str(uuid4())
    del said["id"]

    assert wrapped(lrs, "PUT", statementId=wanted, content=json.dumps(said)).status_code == 204
    assert lrs.get("statements", {"statementId": wanted}).status_code == 200


def test_a_wrapped_post_stores_statements(lrs):
    said = statement()
    assert wrapped(lrs, "POST", content=json.dumps([said])).json == [said["id"]]


def test_1_3_s3_b7_fields_with_headers_names_are_headers(lrs):
    fields = {**lrs.headers, "If-None-Match": "*", "content-type": "text/plain"}
    for status in (204, 412):
        answer = wrapped(
            lrs, "PUT", "activities/state", headers={}, **STATE, **fields, content="one"
        )
        assert answer.status_code == status
    kept = lrs.get("activities/state", STATE)
    assert (kept.data, kept.headers["Content-Type"]) == (b"one", "text/plain")


def test_1_3_s3_b5_the_content_is_text_in_utf_8(lrs):
    fields = {"Content-Type": "text/plain", "Content-Length": "6"}
    wrapped(lrs, "PUT", "activities/state", **STATE, **fields, content="für +")
    assert lrs.get("activities/state", STATE).data == "für +".encode()


@pytest.mark.parametrize("resource", QUERIES)
def test_each_resource_can_be_asked_in_a_wrapped_get(lrs, resource):
    fields = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in QUERIES[resource].items()
    }
    answer = wrapped(lrs, "GET", resource, **fields)
    assert answer.status_code == (404 if resource in DOCUMENTS else 200)


def test_a_wrapped_delete_deletes(lrs):
    lrs.ask("PUT", "activities/state", STATE, data=b"one")
    assert wrapped(lrs, "DELETE", "activities/state", **STATE).status_code == 204
    assert lrs.get("activities/state", STATE).status_code == 404


def test_1_3_s3_b3_nothing_else_stands_in_the_address_of_a_wrapped_request(lrs):
    wanted = str(uuid4())
    answer = wrapped(
        lrs, "PUT", address={"statementId": wanted}, statementId=wanted,
        content=json.dumps(statement()),
    )  # fmt: skip
    assert answer.status_code == 400


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("method", "fields", "status"),
    [
        ("PUT", {"statementId": str(uuid4())}, 400),
        ("POST", {}, 400),
        ("PUT", {"X-Experience-API-Version": "0.8", "content": "{}"}, 400),
        ("PUT", {"X-Experience-API-Version": "2.0.0", "content": "{}"}, 400),
        ("GET", {"Authorization": "Basic Zm9vOmJhcg=="}, 401),
        ("GET", {"content": "{}", "colour": "red"}, 400),
        ("DELETE", {}, 405),
        ("PATCH", {}, 405),
    ],
)
def test_a_wrapped_request_keeps_the_rules_of_the_one_inside(lrs, method, fields, status):
    assert wrapped(lrs, method, **fields).status_code == status


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps({"content": "{}", "statementId": "x"}), FORM),
        ("limit=1&limit=2", FORM),
        ("limit=%FF", FORM),
        ("limit", FORM),
        ("&".join(f"a{number}=1" for number in range(100)), FORM),
        ("limit=1", "application/json"),
        ("limit=1", "text/plain"),
    ],
)
def test_a_form_that_cannot_be_read_is_400(lrs, body, kind):
    answer = lrs.ask("POST", "statements", {"method": "GET"}, data=body, content_type=kind)
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_only_a_post_can_be_wrapped(lrs, method):
    assert lrs.ask(method, "statements", {"method": "POST"}).status_code == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_2_0_0_has_no_wrapped_requests(lrs, method):
    speaking = lrs.speaking("2.0.0")
    answer = wrapped(speaking, method, statementId=str(uuid4()), content=json.dumps(statement()))

    assert answer.status_code == 400
    assert speaking.ids() == []


@pytest.mark.parametrize("password", ["pä:ss", ""])
def test_a_secret_of_any_characters_is_only_wrong(http, lrs, password):
    made = type(lrs.made)(lrs.made.id, lrs.made.key, password)
    assert Client(http, made).get("statements").status_code == 401
