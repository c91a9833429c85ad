"""Several clients at once: nobody's work is lost, and nothing is there twice (part 3, 3.1)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from conformance.xapi.clients import AGENT, IRI, Client, statement

STATE = ("activities/state", {"activityId": IRI, "agent": AGENT, "stateId": "a"})
MANY = 8


@pytest.fixture
def at_once(lrs):
    """Let many clients act at the same time; return the statuses of their answers, sorted."""

    def run(act):
        def one(number):
            http = lrs.http.application.test_client()
            return act(Client(http, lrs.made), number).status_code

        with ThreadPoolExecutor(MANY) as pool:
            return sorted(pool.map(one, range(MANY)))

    return run


def put_statement(said):
    def act(client, number):
        sent = said(number)
        return client.ask("PUT", "statements", {"statementId": sent["id"]}, json=sent)

    return act


def test_xapi_00142_of_several_statements_with_one_id_one_is_stored(at_once, lrs):
    said = statement()
    act = put_statement(lambda number: {**said, "result": {"score": {"raw": number}}})

    assert at_once(act) == [204] + [409] * (MANY - 1)
    assert lrs.ids() == [said["id"]]


def test_the_same_statement_from_everybody_is_stored_once(at_once, lrs):
    said = statement()

    assert at_once(put_statement(lambda _: said)) == [204] * MANY
    assert lrs.ids() == [said["id"]]


def test_if_none_match_lets_one_of_many_in(at_once, lrs):
    def act(client, number):
        return client.ask("PUT", *STATE, json=number, headers={"If-None-Match": "*"})

    assert at_once(act) == [204] + [412] * (MANY - 1)


def test_if_match_lets_one_of_many_replace_what_all_have_seen(at_once, lrs):
    lrs.ask("PUT", *STATE, json="first")
    seen = {"If-Match": lrs.get(*STATE).headers["ETag"]}

    assert at_once(lambda client, number: client.ask("PUT", *STATE, json=number, headers=seen)) == [
        204
    ] + [412] * (MANY - 1)


@pytest.mark.parametrize("there", [False, True])
def test_what_many_join_to_a_document_is_all_there(at_once, lrs, there):
    if there:
        lrs.ask("PUT", *STATE, json={"first": 1})
    statuses = at_once(lambda client, number: client.ask("POST", *STATE, json={str(number): 1}))

    assert statuses == [204] * MANY
    assert lrs.get(*STATE).json.keys() - {"first"} == {str(number) for number in range(MANY)}


def test_what_many_say_of_an_activity_is_all_known(at_once, lrs):
    def act(client, number):
        names = {"name": {f"x-{number}": "A name"}}
        return client.post([statement(object={"id": IRI, "definition": names})])

    assert at_once(act) == [200] * MANY
    known = lrs.get("activities", {"activityId": IRI}).json["definition"]["name"]
    assert known.keys() == {f"x-{number}" for number in range(MANY)}


def test_a_document_that_is_deleted_and_put_at_once_is_whole_or_gone(at_once, lrs):
    def act(client, number):
        method = "DELETE" if number % 2 else "PUT"
        return client.ask(method, *STATE, data=b"x" * 1000, content_type="text/plain")

    assert at_once(act) == [204] * MANY
    kept = lrs.get(*STATE)
    assert kept.status_code == 404 or kept.data == b"x" * 1000
