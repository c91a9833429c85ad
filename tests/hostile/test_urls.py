"""Three hundred hostile addresses in every place that takes one: nobody is ever called (N1)."""

import itertools
import socket
import threading
from contextlib import suppress

import factories
import pytest
from sqlalchemy import select

from lti_peer.core import db, grades, outbox, rosters
from lti_peer.core.errors import PeerError
from lti_peer.core.keys import Vault
from lti_peer.core.models import Activity, Course, LineItem, Platform
from lti_peer.core.outbox import Channel
from lti_peer.lti import hosts, http, line_items, nrps, registration, results, roster
from lti_peer.lti.ags import GradeSender
from lti_peer.lti.errors import LaunchError
from lti_peer.lti.http import Client, EgressError
from lti_peer.lti.jwks import PlatformKeys
from lti_peer.lti.services import Declined, NotApproved, Services
from lti_peer.lti.tokens import TokenRefused, Tokens

pytestmark = pytest.mark.one_database

NAMES = """
127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001
127.000.000.001 0.0.0.0 0 localhost LOCALHOST localhost. [::1] [::] [0:0:0:0:0:0:0:1]
[::ffff:127.0.0.1] [::ffff:7f00:1] [64:ff9b::7f00:1] [2002:7f00:1::] [::127.0.0.1]
[fe80::1] [fc00::1] [fd12:3456::1] [ff02::1] 10.0.0.1 10.255.255.255 172.16.0.1
172.31.255.255 192.168.0.1 192.168.1.254 169.254.169.254 169.254.1.1 100.64.0.1
100.100.100.200 198.18.0.1 192.0.0.192 192.0.2.1 224.0.0.1 240.0.0.1 255.255.255.255
metadata.internal.test rebinding.test 127.0.0.1. ①②⑦.0.0.1 127。0。0。1 user@127.0.0.1
lms.example@127.0.0.1 lms.example:x@127.0.0.1
"""
HOSTS = NAMES.split()
SHAPES = (
    "https://{host}:{port}/a",
    "https://{host}/a",
    "http://{host}:{port}/a",
    "HTTPS://{host}:{port}//a?x=https://lms.example",
    "https:{host}:{port}/a",
    "\thttps://{host}:{port}\\@lms.example/",
)
PRIVATE = {"metadata.internal.test": "169.254.169.254", "rebinding.test": "127.0.0.1"}


class Trap:
    """A listening socket that counts who connects, on every address of this machine."""

    def __init__(self):
        """Listen on a free port."""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.caught = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.caught += 1
            connection.close()


@pytest.fixture
def trap():
    made = Trap()
    yield made
    made.socket.close()


@pytest.fixture
def urls(trap, monkeypatch):
    """The addresses; names resolve to private addresses, one of them only at its second look."""
    real, looks = socket.getaddrinfo, itertools.count()

    def resolve(host, port, *rest, **more):
        name = str(host).lower().rstrip(".")
        if name in PRIVATE:
            first = name == "rebinding.test" and next(looks) % 2 == 0
            address = "93.184.215.14" if first else PRIVATE[name]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, trap.port))]
        return real(host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(http, "_pause", lambda *_: True)  # an address that is away is asked again
    monkeypatch.setattr(socket.socket, "connect", _inward_alone)
    return [shape.format(host=host, port=trap.port) for host in HOSTS for shape in SHAPES]


_connect = socket.socket.connect


def _inward_alone(self, address):
    """Let nothing out of this machine: a public address is as good as one that is away."""
    if not str(address[0]).startswith(("127.", "::", "0.")):
        raise OSError("nothing leaves the tests")
    return _connect(self, address)


@pytest.fixture
def services(database):
    """Services with the real guarded client, and a token that is given without asking."""
    client = Client(total_s=2)

    class Given(Tokens):
        def get(self, _platform, _scopes):
            return "t"

    return Services(client, Given(database, Vault(factories.SECRET), None, client))


def test_there_are_three_hundred_addresses(urls):
    assert len(set(urls)) == 300


def test_n1_the_client_calls_none_of_them(urls, trap):
    client = Client(total_s=2)
    for url in urls:
        with pytest.raises(EgressError):
            client.get(url)
        with pytest.raises(EgressError):
            client.send("POST", url, b"{}")
    assert trap.caught == 0


def test_n1_nor_as_a_key_set(database, urls, trap):
    keys = PlatformKeys(database, Client(total_s=2))
    with database.transaction(read_only=True) as session:
        now = db.now(session)
    for url in urls:
        with pytest.raises(LaunchError):
            keys.find(url, "k1", now)
    assert trap.caught == 0


@pytest.mark.parametrize("approved", [False, True])
def test_n1_nor_as_any_service_even_where_somebody_approved_the_host(
    database, services, urls, trap, approved
):
    with database.transaction() as session:
        platform = factories.platform(session)
    for url in urls:
        platform.hosts = [hosts.host(url)] if approved else []
        for read in (nrps.read, results.read, line_items.find, line_items.read, line_items.delete):
            with pytest.raises((EgressError, NotApproved, Declined)):
                read(services, platform, url)
    assert trap.caught == 0


def test_n1_nor_as_a_token_endpoint(database, urls, trap):
    with database.transaction() as session:
        platform = factories.platform(session)

    class Signer:
        def sign(self, _claims):
            return "signed"

    tokens = Tokens(database, Vault(factories.SECRET), Signer(), Client(total_s=2))
    for url in urls:
        platform.token_url = url
        with pytest.raises((EgressError, TokenRefused)):
            tokens.get(platform, {"scope"})
    assert trap.caught == 0


def test_n1_nor_when_an_lms_is_added_by_hand(database, urls, trap):
    with database.transaction() as session:
        for url in urls:
            entry = registration.Entry(
                issuer="https://lms.example", client_id=url[:200], auth_url=url, token_url=url,
                jwks_url=url,
            )  # fmt: skip
            with suppress(PeerError):
                registration.add_platform(session, entry, private=False)
    assert trap.caught == 0


def test_n1_nor_by_the_jobs_that_send_grades_and_read_rosters(
    database, services, world, urls, trap
):
    world.build(learners=1)
    for url in urls[::10]:
        with database.transaction() as session:
            course = session.get_one(Course, world.course.id)
            platform = session.get_one(Platform, course.deployment.platform_id)
            platform.hosts = [hosts.host(url)]
            course.roster_url = course.line_items_url = url[:1_999]
            rosters.ask(session, course, db.now(session))
            for row in session.scalars(select(LineItem)):
                row.url = url
            activity = session.get_one(Activity, world.activity.id)
            share = urls.index(url) / len(urls)
            grades.post(session, activity, world.people[0].id, "work", share)
        roster.refresh(database, services)
        with database.transaction() as session:
            claims = outbox.claim(session, Channel.AGS, 5)
        GradeSender(database, services)(claims)
    assert trap.caught == 0
