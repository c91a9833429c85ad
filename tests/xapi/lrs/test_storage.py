import copy
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, inspect

from xapi.lrs import keys, storage
from xapi.lrs import query as asking
from xapi.lrs.mentions import activity_key, agent_key, verb_key
from xapi.lrs.models import METADATA
from xapi.lrs.query import Query, find, get
from xapi.lrs.storage import IdTaken, InvalidStatements, store
from xapi.validation.formats import parse_time

TENANT, OTHER_TENANT = UUID(int=1), UUID(int=2)
AUTHORITY = keys.authority("tests")
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
VOIDED = "voided"


def put(session, *statements, tenant=TENANT, now=NOW, version="1.0.3"):
    return store(session, tenant, statements, AUTHORITY, now, version)


def ids(session, tenant=TENANT, **query):
    return [json.loads(body)["id"] for body in find(session, tenant, Query(**query)).bodies]


def refer(sentence, target, verb="commented"):
    return {**sentence(verb), "object": {"objectType": "StatementRef", "id": target["id"]}}


def test_a_statement_comes_back_with_what_the_store_adds(records, sentence):
    said = sentence()
    put(records, said)
    body = json.loads(get(records, TENANT, UUID(said["id"])).body)

    assert body["stored"] == body["timestamp"] == "2026-11-22T06:00:00.000Z"
    assert body["authority"] == AUTHORITY
    assert body["version"] == "1.0.0"
    assert {name: body[name] for name in said} == said


def test_what_was_given_is_not_altered(records, sentence):
    said = sentence(context={"contextActivities": {"parent": {"id": "https://example.org/p"}}})
    before = copy.deepcopy(said)
    put(records, said)

    assert said == before


def test_a_single_context_activity_comes_back_as_a_list(records, sentence):
    said = sentence(context={"contextActivities": {"parent": {"id": "https://example.org/p"}}})
    put(records, said)
    body = json.loads(get(records, TENANT, UUID(said["id"])).body)

    assert body["context"]["contextActivities"]["parent"] == [{"id": "https://example.org/p"}]


def test_a_statement_without_an_id_gets_one(records, sentence):
    said = sentence()
    del said["id"]
    (given,) = put(records, said)

    assert get(records, TENANT, given) is not None


def test_2_0_0_turns_a_time_into_utc(records, sentence):
    said = sentence(timestamp="2026-11-22T11:30:00.123456+05:30")
    put(records, said, version="2.0.0")
    body = json.loads(get(records, TENANT, UUID(said["id"])).body)

    assert body["timestamp"] == "2026-11-22T06:00:00.123456Z"
    assert body["version"] == "2.0.0"


def test_saying_the_same_twice_stores_it_once(records, sentence):
    said = sentence()
    put(records, said)
    put(records, said, now=NOW + timedelta(hours=1))

    assert storage.count(records, TENANT) == 1


def test_an_id_in_upper_case_is_the_same_id(records, sentence):
    said = sentence()
    put(records, said, now=NOW)

    assert put(records, {**said, "id": said["id"].upper()}) == [UUID(said["id"])]
    assert storage.count(records, TENANT) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"authority": {"mbox": "mailto:x@example.org"}, "version": "1.0.1"},
        {"verb": {"id": "http://adlnet.gov/expapi/verbs/attended", "display": {"de": "nahm teil"}}},
        {"object": {"id": "https://example.org/things/1", "definition": {"name": {"en": "One"}}}},
    ],
)
def test_a_difference_in_words_alone_is_none(records, sentence, change):
    said = sentence()
    put(records, said)

    assert put(records, {**said, **change}) == [UUID(said["id"])]


def test_a_group_is_the_same_in_another_order_and_under_other_names(records, sentence):
    one, two = {"mbox": "mailto:one@example.org"}, {"mbox": "mailto:two@example.org"}
    said = {**sentence(), "actor": {"objectType": "Group", "member": [one, two]}}
    put(records, said)
    renamed = {"objectType": "Group", "name": "G", "member": [two, {**one, "name": "One"}]}

    assert put(records, {**said, "actor": renamed}) == [UUID(said["id"])]
    with pytest.raises(IdTaken):
        put(records, {**said, "actor": {"objectType": "Group", "member": [one]}})


