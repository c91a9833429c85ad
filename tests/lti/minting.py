"""An LMS in the tests' hands: it signs what a test wants, and plays the browser that carries it.

`Wire` logs in and launches through the application's test client. The platform's keys are served at
our own seam (`Net`), so nothing leaves the process.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from urllib.parse import parse_qs, urlsplit

import factories
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from flask import Blueprint
from sqlalchemy import func, select

from lti_peer.activities.kind import ActivityKind, Component
from lti_peer.core import db
from lti_peer.core.keys import Vault
from lti_peer.core.models import Deployment, Person
from lti_peer.core.visit import VisitRecord
from lti_peer.lti import claims as words
from lti_peer.lti import keys
from lti_peer.lti.http import Answer
from lti_peer.lti.jwks import PlatformKeys
from lti_peer.lti.models import LaunchState, ToolKey
from lti_peer.web import policy, visits

BASE_URL = "https://tool.example"
TARGET = f"{BASE_URL}/lti/launch"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTRUCTOR, LEARNER = MEMBERSHIP + "Instructor", MEMBERSHIP + "Learner"
GONE = object()
"""The value of a claim that is to be left out."""


def key(name="platform", bits=2048):
    """Return a private key, made once for each run."""
    return _made(name, bits)


@cache
def _made(name, bits):
    return generate_private_key(public_exponent=65537, key_size=bits)


def jwk(name="platform", kid="k1", bits=2048, **over):
    """Return the public half of a key as the LMS publishes it."""
    return {**keys.public_jwk(kid, key(name, bits)), **over}


def sign(claims, *, signer=None, kid="k1", algorithm="RS256", **headers):
    """Return a token in compact form; `claims` may be any JSON text as well."""
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    header = {"typ": "JWT", "kid": kid, **headers}
    header = {name: value for name, value in header.items() if value is not GONE}
    signer = signer if signer is not None else key()
    return jwt.PyJWS().encode(body, signer, algorithm, headers=header)


class Net:
    """What is beyond the wall: an answer, or an error, for each address; it counts the calls."""

    def __init__(self):
        """Begin with nobody there."""
        self.answers = {}
        self.calls = []

    def serve(self, url, document, status=200):
        """Answer calls of an address with a JSON document."""
        self.answers[url] = Answer(status, {}, json.dumps(document).encode())

    def get(self, url, **_):
        """Return, or raise, what is set for the address."""
        self.calls.append(url)
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Login:
    """One login that a browser has begun."""

    browser: object
    answer: object
    sent: dict = field(default_factory=dict)
    """The parameters of the authentication request."""

    @property
    def state(self):
        return self.sent.get("state", "")

    @property
    def nonce(self):
        return self.sent.get("nonce", "")


class Wire:
    """An LMS, registered with the tool, and the browsers that people use."""

    def __init__(self, app, database):
        """Register the LMS with one deployment, and give the tool a key."""
        self.app, self.database, self.net = app, database, Net()
        app.extensions["platform_keys"] = PlatformKeys(database, self.net)
        with database.transaction() as session:
            self.platform = self.register(session)
            session.add(_tool_key(session))

    def register(self, session, key="1", **over):
        """Return a further LMS, which publishes the key `k1`."""
        platform = factories.platform(session, **over)
        session.add(Deployment(platform=platform, deployment_key=key, created_at=factories.NOW))
        self.net.serve(platform.jwks_url, {"keys": [jwk()]})
        return platform

    def browser(self):
        """Return a browser without cookies."""
        return self.app.test_client()

    def fields(self, **over):
        """Return the fields of a login initiation."""
        given = {
            "iss": self.platform.issuer,
            "client_id": self.platform.client_id,
            "login_hint": "7",
            "target_link_uri": TARGET,
            "lti_message_hint": '{"id":1}',
            "lti_deployment_id": "1",
        }
        return {name: value for name, value in {**given, **over}.items() if value is not GONE}

    def login(self, browser=None, method="POST", **over):
        """Begin a login; the answer is a redirect to the LMS when all is well."""
        browser = browser or self.browser()
        sent = {"query_string" if method == "GET" else "data": self.fields(**over)}
        answer = browser.open("/lti/login", method=method, base_url=BASE_URL, **sent)
        return Login(browser, answer, _query(answer.headers.get("Location", "")))

    def claims(self, login, **over):
        """Return the claims of a launch as an instructor; `GONE` leaves one out.

        A name without a colon is one of LTI's own, such as `roles`, when it is not an OIDC claim.
        """
        now = int(self.now().timestamp())
        given = {
            "iss": self.platform.issuer,
            "aud": self.platform.client_id,
            "sub": "7",
            "iat": now,
            "exp": now + 60,
            "nonce": login.nonce,
            "name": "Tess Teacher (synthetic)",
            "email": "tess@example.org",
            words.MESSAGE_TYPE: words.RESOURCE_LINK_REQUEST,
            words.VERSION: "1.3.0",
            words.DEPLOYMENT_ID: "1",
            words.TARGET_LINK_URI: TARGET,
            words.ROLES: [INSTRUCTOR],
            words.CONTEXT: {"id": "2", "label": "PL", "title": "Peer", "type": ["CourseSection"]},
            words.RESOURCE_LINK: {"id": "9", "title": "Peer review"},
        }
        named = {words.LTI + name if name in _LTI else name: over[name] for name in over}
        return {name: value for name, value in {**given, **named}.items() if value is not GONE}

    def now(self):
        """Return the database's time."""
        with self.database.transaction(read_only=True) as session:
            return db.now(session)

    def post(self, login, token, browser=None, **over):
        """Post a token with the login's state, as the LMS's form does."""
        fields = {"id_token": token, "state": login.state, **over}
        fields = {name: value for name, value in fields.items() if value is not GONE}
        return (browser or login.browser).post("/lti/launch", data=fields, base_url=BASE_URL)

    def launch(self, login=None, browser=None, **over):
        """Log in unless that is done, and launch with these claims; return the answer."""
        login = login or self.login(browser)
        return self.post(login, sign(self.claims(login, **over)))

    def deep_link(self, **over):
        """Return the claims that make a launch a deep linking request."""
        settings = {
            "deep_link_return_url": f"{self.platform.issuer}/return?sesskey=x",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe"],
            **over,
        }
        settings = {name: value for name, value in settings.items() if value is not GONE}
        return {
            "message_type": words.DEEP_LINKING_REQUEST,
            "resource_link": GONE,
            words.DEEP_LINKING_SETTINGS: settings,
        }

    def held(self, **over):
        """Launch without cookies, with storage; return the handle and the value that was put."""
        login = self.login(lti_storage_target="_parent")
        address = re.search(r'href="([^"]+)">Continue', login.answer.text)[1]
        login.sent = _query(unescape(address))
        value = re.search(r'data-value="([^"]+)"', login.answer.text)[1]
        answer = self.post(login, sign(self.claims(login, **over)), browser=self.browser())
        assert answer.status_code == 200, answer.text
        return re.search(r'name="handle" value="([^"]+)"', answer.text)[1], value

    def confirm(self, handle, value, origin=BASE_URL):
        """Post what the LMS's storage gave back, as our own page does."""
        fields = {"handle": handle, "value": value}
        headers = {"Origin": origin}
        return self.browser().post(
            "/lti/launch/confirm", data=fields, headers=headers, base_url=BASE_URL
        )

    def count(self, table):
        """Return how many rows a table has."""
        with self.database.transaction(read_only=True) as session:
            return session.scalar(select(func.count()).select_from(table))

    def all(self, table):
        """Return every row of a table."""
        with self.database.transaction(read_only=True) as session:
            return session.scalars(select(table)).all()

    def refused(self, answer, status, code, *, states=1):
        """Assert a refusal in plain words, nothing stored, the login as it was."""
        assert answer.status_code == status, answer.text
        assert f"<code>{code} " in answer.text
        assert "Traceback" not in answer.text
        assert (self.count(VisitRecord), self.count(Person)) == (0, 0)
        assert self.count(LaunchState) == states


_LTI = {
    "message_type", "version", "deployment_id", "target_link_uri", "roles", "context",
    "resource_link", "custom", "for_user", "launch_presentation", "tool_platform",
}  # fmt: skip


def _query(url):
    pairs = parse_qs(urlsplit(url).query)
    return {name: values[0] for name, values in pairs.items()}


def _tool_key(session):
    kid, sealed = _sealed()
    moment = db.now(session)
    return ToolKey(kid=kid, sealed=sealed, created_at=moment, signs_from=moment)


@cache
def _sealed():
    private = key("tool")
    return keys.thumbprint(private), Vault(factories.SECRET).encrypt(keys._pem(private))


probe_pages = Blueprint("probe", __name__)


@probe_pages.get("/")
@policy.allow(policy.EVERYBODY)
def home():
    """Say who is here."""
    visit = visits.current()
    return f"{visit.person.name}|{visit.role}|{visit.activity.title}"


PROBE = ActivityKind(
    name="probe", label="Probe", summary="A kind for tests.", pages=probe_pages,
    home="probe.home", setup="probe.home", components=(Component("work", ""),),
    prepare=lambda *_: None, turn=lambda *_: None,
)  # fmt: skip
