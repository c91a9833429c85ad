"""The platforms' keys: cached, asked for once, forgiven when the platform is away (N49, L14)."""

import http.server
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from factories import NOW
from lti.minting import Net, jwk
from sqlalchemy import select

from lti_peer.lti.errors import LaunchError
from lti_peer.lti.http import Client, Unreachable
from lti_peer.lti.jwks import PlatformKeys
from lti_peer.lti.models import PlatformKeySet

URL = "https://lms.example/jwks"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def net():
    made = Net()
    made.serve(URL, {"keys": [jwk()]})
    return made


@pytest.fixture
def keys(database, net):
    return PlatformKeys(database, net)


def refused(keys, kid="k1", now=NOW):
    with pytest.raises(LaunchError) as refusal:
        keys.find(URL, kid, now)
    return refusal.value.code


def test_a_key_set_is_fetched_once_an_hour(keys, net):
    for minutes in range(0, 120, 5):
        keys.find(URL, "k1", NOW + minutes * MINUTE)
    assert len(net.calls) == 2


def test_another_process_reads_the_set_from_the_database(keys, net, database):
    keys.find(URL, "k1", NOW)
    PlatformKeys(database, net).find(URL, "k1", NOW + 59 * MINUTE)
    assert len(net.calls) == 1


def test_a_flood_of_unknown_keys_asks_at_most_twice_a_minute(keys, net):
    for number in range(1000):
        assert (
            refused(keys, f"x{number}", NOW + number * timedelta(milliseconds=50)) == "unknown_kid"
        )
    assert len(net.calls) == 2


def test_an_unknown_key_is_asked_for_again_after_a_minute(keys, net):
    keys.find(URL, "k1", NOW)
    assert refused(keys, "k2", NOW + MINUTE) == "unknown_kid"
    net.serve(URL, {"keys": [jwk(kid="k2")]})
    assert refused(keys, "k2", NOW + 1.5 * MINUTE) == "unknown_kid"
    assert keys.find(URL, "k2", NOW + 2 * MINUTE)


def test_a_key_that_was_withdrawn_is_not_used_any_more(keys, net):
    keys.find(URL, "k1", NOW)
    net.serve(URL, {"keys": [jwk("other", "k2")]})
    assert refused(keys, "k1", NOW + HOUR) == "unknown_kid"


def test_a_known_key_is_used_while_the_platform_is_away(keys, net):
    keys.find(URL, "k1", NOW)
    net.answers[URL] = Unreachable("down")
    for seconds in range(0, 60, 5):
        assert keys.find(URL, "k1", NOW + HOUR + timedelta(seconds=seconds))
    assert len(net.calls) == 2


def test_a_platform_that_never_answered_is_left_alone_for_seconds(keys, net):
    net.answers[URL] = Unreachable("down")
    assert refused(keys) == "keys_unavailable"
    assert refused(keys, now=NOW + timedelta(seconds=4)) == "keys_unavailable"
    net.serve(URL, {"keys": [jwk()]})
    assert keys.find(URL, "k1", NOW + timedelta(seconds=5))
    assert len(net.calls) == 2


def test_many_threads_ask_once(keys, net):
    answer = net.get

    def slow(url, **more):
        time.sleep(0.05)
        return answer(url, **more)

    net.get = slow
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: keys.find(URL, "k1", NOW), range(8)))
    assert len(net.calls) == 1


def test_two_platforms_do_not_share_keys(keys, net):
    net.serve("https://b.example/jwks", {"keys": [jwk("other")]})
    assert keys.find(URL, "k1", NOW) != keys.find("https://b.example/jwks", "k1", NOW)


BODIES = {
    "/500": (500, b'{"keys": []}'),
    "/html": (200, b"<html>"),
    "/big": (200, b'{"keys": ["' + b"x" * 5_000_000 + b'"]}'),
}


class Bad(http.server.BaseHTTPRequestHandler):
    """A platform that answers with something else than its keys."""

    def do_GET(self):
        status, body = BODIES.get(self.path, (200, b""))
        if self.path == "/slow":
            time.sleep(1)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture(scope="module")
def bad():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bad) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/500", "/html", "/big", "/slow"])
def test_n49_a_bad_answer_over_http_is_refused_in_time_and_not_kept(database, bad, path):
    client = Client(allow_private=True, total_s=0.5)
    begun = time.monotonic()
    with pytest.raises(LaunchError) as refusal:
        PlatformKeys(database, client).find(bad + path, "k1", NOW)
    assert (refusal.value.code, refusal.value.status) == ("keys_unavailable", 502)
    assert time.monotonic() - begun < 2
    with database.transaction(read_only=True) as session:
        assert session.scalars(select(PlatformKeySet)).all() == []
    client.close()