@pytest.mark.parametrize(
    "change",
    [
        {"object": {"id": "https://example.org/things/2"}},
        {"result": {"success": True}},
        {"timestamp": "2026-01-01T00:00:00Z"},
        {"context": {"language": "en"}},
    ],
)
def test_another_statement_under_a_taken_id_refuses_the_whole_batch(records, sentence, change):
    said, other = sentence(), sentence()
    put(records, said)

    with pytest.raises(IdTaken, match=said["id"]):
        put(records, other, {**said, **change})
    assert storage.count(records, TENANT) == 1


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_a_time_that_the_store_gave_makes_no_difference(records, sentence, version):
    said = sentence()
    put(records, said)
    back = json.loads(get(records, TENANT, UUID(said["id"])).body)

    assert put(records, back, version=version) == [UUID(said["id"])]
    assert put(records, said, version=version) == [UUID(said["id"])]


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": "2026-01-01T00:00:00Z"},
        {"attachments": []},
        {"actor": {"mbox": "mailto:ONE@example.org"}},
    ],
)
def test_2_0_0_neither_times_nor_attachments_nor_capitals_make_a_difference(
    records, sentence, change
):
    said = {**sentence(), "actor": {"mbox": "mailto:one@example.org"}}
    put(records, said, version="2.0.0")
    before = get(records, TENANT, UUID(said["id"])).body

    assert put(records, {**said, **change}, version="2.0.0") == [UUID(said["id"])]
    assert get(records, TENANT, UUID(said["id"])).body == before


def test_one_invalid_statement_refuses_the_whole_batch(records, sentence):
    with pytest.raises(InvalidStatements, match="score") as refused:
        put(records, sentence(), sentence(result={"score": {"scaled": 2}}))

    assert refused.value.faults[0].path == "$[1].result.score.scaled"
    assert storage.count(records, TENANT) == 0


def test_two_tenants_may_use_the_same_id(records, sentence):
    said = sentence()
    put(records, said)
    put(records, {**said, "result": {"success": True}}, tenant=OTHER_TENANT)

    assert storage.count(records, OTHER_TENANT) == 1


def test_statements_come_newest_first_or_oldest_first(records, sentence):
    first, second, third = sentence(), sentence(), sentence()
    put(records, first, second)
    put(records, third)

    assert ids(records) == [third["id"], second["id"], first["id"]]
    assert ids(records, ascending=True) == [first["id"], second["id"], third["id"]]


@pytest.mark.parametrize("ascending", [True, False])
def test_pages_have_every_statement_once(records, sentence, ascending):
    said = [sentence() for _ in range(7)]
    put(records, *said)
    query, seen = Query(limit=3, ascending=ascending, verb=verb_key(said[0]["verb"]["id"])), []
    while True:
        page = find(records, TENANT, query)
        seen += [json.loads(body)["id"] for body in page.bodies]
        if page.after is None:
            break
        query = replace(query, after=page.after)

    assert seen == [one["id"] for one in (said if ascending else reversed(said))]


@pytest.mark.parametrize("ascending", [True, False])
def test_large_statements_make_short_pages_without_gaps(records, sentence, ascending):
    said = [sentence("completed", result={"response": "x" * 400_000}) for _ in range(4)]
    about = [refer(sentence, one) | {"result": {"response": "x" * 700_000}} for one in said]
    put(records, *(one for pair in zip(said, about, strict=True) for one in pair))
    query, seen = Query(ascending=ascending, verb=verb_key(said[0]["verb"]["id"])), []
    while True:
        page = find(records, TENANT, query)
        assert len(page.bodies) < 8
        seen += [json.loads(body)["id"] for body in page.bodies]
        if page.after is None:
            break
        query = replace(query, after=page.after)

    expected = [one["id"] for pair in zip(said, about, strict=True) for one in pair]
    assert seen == (expected if ascending else expected[::-1])


def test_each_filter_finds_its_own(records, sentence):
    by_ada, by_bob = sentence("attended", "1", "ada"), sentence("completed", "2", "bob")
    put(records, by_ada, by_bob)

    assert ids(records, agent=agent_key(by_bob["actor"])) == [by_bob["id"]]
    assert ids(records, verb=verb_key(by_bob["verb"]["id"])) == [by_bob["id"]]
    assert ids(records, activity=activity_key(by_ada["object"]["id"])) == [by_ada["id"]]


def test_filters_are_joined_by_and(records, sentence):
    said = sentence("attended", "1", "ada")
    put(records, said, sentence("attended", "1", "bob"), sentence("attended", "2", "ada"))
    found = ids(
        records,
        agent=agent_key(said["actor"]),
        activity=activity_key(said["object"]["id"]),
        verb=verb_key(said["verb"]["id"]),
    )

    assert found == [said["id"]]


