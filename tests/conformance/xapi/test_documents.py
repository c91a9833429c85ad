"""State, activity profiles and agent profiles: xAPI 1.0.3 part 3, 2.2, 2.3, 2.6, 2.7 and 3.1."""

import pytest
from conformance.xapi.clients import AGENT, IRI

REGISTRATION = "0193a5c8-7a10-7cc0-8000-00000000000b"
STATE = ("activities/state", {"activityId": IRI, "agent": AGENT, "stateId": "a"})
ACTIVITY = ("activities/profile", {"activityId": IRI, "profileId": "a"})
PERSON = ("agents/profile", {"agent": AGENT, "profileId": "a"})
ALL = pytest.mark.parametrize(
    "place", [STATE, ACTIVITY, PERSON], ids=["state", "activity", "agent"]
)
PROFILES = pytest.mark.parametrize("place", [ACTIVITY, PERSON], ids=["activity", "agent"])
WRONG = '"1111111111111111111111111111111111111111"'


def put(lrs, place, data=b"one", kind="text/plain", **headers):
    """Put a document, a profile as a new one unless the headers say else."""
    if not headers and place[0].endswith("profile"):
        headers = {"If_None_Match": "*"}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lrs.ask("PUT", *place, data=data, content_type=kind, headers=given).status_code


def without(place, *names):
    resource, query = place
    return resource, {name: value for name, value in query.items() if name not in names}


def named(place, name):
    resource, query = place
    return resource, {key: name if key in ("stateId", "profileId") else query[key] for key in query}


@ALL
def test_a_document_comes_back_byte_by_byte_with_its_type(both, place):
    data = bytes(range(256))

    assert put(both, place, data, "application/x-made-up; v=1") == 204
    answer = both.get(*place)
    assert answer.data == data
    assert answer.headers["Content-Type"] == "application/x-made-up; v=1"


@ALL
def test_an_empty_document_is_one(lrs, place):
    assert put(lrs, place, b"") == 204
    assert lrs.get(*place).status_code == 200


@ALL
def test_a_document_that_is_not_there_is_404(both, place):
    assert both.get(*place).status_code == 404


@ALL
def test_2_2_s7_posting_where_nothing_is_stores_a_document(both, place):
    assert both.ask("POST", *place, data=b"one", content_type="text/plain").status_code == 204
    assert both.get(*place).data == b"one"


@ALL
def test_2_2_s7_posting_json_joins_properties_one_level_deep(both, place):
    both.ask("POST", *place, json={"car": {"make": "A", "model": "B"}, "driver": "C"})
    answer = both.ask("POST", *place, json={"car": {"make": "D"}, "series": 1})

    assert answer.status_code == 204
    assert both.get(*place).json == {"car": {"make": "D"}, "driver": "C", "series": 1}


def test_rfc_9110_8_3_1_json_is_joined_however_its_type_is_written(lrs):
    for part in (b'{"a":1}', b'{"b":2}'):
        lrs.ask("POST", *STATE, data=part, content_type="Application/JSON")

    assert lrs.get(*STATE).get_json(force=True) == {"a": 1, "b": 2}


@ALL
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((b'{"a":1}', "application/json"), (b'{"b":2}', "text/plain")),
        ((b'{"a":1}', "text/plain"), (b'{"b":2}', "application/json")),
        ((b'{"a":1}', "application/json"), (b'{"b":2}[', "application/json")),
        ((b'{"a":1}', "application/json"), (b"[2]", "application/json")),
        ((b"[1]", "application/json"), (b'{"b":2}', "application/json")),
    ],
)
def test_2_2_s8_only_json_objects_can_be_joined(lrs, place, first, second):
    put(lrs, place, *first)
    answer = lrs.ask("POST", *place, data=second[0], content_type=second[1])

    assert answer.status_code == 400
    assert lrs.get(*place).data == first[0]


