"""A key opens its own tenant, and of it what its scopes say, on every resource and filter."""

import json

import pytest
from conformance.xapi.clients import AGENT, IRI, attachment, mixed, part, parts_of, statement

from xapi.lrs import asking
from xapi.lrs.keys import Scope

REGISTRATION = "0193a5c8-7a10-7cc0-8000-00000000000b"
INSTRUCTOR = {"mbox": "mailto:teacher@example.org"}
STATE = {"activityId": IRI, "agent": AGENT, "stateId": "a"}
DOCUMENTS = {
    "activities/state": STATE,
    "activities/profile": {"activityId": IRI, "profileId": "a"},
    "agents/profile": {"agent": AGENT, "profileId": "a"},
}
FILTERS = [
    {},
    {"agent": AGENT},
    {"agent": INSTRUCTOR, "related_agents": "true"},
    {"verb": "http://adlnet.gov/expapi/verbs/attended"},
    {"activity": IRI},
    {"activity": f"{IRI}/parent", "related_activities": "true"},
    {"registration": REGISTRATION},
    {"since": "2026-11-22T05:00:00Z"},
    {"until": "2026-11-22T07:00:00Z"},
    {"limit": "1"},
    {"ascending": "true"},
    {"format": "ids"},
    {"format": "canonical"},
    {"attachments": "true"},
    {"after": "99999"},
]


@pytest.fixture
def said(lrs):
    """A statement of the first tenant that every filter finds, a voided one, and documents."""
    context = {
        "registration": REGISTRATION,
        "instructor": INSTRUCTOR,
        "contextActivities": {"parent": [{"id": f"{IRI}/parent"}]},
    }
    thing = {"id": IRI, "definition": {"name": {"en": "One"}}}
    sent = statement(
        context=context,
        object=thing,
        attachments=[attachment(b"one")],
        actor={**AGENT, "name": "A"},
    )
    gone = statement()
    ref = {"objectType": "StatementRef", "id": gone["id"]}
    voiding = statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object=ref)
    about = statement(object={"objectType": "StatementRef", "id": sent["id"]})
    lrs.ask("POST", "statements", **mixed([gone, voiding, about, sent], part(b"one")))
    for resource, query in DOCUMENTS.items():
        lrs.ask("POST", resource, query, data=b"one", content_type="text/plain")
    return {"sent": sent["id"], "gone": gone["id"]}


@pytest.fixture(params=["another tenant", "reads its own"])
def stranger(request, client):
    """A key of another tenant, and one of the same that reads only its own."""
    if request.param == "another tenant":
        return client(tenant=2)
    return client(Scope.READ_MINE, Scope.WRITE)


def found(answer):
    assert answer.status_code == 200
    text = parts_of(answer)[0][1] if answer.mimetype == "multipart/mixed" else answer.data
    return json.loads(text)["statements"]


@pytest.mark.parametrize("query", FILTERS, ids=lambda query: "-".join(query) or "all")
def test_no_filter_shows_what_belongs_to_others(lrs, stranger, said, query):
    assert found(lrs.get("statements", query))
    assert found(stranger.get("statements", query)) == []


def test_these_are_all_the_filters_and_resources_there_are(http):
    rules = {rule.rule.removeprefix("/xAPI/") for rule in http.application.url_map.iter_rules()}

    assert {name for query in FILTERS for name in query} == {
        *(asking._FILTERS | asking._HOW),
        asking.CURSOR,
    }
    assert rules - {"/static/<path:filename>"} == {
        "about",
        *(resource for resource, _ in READS),
        *DOCUMENTS,
    }


def test_a_wrapped_request_shows_no_more_than_a_plain_one(lrs, stranger, said):
    for client, status in ((lrs, 200), (stranger, 404)):
        form = {"statementId": said["sent"], **client.headers}
        answer = client.ask("POST", "statements", {"method": "GET"}, data=form)
        assert answer.status_code == status
        assert client.ask("HEAD", "statements", {"statementId": said["sent"]}).status_code == status


def test_no_id_shows_what_belongs_to_others(lrs, stranger, said):
    for query in ({"statementId": said["sent"]}, {"voidedStatementId": said["gone"]}):
        assert lrs.get("statements", query).status_code == 200
        assert stranger.get("statements", query).status_code == 404


@pytest.mark.parametrize("resource", DOCUMENTS)
def test_no_document_of_others_is_shown_or_listed(lrs, stranger, said, resource):
    query = DOCUMENTS[resource]
    listed = {name: query[name] for name in query if name not in ("stateId", "profileId")}

    assert lrs.get(resource, query).data == b"one"
    assert stranger.get(resource, query).status_code == 404
    assert lrs.get(resource, listed).json == ["a"]
    assert stranger.get(resource, listed).json == []
    early = {**listed, "since": "2026-11-22T05:00:00Z"}
    assert (lrs.get(resource, early).json, stranger.get(resource, early).json) == (["a"], [])


