"""Agents and activities: xAPI 1.0.3 part 3, 2.4 and 2.5."""

import pytest
from conformance.xapi.clients import AGENT, IRI, statement

from xapi.lrs.keys import Scope

OTHERS = [
    {"mbox": "mailto:a@example.org"},
    {"mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975"},
    {"openid": "https://openid.example.org/1"},
    AGENT,
]


def activity(lrs, iri=IRI):
    answer = lrs.get("activities", {"activityId": iri})
    assert answer.status_code == 200
    return answer.json


def person(lrs, agent=AGENT):
    answer = lrs.get("agents", {"agent": agent})
    assert answer.status_code == 200
    return answer.json


def say(lrs, iri=IRI, **definition):
    lrs.post(statement(object={"id": iri, "definition": definition}))


@pytest.mark.parametrize("agent", OTHERS, ids=lambda agent: next(iter(agent)))
def test_xapi_00237_to_00244_a_person_has_lists(both, agent):
    ((name, value),) = agent.items()
    assert person(both, agent) == {"objectType": "Person", name: [value]}


def test_xapi_00248_a_person_has_the_names_that_statements_give(both):
    both.post(statement(actor={**AGENT, "name": "Ada"}))
    both.post(statement(context={"instructor": {**AGENT, "name": "A. L."}}))
    both.post(statement(actor={"objectType": "Group", "member": [{**AGENT, "name": "Ada L."}]}))

    assert person(both, {**AGENT, "name": "Lady"})["name"] == ["Lady", "Ada L.", "A. L.", "Ada"]


def test_what_an_extension_says_is_no_name(both):
    said = statement(result={"extensions": {"https://example.org/x": {**AGENT, "name": "X"}}})
    both.post(said)
    assert "name" not in person(both)


def test_a_voided_name_is_forgotten(both):
    said = statement(actor={**AGENT, "name": "Ada"})
    ref = {"objectType": "StatementRef", "id": said["id"]}
    both.post([said, statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object=ref)])

    assert "name" not in person(both)


@pytest.mark.parametrize(
    "query", [{}, {"agent": "x"}, {"agent": "{}"}, {"agent": {**AGENT, **OTHERS[0]}}]
)
def test_xapi_00243_and_00249_an_agent_is_needed(both, query):
    assert both.get("agents", query).status_code == 400


@pytest.mark.parametrize("query", [{}, {"activityId": "x"}, {"activityId": "true"}])
def test_xapi_00250_an_activity_is_needed(both, query):
    assert both.get("activities", query).status_code == 400


def test_an_activity_that_nobody_knows_is_an_activity(both):
    assert activity(both) == {"objectType": "Activity", "id": IRI}


def test_xapi_00254_languages_of_different_statements_come_together(both):
    both.post(
        [
            statement(object={"id": IRI, "definition": {"name": {"en": "meeting"}}}),
            statement(object={"id": IRI, "definition": {"name": {"fr": "réunion"}}}),
        ]
    )
    say(both, description={"en": "x"}, extensions={"https://example.org/a": 1})
    say(both, name={"en": "a meeting"}, extensions={"https://example.org/b": 2})

    assert activity(both)["definition"] == {
        "name": {"en": "a meeting", "fr": "réunion"},
        "description": {"en": "x"},
        "extensions": {"https://example.org/a": 1, "https://example.org/b": 2},
    }


def test_of_everything_else_the_last_word_counts(both):
    say(both, type="https://example.org/1", interactionType="choice", choices=[{"id": "a"}])
    say(both, type="https://example.org/2", interactionType="numeric")

    assert activity(both)["definition"] == {
        "type": "https://example.org/2",
        "interactionType": "numeric",
    }


@pytest.mark.parametrize("place", ["parent", "other"])
def test_activities_in_contexts_and_sub_statements_are_known(both, place):
    thing = {"id": f"{IRI}/{place}", "definition": {"name": {"en": place}}}
    inner = statement(context={"contextActivities": {place: thing}})
    del inner["id"]
    both.post(statement(object={"objectType": "SubStatement", **inner}))

    assert activity(both, thing["id"])["definition"] == thing["definition"]


def test_a_refused_batch_teaches_nothing(both):
    both.post([statement(object={"id": IRI, "definition": {"name": {"en": "x"}}}), {}])
    assert "definition" not in activity(both)


def test_a_definition_that_grows_without_end_begins_again(both):
    say(both, name={"en": "x" * 40_000})
    say(both, name={"de": "y" * 40_000})

    assert set(activity(both)["definition"]["name"]) == {"de"}


def test_a_key_that_reads_its_own_is_told_what_its_own_statements_say(client, lrs):
    mine = client(Scope.READ_MINE, Scope.WRITE)
    lrs.post(statement(actor={**AGENT, "name": "Ada"}))
    say(lrs, name={"en": "theirs"})
    say(mine, name={"de": "meins"})

    assert activity(mine)["definition"] == {"name": {"de": "meins"}}
    assert "name" not in person(mine)


def test_2_0_0_iris_are_compared_as_they_are_written(both):
    say(both, "http://example.com/path/../a", name={"en": "x"})

    assert "definition" in activity(both, "http://example.com/path/../a")
    assert "definition" not in activity(both, "http://example.com/a")


def test_3_1_s4_b1_agents_and_activities_have_an_etag_that_changes_with_them(both):
    def tags():
        queries = (("activities", {"activityId": IRI}), ("agents", {"agent": AGENT}))
        return [both.get(*query).headers["ETag"] for query in queries]

    before = tags()
    assert tags() == before
    both.post(statement(actor={**AGENT, "name": "Ada"}))
    say(both, name={"en": "x"})
    assert not set(tags()) & set(before)
