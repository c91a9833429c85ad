"""What the tests of tokens, services and grades share: an LMS's answers, played back."""

import json
from dataclasses import dataclass, field

import factories
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from lti_peer.activities import registry
from lti_peer.activities.kind import ActivityKind, Component
from lti_peer.core import grades
from lti_peer.core.keys import Vault
from lti_peer.core.models import Activity, Course, LineItem
from lti_peer.lti.http import Answer
from lti_peer.lti.keys import KeyRing


def answered(status=200, body=None, **headers):
    """An answer of the LMS, as the client gives it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, raw)


def given_token(token="t-1", **over):
    return answered(
        body={"access_token": token, "token_type": "Bearer", "expires_in": 3600, **over}
    )


@dataclass
class PlayedClient:
    """Stands in for the guarded client, at our own seam: plays answers and keeps the calls."""

    tokens: list = field(default_factory=lambda: [given_token()])
    """What the token endpoint answers; the last again and again."""
    answers: list = field(default_factory=list)
    """What services answer, one after another; an exception is raised, a function called."""
    results: list = field(default_factory=list)
    """What the grade book shows when it is looked at; nothing when there is nothing left."""
    looked: list = field(default_factory=list)
    """The addresses of the results that were looked at."""
    asked: list = field(default_factory=list)
    sent: list = field(default_factory=list)

    def post_form(self, url, fields):
        self.asked.append((url, fields))
        return _played(self.tokens if len(self.tokens) == 1 else [self.tokens.pop(0)], keep=True)

    def get(self, url, *, headers=None):
        if "/results" in url:
            self.looked.append(url)
            return _played(self.results) if self.results else answered(200, [])
        return self.send("GET", url, b"", headers=headers)

    def send(self, method, url, body, *, headers=None):
        self.sent.append((method, url, headers, body))
        return _played(self.answers)


def _played(answers, *, keep=False):
    found = answers[0] if keep else answers.pop(0)
    if callable(found):
        return found()
    if isinstance(found, BaseException):
        raise found
    return found


@pytest.fixture
def client():
    return PlayedClient()


@pytest.fixture
def vault():
    return Vault(factories.SECRET)


@pytest.fixture(scope="session")
def private_key():
    """One key for all tests: making one takes a tenth of a second and more."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def keys(database, vault, private_key, monkeypatch):
    monkeypatch.setattr("lti_peer.lti.keys.generate_private_key", lambda **_: private_key)
    ring = KeyRing(database, vault)
    ring.ensure()
    return ring


@pytest.fixture
def platform(database):
    with database.transaction() as session:
        return factories.platform(session)


TWO_COLUMNS = ActivityKind(
    name="two_columns", label="Two columns", summary="A kind for tests.", pages=None, home="",
    setup="", components=(Component("work", "", 20.0), Component("reviewing", "Reviewing", 5.0)),
    prepare=print, turn=print,
)  # fmt: skip


@pytest.fixture
def graded(database, world, monkeypatch):
    """A course whose activity has a column of its own in the LMS."""
    monkeypatch.setattr(registry, "KINDS", (TWO_COLUMNS,))
    world.build(kind="two_columns", learners=2)
    with database.transaction() as session:
        course = session.get_one(Course, world.course.id)
        lms = course.deployment.platform.issuer
        course.line_items_url = f"{lms}/items?type_id=1"
        session.add(
            LineItem(
                deployment_id=course.deployment_id, activity_id=world.activity.id,
                component="work", label="Essay", maximum=20.0, url=f"{lms}/items/1?type_id=1",
            )
        )  # fmt: skip
    return world


@pytest.fixture
def post(database, graded):
    """Post a grade as a kind would."""

    def grade(share, who=0, component="work", comment=""):
        with database.transaction() as session:
            activity = session.get_one(Activity, graded.activity.id)
            person = graded.people[who]
            return grades.post(session, activity, person.id, component, share, comment).id

    return grade
