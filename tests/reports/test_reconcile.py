import json
from datetime import timedelta
from uuid import uuid4

import factories
import pytest
from activities.peer_review.classroom import Classroom
from sqlalchemy import delete, select, update

from lti_peer.activities.peer_review import service, statements, steering
from lti_peer.core import endpoints
from lti_peer.core.db import Database
from lti_peer.core.endpoints import RecordEndpoint, words
from lti_peer.core.keys import Vault
from lti_peer.core.models import Activity, Person, Role
from lti_peer.core.outbox import Channel, Delivery, OutboxItem
from lti_peer.jobs import delivery, records
from lti_peer.peerwork import scores
from lti_peer.peerwork.feedback import Said
from lti_peer.reports import reconcile
from lti_peer.rules import scoring
from xapi.lrs.models import StoredStatement
from xapi.vocabulary import REVIEWED, ROUND, SCORED

NOW = factories.NOW
LATER = NOW + timedelta(days=8)
GOOD = {"answer": 3, "reasons": 2, "clarity": 3}


def play(world):
    """Let a class of three hand in and review through the services, and deliver what they said."""
    with world.database.transaction() as session:
        activity = session.get_one(Activity, world.activity.id)
        people = [session.get_one(Person, one.id) for one in world.people]
        teacher = session.get_one(Person, world.teacher.id)
        steering.prepare(session, factories.visit(teacher, activity, Role.INSTRUCTOR))
        for who in people:
            service.hand_in(session, factories.visit(who, activity), "A text.", "<p>A</p>", 2)
        for who in people:
            visit = factories.visit(who, activity, now=LATER)
            for _ in range(2):
                held = service.take_review(session, visit)
                service.give_review(session, visit, held.id, Said(GOOD, "", "", 0))
    deliver(world.database)
    return world


def deliver(database):
    sender = records.RecordSender(records.to_embedded(database), apart=True)
    while delivery.drain(database, Channel.XAPI, sender, 100):
        pass


def compared(world):
    tenant = world.course.deployment_id
    with world.database.transaction() as session:
        iri = f"https://tool.example/activities/{world.activity.id}"
        held = {world.activity.id: reconcile.embedded(session, tenant, iri)}
        return reconcile.compare(session, tenant, held)


def lose(world, verb):
    """Take one statement with this verb out of the store."""
    with world.database.transaction() as session:
        found = session.scalars(select(StoredStatement).where(StoredStatement.verb == verb.id))
        lost = found.first()
        session.execute(delete(StoredStatement).where(StoredStatement.seq == lost.seq))
        return lost.statement_id


@pytest.fixture
def played(world):
    """A class whose statements have all arrived."""
    return play(world.build())


def test_the_tables_and_the_statements_alone_give_the_same_numbers(played):
    found = compared(played)
    assert {line.metric: (line.domain, line.statements) for line in found.lines} == {
        "works handed in, by version": (3, 3),
        "reviews and partners given out": (6, 6),
        "reviews and second looks sent": (6, 6),
    }
    assert (found.gaps, found.waiting) == ([], 0)


def score(session, visit, who, share):
    """Keep a score of somebody's work, and say it."""
    estimate = scoring.Estimate(share, None, None, {}, "mean@1")
    kept = scores.keep(session, visit, who.id, "work", estimate, None)
    statements.scored(session, visit, who, kept)


@pytest.fixture
def scored(world):
    """Five people with a score in each of two released activities, and what is said of it."""
    world.build(learners=5, title="Week 1", released_at=NOW)
    with world.database.transaction() as session:
        first = session.get_one(Activity, world.activity.id)
        second = factories.activity(session, first.course, title="Week 2", released_at=NOW)
        second.created_at += timedelta(days=7)
        for place, who in enumerate(session.get_one(Person, one.id) for one in world.people):
            for what, share in ((first, 0.3), (second, 0.3 + place / 10)):
                score(session, factories.visit(who, what), who, share)
    deliver(world.database)
    return world


def changes_of(world):
    """Return what both sides say of the step from the first activity to the second."""
    tenant, address = world.course.deployment_id, "https://tool.example/activities/"
    with world.database.transaction() as session:
        ids = [one.id for one in reconcile.activities(session, tenant)]
        held = {one: reconcile.embedded(session, tenant, f"{address}{one}") for one in ids}
        lines = reconcile.compare(session, tenant, held).lines
    return [(line.domain, line.statements) for line in lines if "next" in line.metric]


def test_later_performance_is_the_same_from_the_tables_and_from_statements_alone(scored):
    assert changes_of(scored) == [(5, 5), (20, 20)]


def test_a_score_that_the_store_lost_changes_later_performance_by_statements(scored):
    lose(scored, SCORED)
    assert changes_of(scored) == [(5, 4), (20, 0)]


@pytest.fixture
def revised(world):
    """Five people who all reviewed each other and revised; at each work, one looked again."""
    world.build(learners=5)
    with world.database.transaction() as session:
        class_ = Classroom(session, world).prepare(reviews=4).let_revise()
        first, second, *_ = people = class_.people
        for number, who in enumerate(people):
            class_.hand_in(who, source=f"Text {number}.")
        for who in people * 4:
            class_.review(who, marks={"answer": 1, "reasons": 1, "clarity": 1})
        for who in people:
            class_.revise(who)
            marks = {"answer": 2 if who is first else 3, "reasons": 1, "clarity": 1}
            class_.look(second if who is first else first, marks, author=who)
    deliver(world.database)
    return world


