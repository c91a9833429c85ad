from threading import Thread

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from demo.platform.fake_tool import FakeTool
from flask import Flask
from werkzeug.serving import make_server

from lti_peer.demo.platform import Lms, LmsBrowser, create_lms
from lti_peer.demo.platform.signing import SigningKey

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GRADED = {
    "type": "ltiResourceLink",
    "title": "Essay",
    "text": "Write and review.",
    "custom": {"activityId": "a-1"},
    "lineItem": {"scoreMaximum": 20, "label": "Essay grade", "tag": "work", "resourceId": "r1"},
}


class Server:
    """An application on a free port of loopback, in a thread."""

    def __init__(self, host):
        self._server = make_server(host, 0, Flask("empty"), threaded=True)
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.port}"

    def start(self, app):
        self._server.app = app
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def serve():
    servers = []

    def start(host):
        servers.append(Server(host))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def lms_key():
    """One key for all tests: making one takes a tenth of a second."""
    return SigningKey()


@pytest.fixture
def lms(serve, lms_key):
    server = serve("127.0.0.1")
    lms = Lms(server.url, learners=5, key=lms_key)
    server.start(create_lms(lms))
    return lms


@pytest.fixture
def tool(serve):
    server = serve("localhost")
    tool = FakeTool(server.url)
    server.start(tool.app())
    return tool


@pytest.fixture(scope="session")
def other_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def registered(lms, tool):
    tool.register(lms.addresses.configuration, lms.new_registration_token())
    return tool


@pytest.fixture
def browse(lms):
    browsers = []

    def start(person):
        browsers.append(LmsBrowser(lms.url, person.id))
        return browsers[-1]

    yield start
    for browser in browsers:
        browser.close()


@pytest.fixture
def link(lms, registered, browse):
    registered.items = [GRADED]
    browse(lms.instructor).deep_link()
    return lms.links[0]


@pytest.fixture
def service(lms, registered):
    """Call a service with a token for these scopes."""

    def call(method, url, scope, **options):
        token = registered.token(scope).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return requests.request(method, url, headers=headers, timeout=5, **options)

    return call
