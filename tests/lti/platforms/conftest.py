"""The whole tool in a simulated LMS that has the manners of each of six, over real HTTP."""

import pytest
from demo.platform.conftest import Server
from lti.live.conftest import SECRET, TWO
from lti.live.conftest import Stage as PlainStage
from lti.minting import key

from config.settings import Settings
from lti_peer.activities import peer_review, registry
from lti_peer.activities.kind import ActivityKind
from lti_peer.app import create_app
from lti_peer.demo import admission
from lti_peer.demo.platform import Lms, LmsBrowser, create_lms
from lti_peer.demo.platform.profiles import PLAIN, PROFILES
from lti_peer.demo.platform.signing import SigningKey
from lti_peer.demo.stage import Stage as DemoStage
from lti_peer.lti import invitations, keys
from lti_peer.lti.ags import GradeSender
from lti_peer.lti.http import Client
from lti_peer.lti.keys import KeyRing
from lti_peer.lti.services import Services
from lti_peer.lti.tokens import Tokens

LMSS = [name for name in PROFILES if name != PLAIN.name]
PATIENCE_S = 0.4
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
        vault = self.app.extensions["vault"]
        client = Client(allow_private=True, total_s=PATIENCE_S)
        tokens = Tokens(self.database, vault, KeyRing(self.database, vault), client)
        self.send = GradeSender(self.database, Services(client, tokens, private=True))

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

    def rest(self):
        """Let the time pass in which an LMS is left alone."""
        self.send._resting.clear()


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
    tool.start(app)
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