@pytest.mark.one_database
@ALL
@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b'{"a": NaN}', b"\xff"])
def test_what_is_posted_as_json_is_an_object_also_where_nothing_is(lrs, place, body):
    answer = lrs.ask("POST", *place, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert lrs.get(*place).status_code == 404


@ALL
def test_a_number_that_no_float_holds_is_kept_as_it_is_and_cannot_be_joined(lrs, place):
    huge = b'{"a": 1e999}'
    assert put(lrs, place, huge, "application/json") == 204

    assert lrs.ask("POST", *place, json={"b": 1}).status_code == 400
    assert lrs.get(*place).data == huge


@ALL
def test_what_is_put_as_json_is_json(lrs, place):
    assert put(lrs, place, b"{", "application/json") == 400
    assert put(lrs, place, b"[1]", "application/json") == 204


@ALL
def test_a_deleted_document_is_gone_and_deleting_nothing_is_fine(both, place):
    put(both, place)

    assert both.ask("DELETE", *place).status_code == 204
    assert both.get(*place).status_code == 404
    assert both.ask("DELETE", *place).status_code == 204


@ALL
def test_the_names_of_documents_are_listed(both, place):
    for name in ("b", "a", "ä/ ?"):
        put(both, named(place, name))

    assert both.get(*without(place, "stateId", "profileId")).json == ["a", "b", "ä/ ?"]


@ALL
def test_without_documents_the_list_is_empty(both, place):
    assert both.get(*without(place, "stateId", "profileId")).json == []


@ALL
def test_since_leaves_what_was_stored_or_changed_after_it(lrs, place, clock):
    put(lrs, named(place, "a"))
    put(lrs, named(place, "b"))
    since = clock.now.isoformat()
    clock.pass_(seconds=1)
    lrs.ask("DELETE", *named(place, "b"))
    put(lrs, named(place, "b"))
    resource, query = without(place, "stateId", "profileId")

    assert lrs.get(resource, {**query, "since": since}).json == ["b"]


@ALL
def test_2_2_s6_last_modified_says_when_a_document_was_changed(both, place, clock):
    put(both, place)
    clock.pass_(seconds=90)
    put(both, named(place, "b"))

    assert both.get(*place).headers["Last-Modified"] == "Sun, 22 Nov 2026 06:00:00 GMT"
    listed = both.get(*without(place, "stateId", "profileId"))
    assert listed.headers["Last-Modified"] == "Sun, 22 Nov 2026 06:01:30 GMT"
    assert listed.headers["ETag"]


@ALL
def test_xapi_00322_the_etag_is_a_quoted_sha1(both, place):
    put(both, place)

    assert both.get(*place).headers["ETag"] == '"fe05bcdcdc4928012781a5f1a2a77cbb5398e106"'


@ALL
def test_xapi_00322_if_match_lets_the_right_one_be_replaced(both, place):
    put(both, place)
    tag = both.get(*place).headers["ETag"]

    assert put(both, place, b"two", If_Match=tag) == 204
    assert put(both, place, b"three", If_Match=tag) == 412
    assert both.get(*place).data == b"two"


@ALL
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize("header", [{"If-Match": WRONG}, {"If-None-Match": "*"}])
def test_a_precondition_that_fails_changes_nothing(both, place, method, header):
    put(both, place, b'{"a":1}', "application/json")
    body = {} if method == "DELETE" else {"json": {"b": 2}}

    assert both.ask(method, *place, headers=header, **body).status_code == 412
    assert both.get(*place).json == {"a": 1}


@ALL
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_the_right_etag_lets_every_method_through(both, place, method):
    put(both, place, b'{"a":1}', "application/json")
    header = {"If-Match": both.get(*place).headers["ETag"]}
    body = {} if method == "DELETE" else {"json": {"b": 2}}

    assert both.ask(method, *place, headers=header, **body).status_code == 204


@ALL
def test_if_none_match_lets_a_first_document_in_and_no_second(both, place):
    assert put(both, place, If_None_Match="*") == 204
    assert put(both, place, b"two", If_None_Match="*") == 412
    assert both.get(*place).data == b"one"


@ALL
def test_if_match_of_what_is_not_there_fails(both, place):
    assert put(both, place, If_Match="*") == 412
    assert both.get(*place).status_code == 404


@ALL
def test_a_weak_etag_does_not_match(both, place):
    put(both, place)
    tag = both.get(*place).headers["ETag"]

    assert put(both, place, b"two", If_Match=f"W/{tag}") == 412


@PROFILES
def test_3_1_s4_b13_a_profile_is_not_overwritten_blindly(both, place):
    assert put(both, place) == 204
    answer = both.ask("PUT", *place, data=b"two", content_type="text/plain")

    assert answer.status_code == 409
    assert "If-Match" in answer.json["message"]
    assert both.get(*place).data == b"one"


@PROFILES
def test_3_1_s3_b1_in_1_0_3_a_first_profile_is_not_put_blindly_either(lrs, place):
    answer = lrs.ask("PUT", *place, data=b"one", content_type="text/plain")

    assert answer.status_code == 400
    assert "If-None-Match" in answer.json["message"]
    assert lrs.get(*place).status_code == 404


@PROFILES
def test_2_0_0_lets_a_first_profile_be_put_blindly(lrs, place):
    speaking = lrs.speaking("2.0.0")
    assert speaking.ask("PUT", *place, data=b"one").status_code == 204


def test_1_0_3_lets_a_state_be_overwritten_and_2_0_0_does_not(lrs):
    assert put(lrs, STATE) == 204
    assert put(lrs, STATE, b"two") == 204
    assert put(lrs.speaking("2.0.0"), STATE, b"three") == 409
    assert lrs.get(*STATE).data == b"two"


@pytest.mark.one_database
@ALL
@pytest.mark.parametrize("method", ["PUT", "POST", "GET", "DELETE"])
def test_a_parameter_that_is_missing_is_400(lrs, place, method):
    needed = set(place[1]) - ({"stateId", "profileId"} if method == "GET" else set())
    needed -= {"stateId"} if method == "DELETE" else set()
    body = {"data": b"x"} if method in ("PUT", "POST") else {}

    for name in needed:
        assert lrs.ask(method, *without(place, name), **body).status_code == 400, name


@pytest.mark.one_database
@ALL
@pytest.mark.parametrize("method", ["PUT", "POST", "GET", "DELETE"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"agent": "not JSON"},
        {"agent": "true"},
        {"agent": '{"objectType":"Agent","name":"A"}'},
        {"agent": '{"objectType":"Group","member":[]}'},
        {"activityId": "true"},
        {"registration": "true"},
        {"since": "true"},
        {"colour": "red"},
        {"StateId": "a"},
    ],
    ids="-".join,
)
def test_a_parameter_that_makes_no_sense_is_400(lrs, place, method, wrong):
    resource, query = place
    if method == "GET" and "since" in wrong:
        resource, query = without(place, "stateId", "profileId")
    body = {"data": b"x"} if method in ("PUT", "POST") else {}

    assert lrs.ask(method, resource, {**query, **wrong}, **body).status_code == 400