def test_a_registration_finds_its_statements(records, sentence):
    registration = uuid4()
    said = sentence(context={"registration": str(registration)})
    put(records, said, sentence())

    assert ids(records, registration=registration) == [said["id"]]


def test_since_is_after_and_until_includes(records, sentence):
    early, late = sentence(), sentence()
    put(records, early, now=NOW)
    put(records, late, now=NOW + timedelta(seconds=1))

    assert ids(records, since=NOW) == [late["id"]]
    assert ids(records, until=NOW) == [early["id"]]


@pytest.mark.parametrize("few", [0, 3, 100])
def test_since_and_a_filter_find_what_both_find_page_after_page(
    records, sentence, monkeypatch, few
):
    monkeypatch.setattr(asking, "FEW", few)
    verb = verb_key("http://adlnet.gov/expapi/verbs/attended")
    wanted, times = [], {}
    for number in range(24):
        said = sentence("attended" if number % 2 else "completed")
        if number % 6 == 0 and wanted:
            said = refer(sentence, {"id": wanted[-1]}, "commented")
        times[said["id"]] = NOW + timedelta(seconds=number * 7 % 24)  # not in their order
        put(records, said, now=times[said["id"]])
        if number % 2 or "StatementRef" in str(said["object"]):
            wanted.append(said["id"])

    for second, ascending, limit in product((-1, 4, 11, 20, 23, 30), (True, False), (0, 3)):
        since = NOW + timedelta(seconds=second)
        asked = Query(verb=verb, since=since, ascending=ascending, limit=limit)
        got, pages = [], 0
        while True:
            found = find(records, TENANT, asked)
            got += [json.loads(body)["id"] for body in found.bodies]
            pages += 1
            if found.after is None:
                break
            asked = replace(asked, after=found.after)
        order = wanted if ascending else wanted[::-1]
        assert got == [one for one in order if times[one] > since]
        assert pages <= (9 if limit else 1)


def test_the_time_that_a_statement_shows_is_the_time_that_it_is_found_by(records, sentence):
    put(records, sentence(), now=NOW + timedelta(microseconds=123_999))
    (body,) = find(records, TENANT, Query()).bodies
    shown = parse_time(json.loads(body)["stored"])

    assert ids(records, since=shown) == []
    assert len(ids(records, until=shown)) == 1


def test_a_context_activity_is_found_only_when_related_ones_are_asked_for(records, sentence):
    parent = "https://example.org/parent"
    said = sentence(context={"contextActivities": {"parent": [{"id": parent}]}})
    put(records, said)

    assert ids(records, activity=activity_key(parent)) == []
    assert ids(records, activity=activity_key(parent), related_activities=True) == [said["id"]]


def test_an_instructor_is_found_only_when_related_ones_are_asked_for(records, sentence):
    teacher = {"mbox": "mailto:teacher@example.org"}
    said = sentence(context={"instructor": teacher})
    put(records, said)

    assert ids(records, agent=agent_key(teacher)) == []
    assert ids(records, agent=agent_key(teacher), related_agents=True) == [said["id"]]


def test_a_member_is_found_by_what_the_group_did(records, sentence):
    member = {"mbox": "mailto:member@example.org"}
    said = sentence()
    said["actor"] = {"objectType": "Group", "member": [member]}
    put(records, said)

    assert ids(records, agent=agent_key({**member, "name": "Somebody"})) == [said["id"]]


def test_what_is_in_a_sub_statement_is_related(records, sentence):
    inner = sentence(actor="bob", thing="9")
    del inner["id"]
    said = {**sentence(), "object": {"objectType": "SubStatement", **inner}}
    put(records, said)
    key = activity_key(inner["object"]["id"])

    assert ids(records, activity=key) == []
    assert ids(records, activity=key, related_activities=True) == [said["id"]]
    assert ids(records, agent=agent_key(inner["actor"]), related_agents=True) == [said["id"]]


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 1, 0), (1, 2, 0)])
def test_a_statement_about_a_statement_is_found_where_that_one_is(records, sentence, order):
    said = sentence("completed")
    about = refer(sentence, said)
    about_that = refer(sentence, about)
    chain = [said, about, about_that]
    for place in order:
        put(records, chain[place])

    found = ids(records, verb=verb_key(said["verb"]["id"]))
    assert found == [chain[place]["id"] for place in reversed(order)]


