"""What GET of statements returns: formats, languages, headers (xAPI 1.0.3 part 3, 2.1.3)."""

import pytest
from conformance.xapi.clients import AGENT, IRI, attachment, statement

from xapi.lrs import query
from xapi.lrs.keys import Scope

GROUP = {"objectType": "Group", "name": "G", "mbox": "mailto:g@example.org"}
PARENT = "https://example.org/parent"


def defined(iri=IRI, **definition):
    return {"id": iri, "definition": definition}


def get(lrs, said, language=None, **query):
    headers = {"Accept-Language": language} if language else {}
    answer = lrs.get("statements", {"statementId": said["id"], **query}, headers=headers)
    assert answer.status_code == 200
    return answer.json


RICH = {
    "actor": {**AGENT, "name": "Ada"},
    "verb": {"id": "https://example.org/v", "display": {"en-GB": "did", "en-US": "did it"}},
    "object": defined(
        name={"en-GB": "colour", "en-US": "color"},
        description={"en-GB": "grey", "en-US": "gray", "de": "grau"},
        type="https://example.org/type",
        interactionType="choice",
        choices=[{"id": "a", "description": {"en-GB": "centre", "en-US": "center"}}],
        extensions={"https://example.org/x": {"en-GB": 1, "en-US": 2}},
    ),
    "context": {
        "instructor": {**AGENT, "name": "Bo"},
        "contextActivities": {"parent": [defined(PARENT, name={"en-GB": "p", "en-US": "q"})]},
        "extensions": {"https://example.org/x": None},
    },
    "result": {"response": "x"},
}


def test_xapi_00170_exact_is_what_was_received(both):
    said = statement(**RICH)
    both.post(said)
    back = get(both, said, format="exact")

    assert {name: back[name] for name in said} == said
    assert get(both, said, "de") == back


def test_xapi_00171_ids_leave_what_identifies(both):
    said = statement(**RICH)
    both.post(said)
    short = get(both, said, format="ids")

    assert short["actor"] == AGENT
    assert short["verb"] == {"id": said["verb"]["id"]}
    assert short["object"] == {"id": IRI}
    assert short["context"]["instructor"] == AGENT
    assert short["context"]["contextActivities"] == {"parent": [{"id": PARENT}]}
    assert short["result"] == said["result"]
    assert short["context"]["extensions"] == {"https://example.org/x": None}


def test_xapi_00171_ids_go_into_sub_statements(both):
    inner = statement(actor=GROUP, object=RICH["object"], verb=RICH["verb"])
    del inner["id"]
    said = statement(object={"objectType": "SubStatement", **inner})
    both.post(said)
    short = get(both, said, format="ids")["object"]

    assert short["actor"] == {"objectType": "Group", "mbox": GROUP["mbox"]}
    assert (short["object"], short["verb"]) == ({"id": IRI}, {"id": RICH["verb"]["id"]})
    assert short["objectType"] == "SubStatement"


def test_2_0_0_ids_go_into_context_agents_and_groups(lrs):
    context = {
        "contextAgents": [{"objectType": "contextAgent", "agent": RICH["actor"]}],
        "contextGroups": [{"objectType": "contextGroup", "group": GROUP}],
    }
    said = statement(context=context)
    lrs.speaking("2.0.0").post(said)
    short = get(lrs, said, format="ids")["context"]

    assert short["contextAgents"] == [{"objectType": "contextAgent", "agent": AGENT}]
    assert "name" not in short["contextGroups"][0]["group"]


@pytest.mark.parametrize(
    ("liked", "name", "description"),
    [
        ("en-GB", "en-GB", "en-GB"),
        ("en-US, en-GB;q=0.5", "en-US", "en-US"),
        ("de, en-GB;q=0.5", "en-GB", "de"),
        ("fr", "en-GB", "de"),
        ("", "en-GB", "de"),
    ],
)
def test_xapi_00172_canonical_has_one_language_in_each_map(both, liked, name, description):
    said = statement(**RICH)
    both.post(said)
    back = get(both, said, liked, format="canonical")
    definition = back["object"]["definition"]

    assert set(back["verb"]["display"]) == set(definition["name"]) == {name}
    assert set(definition["description"]) == {description}
    assert set(definition["choices"][0]["description"]) == {name}
    assert set(back["context"]["contextActivities"]["parent"][0]["definition"]["name"]) == {name}
    assert definition["extensions"] == RICH["object"]["definition"]["extensions"]
    assert back["actor"] == RICH["actor"]


def test_xapi_00169_canonical_has_what_is_known_of_an_activity(both):
    plain, rich = statement(), statement(**RICH)
    both.post([plain, rich])
    definition = get(both, plain, "de", format="canonical")["object"]["definition"]

    assert definition["description"] == {"de": "grau"}
    assert definition["type"] == "https://example.org/type"


def test_canonical_goes_into_sub_statements(both):
    inner = statement(**RICH)
    del inner["id"]
    said = statement(object={"objectType": "SubStatement", **inner})
    both.post(said)
    back = get(both, said, "en-US", format="canonical")["object"]

    assert set(back["verb"]["display"]) == {"en-US"}
    assert set(back["object"]["definition"]["name"]) == {"en-US"}


