"""The whole tool in a simulated LMS that has the manners of each of six, over real HTTP."""

from datetime import UTC, datetime

import pytest
from demo.platform.conftest import Server
from lti.live.conftest import SECRET, TWO
from lti.live.conftest import Stage as PlainStage
from lti.minting import key
from sqlalchemy import update

from config.settings import Settings
from lti_peer.activities import peer_review, registry
from lti_peer.activities.kind import ActivityKind
from lti_peer.app import create_app
from lti_peer.core.outbox import OutboxItem
from lti_peer.demo import admission
from lti_peer.demo.cookieless import WithoutCookies
from lti_peer.demo.platform import Lms, LmsBrowser, create_lms
from lti_peer.demo.platform.profiles import PLAIN, PROFILES
from lti_peer.demo.platform.signing import SigningKey
from lti_peer.demo.stage import Stage as DemoStage
from lti_peer.lti import invitations, keys

LMSS = [name for name in PROFILES if name != PLAIN.name]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE_S = 1.0
"""How long the tool waits for an answer in these tests."""


@pytest.fixture(scope="session")
def lms_key():
    """The LMS's key, made once."""
    return SigningKey()


class Stage(PlainStage):
    """One tool in one LMS of some manners."""

    def __post_init__(self):
        """Send grades as the worker does, with less patience."""
        super().__post_init__()
        self.send._services._client._total_s = PATIENCE_S

    def browser(self, person):
        """Return a new browser in which this person is signed in to the LMS."""
        self.browsers.append(LmsBrowser(self.lms.url, person.id))
        return self.browsers[-1]

    def admit(self):
        """Bring the tool into the LMS in the way that the LMS has."""
        admission.admit(DemoStage(self.lms, self.tool_url, self.database, self.invite))

    def invite(self):
        """Return a registration address."""
        with self.database.transaction() as session:
            return invitations.invite(session, self.tool_url, name="LMS", activate=True)

    def deliver_again(self):
        """Deliver everything that is not told yet, as if hours had passed."""
        self.send._resting.clear()
        with self.database.transaction() as session:
            session.execute(update(OutboxItem).values(due_at=LONG_AGO))
        return self.deliver()


@pytest.fixture(params=LMSS)
def manners(request):
    """The name of an LMS; each test that asks for it runs against all six."""
    return request.param


@pytest.fixture
def servers():
    """Two servers on two sites, not yet with anything on them."""
    made = [Server("localhost"), Server("127.0.0.1")]
    yield made
    for server in made:
        server.stop()


def raised(servers, database, folder, lms):
    """Serve the tool and this LMS, and return them as a stage."""
    tool, site = servers
    settings = Settings(
        secret_key=SECRET, base_url=tool.url, data_dir=folder, allow_private_hosts=True
    )
    app = create_app(settings, database)
    tool.start(WithoutCookies(app, lms.faults))
    site.start(create_lms(lms))
    return Stage(database, app, tool.url, lms)


@pytest.fixture
def raise_stage(servers, database, tmp_path, lms_key, monkeypatch):
    """Return a function that raises a stage with an LMS of some manners, the tool not in it yet."""
    monkeypatch.setattr(keys, "generate_private_key", lambda **_: key("tool"))
    kind = ActivityKind(**{**vars(peer_review.KIND), "components": TWO})
    monkeypatch.setattr(registry, "KINDS", (kind,))
    made = []

    def build(profile, learners=5):
        lms = Lms(servers[1].url, learners=learners, profile=profile, key=lms_key)
        made.append(raised(servers, database, tmp_path, lms))
        return made[-1]

    yield build
    for stage in made:
        for browser in stage.browsers:
            browser.close()


@pytest.fixture
def stage(raise_stage, manners):
    """The tool in an LMS of these manners."""
    stage = raise_stage(PROFILES[manners])
    stage.admit()
    return stage


@pytest.fixture
def placed(stage):
    """The link of an activity in the course."""
    return stage.place()
