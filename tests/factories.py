"""Factories fill in what a test is not about."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from lti_peer.core import db
from lti_peer.core.models import (
    Activity,
    ActivityState,
    Course,
    Deployment,
    Membership,
    Person,
    Platform,
    Role,
)
from lti_peer.core.visit import Visit
from lti_peer.web import visits
from xapi.statement import Account, Thing, build
from xapi.vocabulary import REVIEWED, SUBMISSION

SECRET = "correct-horse-battery-staple-0123456789"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def platform(session, **over):
    """Return a stored platform."""
    number = uuid4().hex[:8]
    values = {
        "issuer": f"https://lms-{number}.example",
        "client_id": f"client-{number}",
        "name": "An LMS",
        "auth_url": f"https://lms-{number}.example/auth",
        "token_url": f"https://lms-{number}.example/token",
        "jwks_url": f"https://lms-{number}.example/jwks",
        "created_at": NOW,
    }
    return _store(session, Platform(**{**values, **over}))


def course(session, **over):
    """Return a stored course with a deployment of its own, unless one is given."""
    deployment = over.pop("deployment", None) or _store(
        session, Deployment(platform=platform(session), deployment_key="1", created_at=NOW)
    )
    values = {"context_key": uuid4().hex[:8], "title": "Peer Learning 101", "label": "PL101"}
    return _store(
        session, Course(**{"deployment": deployment, "created_at": NOW, **values, **over})
    )


def person(session, where, role=Role.LEARNER, number=1, **over):
    """Return a stored member of a course."""
    values = {"subject": uuid4().hex, "name": f"Person {number} (synthetic)"}
    made = _store(
        session,
        Person(platform=where.deployment.platform, created_at=NOW, **{**values, **over}),
    )
    _store(
        session,
        Membership(
            deployment_id=where.deployment_id, course_id=where.id, person_id=made.id, role=role,
            number=number, seen_at=NOW,
        ),
    )  # fmt: skip
    return made


def activity(session, where, kind="peer_review", **over):
    """Return a stored, published activity without settings."""
    values = {
        "title": "An activity",
        "resource_link_key": uuid4().hex[:8],
        "state": ActivityState.PUBLISHED,
    }
    return _store(
        session,
        Activity(
            deployment_id=where.deployment_id, course_id=where.id, course=where, kind=kind,
            created_at=NOW, **{**values, **over},
        ),
    )  # fmt: skip


def visit(who, what, role=Role.LEARNER, now=NOW):
    """Return a visit of a person to an activity, as a launch would leave it."""
    return Visit(
        id=uuid4(), person=who, course=what.course, role=role, now=now,
        base_url="https://tool.example", chosen=what,
    )  # fmt: skip


def statement(**more):
    """Return a valid statement with an id of its own."""
    return build(
        uuid4(), actor=Account("https://lms.example", "7"), verb=REVIEWED, at=NOW,
        thing=Thing("https://tool.example/submissions/1", SUBMISSION, "A submission"), **more,
    )  # fmt: skip


def _store(session, row):
    session.add(row)
    session.flush()
    return row


@dataclass
class World:
    """A course with one activity, an instructor and learners, committed to a database."""

    database: db.Database
    kind: str = "peer_review"
    people: list = field(default_factory=list)

    def build(self, kind="peer_review", learners=3, **over):
        """Fill the database; `course`, `activity`, `teacher` and `people` are then there."""
        with self.database.transaction() as session:
            self.course = course(session)
            self.activity = activity(session, self.course, kind, **over)
            self.teacher = person(session, self.course, Role.INSTRUCTOR, 0)
            self.people = [person(session, self.course, number=n + 1) for n in range(learners)]
        return self

    def enter(self, app, who, role=None):
        """Begin a visit for a person over the app; return a client that is inside it."""
        role = role or (Role.INSTRUCTOR if who is self.teacher else Role.LEARNER)
        with self.database.transaction() as session:
            guest = visits.Guest(who, self.course, role, self.activity)
            begun = visits.begin(session, guest)
        return Inside(app, begun)


class Overlook:
    """A class in an open session, as its instructor's visit sees it."""

    def __init__(self, session, world):
        """Take an open session and a world that has been built."""
        self.session, self.world = session, world
        self.teacher = session.get_one(Person, world.teacher.id)
        self.people = [session.get_one(Person, one.id) for one in world.people]
        self.activity = session.get_one(Activity, world.activity.id)
        self.visit = visit(self.teacher, self.activity, Role.INSTRUCTOR, NOW)


class Inside:
    """A test client within one visit: paths are relative to it, POSTs carry its token."""

    def __init__(self, app, begun):
        """Take the app and the visit that has begun."""
        self.client = app.test_client()
        self.root = f"/v/{begun.record.id.hex}"
        name = visits.COOKIE + begun.record.id.hex
        self.client.set_cookie(name, begun.proof, domain="tool.example", secure=True)
        self.token = app.extensions["vault"].sign("csrf", begun.proof)

    def get(self, path, **more):
        """GET a path of the visit."""
        return self.client.get(self.root + path, base_url="https://tool.example", **more)

    def post(self, path, data=None, **more):
        """POST a form of the visit, with its token."""
        form = {"csrf_token": self.token, **(data or {})}
        return self.client.post(
            self.root + path, data=form, base_url="https://tool.example", **more
        )
