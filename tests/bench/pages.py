"""Server time, queries, size and requests of a peer review's pages, with 60 and 300 people.

Bars: learner pages p95 at most 60 ms with 60 people and 150 ms with 300, pages of staff 150 ms and
400 ms (ux.md 6), by the wall; any page at most 60 kB in gzip and 12 requests, with all that its
first view loads. A class of 300 on one page may have 150 kB.
"""

import gc
import gzip
import re
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from urllib.parse import urljoin
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
MOST_REQUESTS = 12
LOADS = re.compile(r"""["'](\./[^"']+\.js)["']""")
"""What a script names that it loads."""
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
    """Return p50, p95 and p95 of CPU in milliseconds, and the number of queries."""
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
    return cuts[9], cuts[18], cpu, len(counted)


def weigh(inside, path):
    """Return the kB in gzip and the requests of a first view: the page and all that it may load.

    A module that only some pages need counts on every page.
    """
    page = inside.get(path).data
    packed, loaded = len(gzip.compress(page)), set()
    waiting = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.decode()))
    while waiting - loaded:
        name = (waiting - loaded).pop()
        loaded.add(name)
        file = inside.client.get(name, base_url="https://tool.example").data
        packed += len(gzip.compress(file))
        waiting |= {urljoin(name, one) for one in LOADS.findall(file.decode())}
    return packed / 1000, 1 + len(loaded)


def run(people):
    """Print the table for a class of so many."""
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
        gc.freeze()  # as `lti-peer serve` does
        report(people, "learner", learner, database, [
            "/", "/work", f"/reviews/{held.id}",
        ])  # fmt: skip
        report(people, "staff", staff, database, [
            "/", "/counts", "/matrix", "/grades", "/settings", f"/people/{world.people[0].id}",
        ])  # fmt: skip
        database.shift = timedelta(days=10)
        report(people, "learner", learner, database, ["/feedback"])
        gc.unfreeze()
        database.close()


def report(people, who, inside, database, paths):
    """Print a line for each page."""
    for path in paths:
        p50, p95, cpu, count = measure(inside, database, f"/peer_review{path}")
        packed, requests = weigh(inside, f"/peer_review{path}")
        bar, most = BARS[people, who], 150 if people > 60 else 60
        missed = p95 > bar or packed > most or requests > MOST_REQUESTS
        name = path if len(path) < 20 else path[: path.rindex("/")] + "/…"
        sys.stdout.write(
            f"{people:6} {who:8} {name:11} {p50:7.1f} {p95:7.1f} {f'<= {bar}':>7} {cpu:7.1f} "
            f"{count:8} {packed:8.1f} {f'<= {most}':>7} {requests:8} {'MISSED' if missed else ''}\n"
        )


def main():
    """Print the whole table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    sys.stdout.write(
        "\nPages (wall time of the server, milliseconds; first view in gzip)\n"
        "people who      page            p50     p95     bar CPU p95  queries"
        f"       kB     bar requests (<= {MOST_REQUESTS})\n"
    )
    run(60)
    run(300)


if __name__ == "__main__":
    sys.exit(main())