def test_a_voided_statement_is_found_only_as_such(records, sentence):
    said = sentence("completed")
    voiding = refer(sentence, said, VOIDED)
    put(records, said)
    put(records, voiding)

    assert get(records, TENANT, UUID(said["id"])) is None
    assert get(records, TENANT, UUID(said["id"]), voided=True) is not None
    assert ids(records) == [voiding["id"]]
    assert ids(records, verb=verb_key(said["verb"]["id"])) == [voiding["id"]]


def test_a_statement_may_be_voided_before_it_comes(records, sentence):
    said = sentence()
    put(records, refer(sentence, said, VOIDED))
    put(records, said)

    assert get(records, TENANT, UUID(said["id"])) is None


def test_a_voiding_statement_cannot_be_voided(records, sentence):
    voiding = refer(sentence, sentence(), VOIDED)
    put(records, voiding)
    put(records, refer(sentence, voiding, VOIDED))

    assert get(records, TENANT, UUID(voiding["id"])) is not None


def test_no_filter_shows_another_tenant_s_statements(records, sentence):
    said = sentence(context={"registration": str(uuid4())})
    about = refer(sentence, said)
    put(records, said, about, tenant=OTHER_TENANT)
    questions = [
        {},
        {"agent": agent_key(said["actor"]), "related_agents": True},
        {"verb": verb_key(said["verb"]["id"])},
        {"activity": activity_key(said["object"]["id"]), "related_activities": True},
        {"registration": UUID(said["context"]["registration"])},
        {"authority": agent_key(AUTHORITY)},
    ]
    assert all(ids(records, OTHER_TENANT, **question) for question in questions)
    assert [ids(records, TENANT, **question) for question in questions] == [[]] * len(questions)
    assert get(records, TENANT, UUID(said["id"])) is None


def test_a_reference_does_not_cross_to_another_tenant(records, sentence):
    registration = uuid4()
    said = sentence("completed", context={"registration": str(registration)})
    put(records, said, tenant=OTHER_TENANT)
    put(records, refer(sentence, said))
    put(records, refer(sentence, said, VOIDED))

    assert ids(records, registration=registration) == []
    assert ids(records, verb=verb_key(said["verb"]["id"])) == []
    assert get(records, OTHER_TENANT, UUID(said["id"])) is not None


def test_characters_that_databases_refuse_are_kept(records, sentence):
    said = sentence(result={"response": "\x00\ud800 ü"})
    said["actor"]["account"]["name"] = "\ud800"
    put(records, said)
    body = json.loads(get(records, TENANT, UUID(said["id"])).body)

    assert body["result"]["response"] == "\x00\ud800 ü"


def test_a_batch_of_a_thousand_is_stored_whole(records, sentence):
    put(records, *[sentence() for _ in range(1000)])

    assert storage.count(records, TENANT) == 1000


@pytest.fixture
def late_look(monkeypatch):
    """Let the store overlook, once, what another transaction has just stored."""
    real, looks = storage._digests, iter(["overlooked"])
    monkeypatch.setattr(
        storage, "_digests", lambda *given: {} if next(looks, None) else real(*given)
    )


def test_whoever_loses_a_race_with_the_same_statement_stores_nothing(records, sentence, request):
    said, other = sentence(), sentence()
    put(records, said)
    request.getfixturevalue("late_look")

    assert put(records, said, other) == [UUID(said["id"]), UUID(other["id"])]
    assert storage.count(records, TENANT) == 2


def test_whoever_loses_a_race_with_another_statement_is_told(records, sentence, request):
    said = sentence()
    put(records, said)
    request.getfixturevalue("late_look")

    with pytest.raises(IdTaken):
        put(records, {**said, "result": {"success": True}})


def test_many_who_say_the_same_at_once_are_all_content(database, sentence):
    said = [sentence() for _ in range(20)]

    def say(_):
        with database.transaction() as session:
            return put(session, *said)

    with ThreadPoolExecutor(6) as people:
        answers = list(people.map(say, range(12)))
    with database.open() as session:
        assert storage.count(session, TENANT) == 20
    assert answers == [[UUID(one["id"]) for one in said]] * 12


def test_nothing_is_committed_by_the_store(database, sentence):
    with database.open() as session:
        put(session, sentence())
    with database.open() as session:
        assert storage.count(session, TENANT) == 0


def test_every_table_has_the_tenant():
    assert {table.name for table in METADATA.sorted_tables if "tenant" not in table.c} == set()


def test_the_tables_can_be_made_in_an_empty_database():
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    names = inspect(engine).get_table_names()
    engine.dispose()

    assert set(names) == set(METADATA.tables)
