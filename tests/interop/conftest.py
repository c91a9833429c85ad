"""The whole tool in a platform that none of us wrote, over real HTTP."""

from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from demo.platform.conftest import Server
from flask import Flask
from interop.xblock import CONSUMER, running
from lti.live.conftest import SECRET, TWO
from lti.minting import key
from sqlalchemy import select

from config.settings import Settings
from lti_peer.activities import peer_review, registry
from lti_peer.activities.kind import ActivityKind
from lti_peer.app import create_app
from lti_peer.core import grades
from lti_peer.core.models import Activity, Person
from lti_peer.core.outbox import Channel
from lti_peer.demo.platform import LmsBrowser
from lti_peer.jobs import delivery
from lti_peer.lti import ags, keys, registration
from lti_peer.lti.registration import Entry


@pytest.fixture(scope="module")
def server():
    """A server for the tool, on another site than the platform; each test brings its own tool."""
    server = Server("localhost")
    server.start(Flask("not yet"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def xblock(server, tmp_path_factory):
    """The platform, with the tool in it; it takes seconds to start."""
    CONSUMER.demand()
    with running(tmp_path_factory.mktemp("xblock"), server.url) as platform:
        yield platform


@dataclass
class Round:
    """The tool, the platform, and who goes between them."""

    database: Any
    app: Any
    platform: Any
    browsers: list = field(default_factory=list)

    def __post_init__(self):
        """Let the platform be known, as an administrator does."""
        with self.database.transaction() as session:
            told = self.platform.told("settings")
            registration.add_platform(session, Entry(**told, deployments=("1",)), private=True)
        self.send = ags.sender(self.database, self.app.extensions["vault"], private=True)

    def open(self, user, role="student", query=""):
        """Open the block as somebody; return the tool's page."""
        self.browsers.append(LmsBrowser(self.platform.url, user))
        return self.browsers[-1].get(f"/launch/{user}?role={role}{query}")

    def place(self):
        """Choose an activity for the block by deep linking; return the platform's page."""
        settings = self.open("tess", "staff", "&deep=1")
        browser = self.browsers[-1]
        page = browser.submit(settings, form="choose-peer_review")
        confirm = page.url.split("/peer_review")[0] + "/deep-linking/confirm"
        return browser.submit(browser.get(confirm), form="add")

    def post(self, user, share, component="work"):
        """Post a grade as a kind would, and deliver it as the worker does."""
        with self.database.transaction() as session:
            activity = session.scalars(select(Activity)).one()
            person = session.scalars(select(Person).where(Person.subject == user)).one()
            grades.post(session, activity, person.id, component, share, "Well done.")
        return delivery.drain(self.database, Channel.AGS, self.send, 20)


@pytest.fixture
def round_trip(server, xblock, database, tmp_path, monkeypatch):
    """The tool, known to the platform, and the platform to it."""
    monkeypatch.setattr(keys, "generate_private_key", lambda **_: key("tool"))
    kind = ActivityKind(**{**vars(peer_review.KIND), "components": TWO})
    monkeypatch.setattr(registry, "KINDS", (kind,))
    settings = Settings(
        secret_key=SECRET, base_url=server.url, data_dir=tmp_path, allow_private_hosts=True
    )
    app = create_app(settings, database)
    server._server.app = app
    requests.post(f"{xblock.url}/forget", timeout=10)
    made = Round(database, app, xblock)
    yield made
    for browser in made.browsers:
        browser.close()