def test_a_key_that_reads_its_own_is_not_told_what_others_say_of_an_activity(client, lrs):
    mine, said = client(Scope.READ_MINE, Scope.WRITE), statement()
    mine.post(said)
    lrs.post(statement(**RICH))

    assert "definition" not in get(mine, said, format="canonical")["object"]


def test_the_display_of_an_attachment_is_left_as_it_is(both):
    file = attachment(b"x", display={"en": "a", "de": "b"}, fileUrl="https://example.org/f")
    said = statement(attachments=[file])
    both.post(said)

    assert get(both, said, "de", format="canonical")["attachments"] == [file]


def test_xapi_00153_every_answer_of_the_resource_says_up_to_when_it_is_complete(both):
    answers = [
        both.get("statements"),
        both.get("statements", {"LIMIT": "1"}),
        both.get("statements", {"statementId": "x"}),
        both.post(statement()),
        both.post([]),
        both.ask("DELETE", "statements"),
        both.speaking("9.9").get("statements"),
    ]
    for answer in answers:
        through = answer.headers["X-Experience-API-Consistent-Through"]
        assert through == "2026-11-22T06:00:00.000Z"


@pytest.mark.one_database
def test_2_1_3_s2_b5_an_answer_is_complete_up_to_a_time_before_it_was_read(lrs, clock, monkeypatch):
    def find(*asked, read=query.find):
        clock.pass_(seconds=1)
        return read(*asked)

    monkeypatch.setattr(query, "find", find)
    answer = lrs.get("statements")

    assert answer.headers["X-Experience-API-Consistent-Through"] == "2026-11-22T06:00:00.000Z"


def test_2_1_3_s2_b8_last_modified_is_when_the_statement_was_stored(both, clock):
    said = statement()
    both.post(said)
    clock.pass_(hours=1)
    answer = both.get("statements", {"statementId": said["id"]})

    assert answer.headers["Last-Modified"] == "Sun, 22 Nov 2026 06:00:00 GMT"


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_4_1_6_1_last_modified_of_a_page_is_when_its_newest_was_stored(both, clock, ascending):
    both.post(statement())
    clock.pass_(hours=1)
    both.post(statement())
    page = both.get("statements", {"ascending": ascending})
    empty = both.get("statements", {"since": "2027-01-01T00:00:00Z"})

    assert page.headers["Last-Modified"] == "Sun, 22 Nov 2026 07:00:00 GMT"
    assert "Last-Modified" not in empty.headers


def test_2_1_3_t1_a_page_has_the_order_of_times_even_if_the_later_one_came_first(both, clock):
    late, early, same = statement(), statement(), statement()
    both.post(late)
    clock.pass_(seconds=-1)
    both.post([early, same])

    first, second, third = (one["id"] for one in (early, same, late))
    assert both.ids(ascending="true") == [first, second, third]
    assert both.ids() == [third, second, first]


def test_xapi_00332_a_statement_keeps_the_version_that_it_came_with(both):
    version = both.headers["X-Experience-API-Version"]
    said = statement(version=version)
    both.post(said)

    assert get(both, said)["version"] == version
    assert get(both.speaking("1.0.3"), said)["version"] == version


def test_xapi_00096_a_context_activity_comes_in_an_array(both):
    said = statement(context={"contextActivities": {"category": {"id": PARENT}}})
    both.post(said)
    assert get(both, said)["context"]["contextActivities"]["category"] == [{"id": PARENT}]


def test_xapi_00097_stored_and_authority_are_the_store_s_own(both):
    said = statement(stored="2011-07-15T00:00:00.000Z", authority={"mbox": "mailto:a@example.org"})
    both.post(said)
    back = get(both, said)

    assert back["stored"] == back["timestamp"] == "2026-11-22T06:00:00.000Z"
    assert back["authority"]["account"]["name"] == both.made.key


def test_2_0_0_a_time_is_turned_into_utc(lrs):
    said = statement(timestamp="2023-05-04T12:00:00-05:00")
    inner = {name: said[name] for name in said if name != "id"}
    within = statement(object={"objectType": "SubStatement", **inner})
    lrs.speaking("2.0.0").post([said, within])

    assert get(lrs, said)["timestamp"] == "2023-05-04T17:00:00.000Z"
    assert get(lrs, within)["object"]["timestamp"] == "2023-05-04T17:00:00.000Z"


def test_xapi_00016_a_voiding_statement_cannot_be_voided(both):
    said = statement()
    voided = {"id": "http://adlnet.gov/expapi/verbs/voided"}
    void = [
        statement(verb=voided, object={"objectType": "StatementRef", "id": target})
        for target in (said["id"], said["id"])
    ]
    again = statement(verb=voided, object={"objectType": "StatementRef", "id": void[0]["id"]})
    both.post([said, *void, again])

    assert get(both, void[0])["id"] == void[0]["id"]
    assert both.get("statements", {"statementId": said["id"]}).status_code == 404
    assert both.get("statements", {"voidedStatementId": said["id"]}).json["id"] == said["id"]
    assert both.get("statements", {"voidedStatementId": void[0]["id"]}).status_code == 404