def test_the_canonical_words_for_an_activity_are_not_taken_from_others(client, lrs, said):
    other = client(tenant=2)
    other.post(statement())
    (mine,) = other.get("statements", {"format": "canonical"}).json["statements"]

    assert "definition" not in mine["object"]
    theirs = lrs.get("statements", {"statementId": said["sent"], "format": "canonical"}).json
    assert theirs["object"]["definition"]["name"] == {"en": "One"}


def test_nothing_is_told_of_others_agents_and_activities(lrs, stranger, said):
    assert lrs.get("activities", {"activityId": IRI}).json["definition"]
    assert lrs.get("agents", {"agent": AGENT}).json["name"] == ["A"]
    assert "definition" not in stranger.get("activities", {"activityId": IRI}).json
    assert "name" not in stranger.get("agents", {"agent": AGENT}).json


def test_a_more_link_of_one_tenant_shows_another_nothing_of_it(client, lrs, said):
    more = lrs.get("statements", {"limit": "1"}).json["more"]
    stranger = client(tenant=2)

    assert stranger.http.get(more, headers=stranger.headers).json["statements"] == []


def test_another_tenant_writes_beside_and_not_over(client, lrs, said):
    stranger = client(tenant=2)
    other = {**statement(), "id": said["sent"], "result": {"success": True}}

    assert stranger.post(other).status_code == 200
    for resource, query in DOCUMENTS.items():
        answer = stranger.ask("PUT", resource, query, data=b"two", headers={"If-None-Match": "*"})
        assert answer.status_code == 204
        assert stranger.ask("DELETE", resource, query).status_code == 204
        assert lrs.get(resource, query).data == b"one"
    stranger.ask("DELETE", "activities/state", {"activityId": IRI, "agent": AGENT})
    assert lrs.get("activities/state", STATE).data == b"one"
    assert "result" not in lrs.get("statements", {"statementId": said["sent"]}).json


def test_another_tenant_voids_nothing_here(client, lrs, said):
    ref = {"objectType": "StatementRef", "id": said["sent"]}
    client(tenant=2).post(
        statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object=ref)
    )
    assert lrs.get("statements", {"statementId": said["sent"]}).status_code == 200


def test_another_tenant_does_not_get_data_by_naming_their_sum(client, lrs, said):
    stranger = client(tenant=2)
    stranger.post(statement(attachments=[attachment(b"one", fileUrl="https://a.example")]))

    assert len(parts_of(stranger.get("statements", {"attachments": "true"}))) == 1


READS = [("statements", {}), ("activities", {"activityId": IRI}), ("agents", {"agent": AGENT})]
WRITES = [("POST", "statements", {}), ("PUT", "statements", {"statementId": REGISTRATION})]


@pytest.mark.parametrize(("resource", "query"), [*READS, *DOCUMENTS.items()])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_3_2_s3_b10_a_key_that_writes_does_not_read(client, method, resource, query):
    assert client(Scope.WRITE).ask(method, resource, query).status_code == 403


@pytest.mark.parametrize(
    ("method", "resource", "query"),
    [
        *WRITES,
        *((method, *one) for one in DOCUMENTS.items() for method in ("PUT", "POST", "DELETE")),
    ],
)
@pytest.mark.parametrize("scope", [Scope.READ, Scope.READ_MINE])
def test_3_2_s3_b10_a_key_that_reads_does_not_write(client, scope, method, resource, query):
    answer = client(scope).ask(method, resource, query, json=statement())
    assert answer.status_code == 403


def test_a_key_that_reads_its_own_sees_what_it_sent(client, said):
    mine, own = client(Scope.READ_MINE, Scope.WRITE), statement()
    mine.post(own)
    mine.ask("PUT", "activities/state", {**STATE, "stateId": "b"}, data=b"mine")

    assert mine.ids() == [own["id"]]
    assert mine.get("activities/state", {**STATE, "stateId": "b"}).data == b"mine"


def test_joining_to_a_document_of_another_does_not_show_it(client, lrs):
    mine = client(Scope.READ_MINE, Scope.WRITE)
    lrs.ask("PUT", "activities/state", STATE, json={"secret": 1})
    mine.ask("POST", "activities/state", STATE, json={"x": 2})

    assert mine.get("activities/state", STATE).status_code == 404
    assert lrs.get("activities/state", STATE).json == {"secret": 1, "x": 2}