def test_a_name_with_nul_is_400(lrs):
    assert put(lrs, named(STATE, "a\0b")) == 400
    assert put(lrs, STATE, kind="x" * 300) == 400


def test_a_registration_is_a_place_of_its_own(lrs):
    resource, query = STATE
    within = (resource, {**query, "registration": REGISTRATION})
    put(lrs, STATE, b"without")
    put(lrs, within, b"within")

    assert lrs.get(*STATE).data == b"without"
    assert lrs.get(*within).data == b"within"


def test_states_of_one_registration_are_listed_and_deleted_apart(lrs):
    resource, query = without(STATE, "stateId")
    put(lrs, (resource, {**query, "stateId": "a"}))
    put(lrs, (resource, {**query, "stateId": "b", "registration": REGISTRATION}))
    within = {**query, "registration": REGISTRATION}

    assert lrs.get(resource, query).json == ["a", "b"]
    assert lrs.get(resource, within).json == ["b"]
    assert lrs.ask("DELETE", resource, within).status_code == 204
    assert lrs.get(resource, query).json == ["a"]


def test_xapi_00194_deleting_without_a_name_deletes_what_is_about_the_same(both):
    resource, query = STATE
    elsewhere = (resource, {**query, "activityId": f"{IRI}/other"})
    put(both, STATE)
    put(both, elsewhere)

    assert both.ask("DELETE", *without(STATE, "stateId")).status_code == 204
    assert both.get(*without(STATE, "stateId")).json == []
    assert both.get(*elsewhere).status_code == 200


@PROFILES
def test_profiles_are_not_deleted_all_at_once(both, place):
    put(both, place)

    assert both.ask("DELETE", *without(place, "profileId")).status_code == 400
    assert both.get(*place).status_code == 200


def test_an_agent_is_the_same_under_another_name(lrs):
    put(lrs, PERSON)
    resource, query = PERSON

    assert lrs.get(resource, {**query, "agent": {**AGENT, "name": "Ada"}}).status_code == 200


def test_the_three_resources_do_not_see_each_other(lrs):
    put(lrs, STATE)

    assert lrs.get(*ACTIVITY).status_code == 404
    assert lrs.get(*PERSON).status_code == 404
