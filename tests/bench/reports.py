"""Server time of the reports with 500,000 statements in the embedded store, 300 learners a course.

Bars, in the middle (p50): the report of an activity and of a course at most 50 ms, that of an
institution at most 1 s.
`python tests/bench/reports.py [statements]`, with `tests` on the path.
"""

import gc
import random
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID, uuid4

import factories
from bench.shared.bars import Bars
from sqlalchemy import event, insert

from config.settings import Settings
from lti_peer.admin import sessions
from lti_peer.app import create_app
from lti_peer.core.db import Base, Database
from lti_peer.core.models import Activity, ActivityState, Course, Membership, Role
from lti_peer.peerwork.allocations import Allocation, AllocationMember, AllocationState
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.scores import Score
from lti_peer.peerwork.submissions import Submission, SubmissionVersion
from xapi.identity import Account
from xapi.lrs.mentions import activity_key, agent_key, deed_key, verb_key
from xapi.lrs.models import METADATA, Mention, StoredStatement
from xapi.vocabulary import COMPLETED, LAUNCHED, RATED, REVIEWED, SCORED, WAS_ASSIGNED

LEARNERS = 300
ACTIVITIES = 10
RUNS = 30
BARS = {"/reports/": 50.0, "/reports/course": 50.0, "/admin/report": 1_000.0}
BODY = "x" * 1_900
"""As long as the body of a statement of ours."""
SAID = {LAUNCHED: 5, WAS_ASSIGNED: 3, REVIEWED: 3, RATED: 3, COMPLETED: 1, SCORED: 1}
"""How often one learner does each thing in one activity."""
ABOUT = {LAUNCHED, COMPLETED, SCORED}
"""What is said of the activity itself."""
COURSE, PROFILE = activity_key("https://tool.example/course"), activity_key("https://profile")
DICE = random.Random(7)  # noqa: S311 - no secret


