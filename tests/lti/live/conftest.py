"""The whole tool and the simulated LMS, each on a site of its own, over real HTTP."""

from dataclasses import dataclass
from typing import Any

import pytest
from demo.platform.conftest import Server
from lti.minting import key
from sqlalchemy import select

from config.settings import Settings
from lti_peer.activities import peer_review, registry
from lti_peer.activities.kind import ActivityKind, Component
from lti_peer.app import create_app
from lti_peer.core import grades
from lti_peer.core.db import Database
from lti_peer.core.models import Activity, Person
from lti_peer.core.outbox import Channel
from lti_peer.demo.platform import Lms, LmsBrowser, create_lms
from lti_peer.demo.platform.signing import SigningKey
from lti_peer.jobs import delivery
from lti_peer.lti import ags, invitations, keys

SECRET = "correct-horse-battery-staple-0123456789"
TWO = (Component("work", "", 20.0), Component("reviewing", "Reviewing", 5.0))


@pytest.fixture(scope="session")
def lms_key():
    """The LMS's key, made once."""
    return SigningKey()


@dataclass
class Stage:
    """One tool in one LMS, and everybody's browsers."""

    database: Database
    app: Any
    tool_url: str
    lms: Lms

    def __post_init__(self):
        """Begin without browsers."""
        self.browsers = []
        self.send = ags.sender(self.database, self.app.extensions["vault"], private=True)

    def browser(self, person):
        """Return a new browser in which this person is signed in to the LMS."""
        self.browsers.append(LmsBrowser(self.lms.issuer, person.id))
        return self.browsers[-1]

    def register(self, *, activate=True):
        """Register the tool in the LMS by invitation; return the page that ends it."""
        with self.database.transaction() as session:
            address = invitations.invite(session, self.tool_url, name="LMS", activate=activate)
        return self.browser(self.lms.instructor).register_tool(address)

    def place(self):
        """Add an activity to the course by deep linking; return its link in the LMS."""
        browser = self.browser(self.lms.instructor)
        settings = browser.submit(browser.deep_link(), form="choose-peer_review")
        visit = settings.url.split("/peer_review")[0]
        browser.submit(browser.get(f"{visit}/deep-linking/confirm"), form="add")
        return self.lms.links[-1]

    def launch(self, person, link):
        """Open the activity as this person."""
        return self.browser(person).launch(link.id)

    def post(self, person, component, share):
        """Post a grade as a kind would."""
        with self.database.transaction() as session:
            activity = session.scalars(select(Activity)).one()
            learner = session.scalars(select(Person).where(Person.subject == person.id)).one()
            grades.post(session, activity, learner.id, component, share, "Well done.")

    def deliver(self):
        """Deliver what is due, as the worker does."""
        return delivery.drain(self.database, Channel.AGS, self.send, 20)

    def points(self, person):
        """Return what stands in the grade book, by the tag of the column."""
        book = self.lms.gradebook
        found = {column.tag: book.grade(column.id, person.id) for column in book.columns}
        return {tag: grade and round(grade.points, 6) for tag, grade in found.items()}


@pytest.fixture
def servers():
    """Two servers on two sites, not yet with anything on them."""
    made = [Server("localhost"), Server("127.0.0.1")]
    yield made
    for server in made:
        server.stop()


@pytest.fixture
def stage(servers, database, tmp_path, lms_key, monkeypatch):
    """The tool, not yet registered, and the LMS."""
    monkeypatch.setattr(keys, "generate_private_key", lambda **_: key("tool"))
    kind = ActivityKind(**{**vars(peer_review.KIND), "components": TWO})
    monkeypatch.setattr(registry, "KINDS", (kind,))
    tool, site = servers
    settings = Settings(
        secret_key=SECRET, base_url=tool.url, data_dir=tmp_path, allow_private_hosts=True
    )
    app, lms = create_app(settings, database), Lms(site.url, learners=3, key=lms_key)
    tool.start(app)
    site.start(create_lms(lms))
    made = Stage(database, app, tool.url, lms)
    yield made
    for browser in made.browsers:
        browser.close()


@pytest.fixture
def placed(stage):
    """The link of an activity in the course."""
    stage.register()
    return stage.place()