def test_the_change_from_draft_to_final_is_the_same_from_both_sides_until_the_store_loses_a_look(
    revised,
):
    found = compared(revised)
    lines = {line.metric: (line.domain, line.statements) for line in found.lines}
    assert lines["works revised, by version"] == (5, 5)
    assert lines["reviews and second looks sent"] == (25, 25)
    assert lines["reviews and partners given out"] == (40, 40)
    assert lines["compared with the revision"] == (5, 5)
    points = 100 * (1 + 4 * 2) / 9 / 5
    assert lines["change to the revision, in points of 100"] == pytest.approx((points, points))
    assert found.gaps == []
    with revised.database.transaction() as session:
        found = session.scalars(
            select(StoredStatement).where(StoredStatement.body.contains(ROUND.id))
        )
        session.delete(found.first())
    lines = {line.metric: (line.domain, line.statements) for line in compared(revised).lines}
    assert lines["compared with the revision"] == (5, 4)


def test_a_statement_that_the_store_lost_is_named_with_its_activity(played):
    lost = lose(played, REVIEWED)
    found = compared(played)
    assert found.gaps == [reconcile.Gap(lost, "missing", REVIEWED.id, str(played.activity.id))]
    assert [(line.domain, line.statements) for line in found.lines][-1] == (6, 5)


def test_what_is_missing_is_sent_again_and_then_there_once(played):
    lose(played, REVIEWED)
    with played.database.transaction() as session:
        assert reconcile.resend(session, compared(played).gaps) == 1
    assert compared(played).waiting == 1
    deliver(played.database)
    assert (compared(played).gaps, compared(played).waiting) == ([], 0)


def test_what_was_refused_is_named_and_not_sent_again(played):
    lost = lose(played, REVIEWED)
    with played.database.transaction() as session:
        session.execute(
            update(OutboxItem).where(OutboxItem.key == str(lost)).values(state=Delivery.DEAD)
        )
    gaps = compared(played).gaps
    assert [gap.kind for gap in gaps] == ["refused"]
    with played.database.transaction() as session:
        assert reconcile.resend(session, gaps) == 0


def test_what_nobody_here_said_is_unexpected(played):
    with played.database.transaction() as session:
        key = session.scalars(select(OutboxItem.key).where(OutboxItem.channel == Channel.XAPI))
        session.execute(delete(OutboxItem).where(OutboxItem.key == key.first()))
    assert [gap.kind for gap in compared(played).gaps] == ["unexpected"]


def test_another_tenants_statements_are_not_counted(played, world):
    other = play(type(world)(world.database).build())
    assert {line.activity for line in compared(other).lines} == {other.activity.id}
    assert compared(played).gaps == []


@pytest.fixture
def run(command, tmp_path):
    """Run `lti-peer records reconcile` on a world of its own; return exit code and answer."""

    def call(*words):
        done = command("records", "reconcile", *words)
        return done.exit_code, done.output

    call()  # makes the tables
    database = Database(f"sqlite:///{tmp_path}/data/lti-peer.db")
    call.world = factories.World(database).build()
    yield call
    database.close()


def test_the_command_ends_with_1_until_what_is_missing_is_sent_again(run):
    play(run.world)
    code, said = run()
    assert (code, "Nothing is missing" in said) == (0, True)
    lost = lose(run.world, REVIEWED)
    code, said = run("--json")
    assert (code, [gap["statement"] for gap in json.loads(said)["gaps"]]) == (1, [str(lost)])
    assert run("--resend")[0] == 0
    deliver(run.world.database)
    assert run()[0] == 0


def test_an_endpoint_that_is_not_there_or_in_a_private_network_is_refused_in_words(run):
    code, said = run("--endpoint", "nowhere")
    assert (code, "There is no endpoint nowhere." in said) == (1, True)
    with run.world.database.transaction() as session:
        one = RecordEndpoint(name="x", url="https://127.0.0.1:9/xapi", key="k", secret="s")
        endpoints.add(session, Vault(factories.SECRET), one, pseudonyms=False)
    code, said = run("--endpoint", "x")
    assert (code, "NotAllowed" in said) == (1, True)


def test_a_metric_that_an_endpoint_is_not_told_of_is_left_out(played):
    endpoint = RecordEndpoint(id=uuid4(), name="x", verbs=words([REVIEWED.id]), kinds="")
    tenant, held = played.course.deployment_id, {played.activity.id: {}}
    with played.database.transaction(read_only=True) as session:
        lines = reconcile.compare(session, tenant, held, endpoint).lines
        endpoint.kinds = words(["teaching"])
        assert reconcile.compare(session, tenant, held, endpoint).lines == []
    assert [(line.metric, line.domain, line.statements) for line in lines] == [
        ("reviews and second looks sent", 6, 0)
    ]