def build(database: Database, statements: int) -> factories.World:
    """Return a course of ten activities, beside it others like it until all statements are said."""
    world = factories.World(database).build(learners=LEARNERS, released_at=factories.NOW)
    each = LEARNERS * sum(SAID.values()) * ACTIVITIES
    with database.transaction() as session:
        more = -(-statements // each) - 1
        courses = [world.course, *(another(session, world) for _ in range(more))]
        activities = [one for course in courses for one in furnish(session, world, course)]
    people = [one.id for one in world.people]
    actors = [agent_key(Account(one.platform.issuer, one.subject).agent()) for one in world.people]
    with database.writing.begin() as connection:
        for activity in activities:
            fill(connection, world, activity, people)
        tell(connection, world, activities, actors)
        connection.exec_driver_sql("ANALYZE")
    return world


def another(session, world) -> Course:
    """Add a course with the same learners."""
    made = Course(
        deployment_id=world.course.deployment_id,
        context_key=uuid4().hex,
        title="Another course",
        created_at=factories.NOW,
    )
    session.add(made)
    session.flush()
    session.add_all(
        Membership(
            deployment_id=made.deployment_id,
            course_id=made.id,
            person_id=one.id,
            role=Role.LEARNER,
            number=number,
            seen_at=factories.NOW,
        )
        for number, one in enumerate(world.people, 1)
    )
    return made


def furnish(session, world, course) -> list[UUID]:
    """Give a course its activities; return their ids."""
    there = [world.activity] if course is world.course else []
    made = [
        Activity(
            deployment_id=course.deployment_id,
            course_id=course.id,
            kind="peer_review",
            title=f"Week {n + 1}",
            resource_link_key=f"link {n}",
            state=ActivityState.PUBLISHED,
            released_at=factories.NOW,
            created_at=factories.NOW,
        )
        for n in range(len(there), ACTIVITIES)
    ]
    session.add_all(made)
    session.flush()
    return [one.id for one in (*there, *made)]


def fill(connection, world, activity: UUID, people) -> None:
    """Let everybody hand in and write three reviews, each of which is rated."""
    ours = {"deployment_id": world.course.deployment_id, "activity_id": activity}
    work = [uuid4() for _ in people]
    rows = {
        model: []
        for model in (Submission, SubmissionVersion, Allocation, AllocationMember, Feedback, Score)
    }
    for place, (one, author) in enumerate(zip(work, people, strict=True)):
        at = factories.NOW + timedelta(hours=DICE.uniform(0, 240))
        rows[Submission].append(
            {
                **ours,
                "id": one,
                "author_id": author,
                "form": "work",
                "state": "submitted",
                "first_at": at,
                "late": False,
            }
        )
        rows[SubmissionVersion].append(
            {
                "id": uuid4(),
                "submission_id": one,
                "number": 1,
                "source": BODY,
                "html": BODY,
                "words": 300,
                "at": at,
            }
        )
        rows[Score].append(
            {
                **ours,
                "id": uuid4(),
                "person_id": author,
                "component": "work",
                "number": 1,
                "share": DICE.random(),
                "method": "mean@1",
                "inputs": {},
                "at": at,
            }
        )
        for step in (1, 2, 3):
            review(rows, ours, one, author, people[(place + step) % len(people)], at)
    for model, found in rows.items():
        connection.execute(insert(model.__table__), found)


def review(rows, ours, work: UUID, author: UUID, reviewer: UUID, at) -> None:
    """Add one review with its allocation and its rating."""
    task, said = uuid4(), uuid4()
    what = {"purpose": "review", "subject_id": work}
    rows[Allocation].append(
        {**ours, **what, "id": task, "state": AllocationState.COMPLETED, "reason": {}, "at": at}
    )
    rows[AllocationMember].append(
        {
            **what,
            "id": uuid4(),
            "allocation_id": task,
            "person_id": reviewer,
            "role": "reviewer",
            "standing": True,
            "activity_id": ours["activity_id"],
        }
    )
    for one, who, target, about in (
        (said, reviewer, Target.SUBMISSION, work),
        (uuid4(), author, Target.FEEDBACK, said),
    ):
        rows[Feedback].append(
            {
                **ours,
                "id": one,
                "author_id": who,
                "allocation_id": task,
                "target": target,
                "target_id": about,
                "marks": {},
                "share": DICE.random(),
                "comments": {},
                "comment": BODY[:400],
                "html": BODY[:400],
                "words": 60,
                "at": at + timedelta(hours=DICE.uniform(1, 100)),
            }
        )


def tell(connection, world, ids, actors) -> None:
    """Store the statements of these activities."""
    tenant, seq = world.course.deployment_id, 0
    for ours in ids:
        iri = f"https://tool.example/activities/{ours}"
        key, rows, mentions = activity_key(iri), [], []
        for actor in actors:
            for verb in (verb for verb, times in SAID.items() for _ in range(times)):
                seq += 1
                about = verb in ABOUT
                rows.append(
                    {
                        "seq": seq,
                        "tenant": tenant,
                        "statement_id": uuid4(),
                        "stored": factories.NOW,
                        "happened": factories.NOW,
                        "verb": verb.id,
                        "actor": actor,
                        "thing": iri if about else f"https://tool.example/part/{seq}",
                        "parent": None if about else iri,
                        "authority": tenant,
                        "voided": False,
                        "digest": b"0" * 32,
                        "body": BODY,
                        "deed": deed_key(verb.id, iri),
                    }
                )
                direct = {actor, verb_key(verb.id)} | ({key} if about else set())
                mentions += [
                    {"tenant": tenant, "key": one, "seq": seq, "direct": one in direct}
                    for one in (key, actor, verb_key(verb.id), COURSE, PROFILE)
                ]
        connection.execute(insert(StoredStatement.__table__), rows)
        connection.execute(insert(Mention.__table__), mentions)


def measure(get, database: Database, path: str) -> tuple[float, float, float, int]:
    """Return p50, p95 and p50 of CPU in milliseconds, and the number of queries."""
    counted = []
    count = lambda *_: counted.append(1)  # noqa: E731 - a listener
    get(path)
    event.listen(database.engine, "before_cursor_execute", count)
    answer = get(path)
    event.remove(database.engine, "before_cursor_execute", count)
    assert answer.status_code == 200, (path, answer.status_code)
    times, works = [], []
    for _ in range(RUNS):
        start, work = time.perf_counter(), time.process_time()
        get(path)
        times.append(1000 * (time.perf_counter() - start))
        works.append(1000 * (time.process_time() - work))
    cuts = quantiles(times, n=20)
    return cuts[9], cuts[18], median(works), len(counted)


def administrator(app, database: Database):
    """Return what gets a page for an administrator who is signed in."""
    with database.transaction() as session:
        url, _ = sessions.link(session, "https://tool.example", "kim", "kim, command line")
    with database.transaction() as session:
        proof, _ = sessions.sign_in(session, url.rpartition("/")[2])
    client = app.test_client()
    client.set_cookie("__Host-peer-admin", proof, domain="tool.example", secure=True)
    return lambda path: client.get(path, base_url="https://tool.example")


def run(statements: int) -> None:
    """Print the table."""
    shown = Bars(
        "Reports (wall time of the server)",
        f"{statements:,} statements, {LEARNERS} learners, {ACTIVITIES} activities; SQLite",
    )
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        Base.metadata.create_all(database.engine)
        METADATA.create_all(database.engine)
        settings = Settings(
            secret_key=factories.SECRET, base_url="https://tool.example", data_dir=Path(folder)
        )
        app = create_app(settings, database)
        world = build(database, statements)
        inside = world.enter(app, world.teacher)
        admin = administrator(app, database)
        gc.collect()
        gc.freeze()  # as `lti-peer serve` does
        for path, bar in BARS.items():
            get = admin if path.startswith("/admin/") else inside.get
            middle, slow, work, queries = measure(get, database, path)
            shown.at_most(f"{path}, p50", middle, bar, "ms")
            shown.tell("… p95", slow, "ms")
            shown.tell("… CPU", work, "ms")
            shown.tell("… queries", queries)
        database.close()


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
