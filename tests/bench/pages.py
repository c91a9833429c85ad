"""Server time, queries and size of the pages of a peer review, with 60 and with 300 people.

Bars: learner pages p95 at most 60 ms with 60 people and 150 ms with 300; pages of staff 150 ms and
400 ms; any page at most 60 kB in gzip, the class of 300 at most 150 kB.
"""

import gzip
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from uuid import uuid4

import factories
import structlog
from sqlalchemy import event

from config.settings import Settings
from lti_peer.activities.peer_review import queries, service, steering
from lti_peer.app import create_app
from lti_peer.core.db import Base, Database
from lti_peer.core.models import Activity, Person, Role
from lti_peer.peerwork import feedback, needs, scores
from lti_peer.peerwork.allocations import Allocation, AllocationMember, AllocationState
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.submissions import Submission, SubmissionVersion
from lti_peer.rules.scoring import Estimate
from lti_peer.web import text

RUNS = 40
SOURCE = "A paragraph about *teaching* and **learning**, as people write them. " * 30
BARS = {(60, "learner"): 60, (300, "learner"): 150, (60, "staff"): 150, (300, "staff"): 400}


def build(database: Database, people: int) -> factories.World:
    """Return a class in the middle of reviewing: two of three reviews of each text are sent."""
    world = factories.World(database).build(learners=people)
    with database.transaction() as session:
        activity = session.get_one(Activity, world.activity.id)
        teacher = session.get_one(Person, world.teacher.id)
        now = datetime.now(UTC) - timedelta(days=8)
        visit = factories.visit(teacher, activity, Role.INSTRUCTOR, now)
        steering.prepare(session, visit)
        rubric = feedback.rubric(session, activity)
        html, count = str(text.render(SOURCE)), text.words(SOURCE)
        work = [hand_in(session, visit, who.id, html, count) for who in world.people]
        session.flush()
        for place, one in enumerate(work):
            given = [
                review(session, visit, one, world.people[(place + step) % people].id, rubric)
                for step in (1, 2)
            ]
            hold(session, visit, one, world.people[(place + 3) % people].id, rubric)
            need = needs.want(session, visit, queries.PURPOSE, one.id, one.author_id, 3)
            need.completed, need.live = 2, 1
            session.flush()
            estimate = Estimate(0.75, None, None, {each.id: 0.5 for each in given}, "mean@1")
            scores.keep(session, visit, one.author_id, service.WORK, estimate, None)
    return world


def hand_in(session, visit, author_id, html, count):
    """Store one text and return it."""
    made = Submission(
        deployment_id=visit.deployment_id, activity_id=visit.activity.id, author_id=author_id,
        first_at=visit.now, form="work",
        versions=[SubmissionVersion(number=1, source=SOURCE, html=html, words=count, at=visit.now)],
    )  # fmt: skip
    session.add(made)
    return made


def hold(session, visit, work, reviewer_id, rubric, state=AllocationState.OFFERED):
    """Store one allocation and return it."""
    made = Allocation(
        deployment_id=visit.deployment_id, activity_id=visit.activity.id, purpose=queries.PURPOSE,
        subject_id=work.id, state=state, at=visit.now,
        lease_until=datetime.now(UTC) + timedelta(hours=5),
        reason={"rubric": str(rubric.id), "policy": service.POLICY},
        members=[
            AllocationMember(
                person_id=reviewer_id, role=queries.REVIEWER, purpose=queries.PURPOSE,
                subject_id=work.id,
            )
        ],
    )  # fmt: skip
    session.add(made)
    return made


def review(session, visit, work, reviewer_id, rubric):
    """Store one review that was sent and return it."""
    allocation = hold(session, visit, work, reviewer_id, rubric, AllocationState.COMPLETED)
    session.flush()
    made = Feedback(
        id=uuid4(), deployment_id=visit.deployment_id, activity_id=visit.activity.id,
        author_id=reviewer_id, allocation_id=allocation.id, target=Target.SUBMISSION,
        target_id=work.id, rubric_id=rubric.id, marks={"answer": 2, "reasons": 2, "clarity": 3},
        share=7 / 9, comments={}, comment="Good.", html="<p>Good.</p>", words=1, at=visit.now,
    )  # fmt: skip
    session.add(made)
    return made


def measure(inside, database, path):
    """Return p50, p95 and p95 of CPU in milliseconds, the number of queries, kB raw and in gzip."""
    counted = []
    count = lambda *_: counted.append(1)  # noqa: E731 - a listener
    inside.get(path)
    event.listen(database.engine, "before_cursor_execute", count)
    answer = inside.get(path)
    event.remove(database.engine, "before_cursor_execute", count)
    assert answer.status_code == 200, (path, answer.status_code)
    times, works = [], []
    for _ in range(RUNS):
        start, work = time.perf_counter(), time.process_time()
        inside.get(path)
        times.append(1000 * (time.perf_counter() - start))
        works.append(1000 * (time.process_time() - work))
    cuts, cpu = quantiles(times, n=20), quantiles(works, n=20)[18]
    packed = len(gzip.compress(answer.data))
    return cuts[9], cuts[18], cpu, len(counted), len(answer.data) / 1000, packed / 1000


def run(people: int) -> bool:
    """Print the table for a class of so many; return whether every bar holds."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        Base.metadata.create_all(database.engine)
        settings = Settings(
            secret_key=factories.SECRET, base_url="https://tool.example", data_dir=Path(folder)
        )
        app = create_app(settings, database)
        world = build(database, people)
        learner = world.enter(app, world.people[0])
        with database.transaction(read_only=True) as session:
            visit = factories.visit(world.people[0], world.activity, now=datetime.now(UTC))
            held = queries.open_review(session, visit)
        staff = world.enter(app, world.teacher)
        good = report(people, "learner", learner, database, [
            "/", "/work", f"/reviews/{held.id}",
        ])  # fmt: skip
        good &= report(people, "staff", staff, database, [
            "/", "/counts", "/matrix", "/grades", "/settings", f"/people/{world.people[0].id}",
        ])  # fmt: skip
        database.shift = timedelta(days=10)
        good &= report(people, "learner", learner, database, ["/feedback"])
        database.close()
    return good


def report(people, who, inside, database, paths):
    """Print a line for each page; return whether every bar holds."""
    good = True
    for path in paths:
        p50, p95, cpu, count, size, packed = measure(inside, database, f"/peer_review{path}")
        good &= p95 <= BARS[people, who] and packed <= (150 if people > 60 else 60)
        name = path if len(path) < 20 else path[: path.rindex("/")] + "/…"
        numbers = f"{p50:8.1f} {p95:8.1f} {cpu:8.1f} {count:8} {size:8.1f} {packed:8.1f}"
        sys.stdout.write(f"{people:6} {who:8} {name:12} {numbers}\n")
    return good


def main() -> int:
    """Print the whole table; return 1 when a bar is missed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    heads = "people who      page           p50 ms   p95 ms  CPU p95  queries       kB  gzip kB"
    sys.stdout.write(f"{heads}\n")
    return 0 if all([run(60), run(300)]) else 1


if __name__ == "__main__":
    sys.exit(main())
