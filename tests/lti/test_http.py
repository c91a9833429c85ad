"""The guarded client: where it goes, how long it waits, how much it reads. Over real HTTP."""

import gzip
import http.server
import re
import socket
import threading
import time
from pathlib import Path

import pytest

import lti_peer
from lti_peer.lti import guard
from lti_peer.lti.http import Answer, Client, Refused, Unreachable


class Page(http.server.BaseHTTPRequestHandler):
    """Answers as the path asks, and remembers what it saw."""

    def do_GET(self):
        self.server.seen.append(self)
        act = getattr(self, f"_{self.path.strip('/').partition('?')[0]}", self._plain)
        try:
            act()
        except OSError:
            self.close_connection = True

    def do_POST(self):
        self.server.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _plain(self, status=200, body=b'{"a": 1}', **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def _elsewhere(self):
        self._plain(302, b"", Location="/plain")

    def _busy(self):
        busy = len(self.server.seen) < 3
        self._plain(503 if busy else 200, b"{}", **({"Retry_After": 0} if busy else {}))

    def _later(self):
        self._plain(429, b"{}", Retry_After=3600)

    def _packed(self):
        self._plain(body=gzip.compress(b"{}" * 1000), Content_Encoding="gzip")

    def _short(self):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"{}")
        self.close_connection = True

    def _drip(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self._slowly(b"x")

    def _header(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self._slowly(b"X-A: b\r\n")

    def _slowly(self, piece):
        for _ in range(100):
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(0.05)

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as made:
        made.seen, made.body = [], b""
        made.url = f"http://127.0.0.1:{made.server_port}"
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def client():
    made = Client(allow_private=True, total_s=1.5)
    yield made
    made.close()


def test_an_answer_has_status_headers_and_body(client, server):
    answer = client.get(server.url)
    assert (answer.status, answer.ok, answer.json()) == (200, True, {"a": 1})
    assert answer.headers["content-length"] == "8"


def test_s22_it_names_itself_and_sends_no_cookie_and_no_credentials(client, server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    client.get(server.url)
    sent = server.seen[0].headers
    assert sent["User-Agent"] == f"lti-peer/{lti_peer.__version__}"
    assert not {"Cookie", "Authorization"} & set(sent.keys())


def test_a_form_is_posted_as_oauth_wants_it(client, server):
    client.post_form(server.url, {"grant_type": "client credentials"})
    assert server.body == b"grant_type=client+credentials"
    assert server.seen[0].headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_n2_a_redirect_is_an_answer_and_not_followed(client, server):
    assert client.get(server.url + "/elsewhere").status == 302
    assert len(server.seen) == 1


def test_a_busy_platform_is_asked_again(client, server):
    assert client.get(server.url + "/busy").status == 200
    assert len(server.seen) == 3


def test_a_wait_beyond_the_total_time_is_not_waited(client, server):
    begun = time.monotonic()
    answer = client.get(server.url + "/later")
    assert (answer.status, answer.retry_after) == (429, 3600)
    assert time.monotonic() - begun < 1


def test_a_post_is_tried_once(client, server):
    assert client.send("POST", server.url + "/busy", b"").status == 503
    assert len(server.seen) == 1


def test_nobody_there_is_told_apart_from_a_refusal(client):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 did not answer"):
        client.send("POST", f"http://127.0.0.1:{port}/secret?token=x", b"")


def test_n3_an_answer_beyond_the_limit_is_refused(client, server):
    with pytest.raises(Refused, match="longer than 7 bytes"):
        client.get(server.url, limit=7)
    assert client.get(server.url, limit=8).ok


def test_n3_a_packed_answer_is_refused_unread(client, server):
    with pytest.raises(Refused, match="packed"):
        client.get(server.url + "/packed")


def test_an_answer_that_breaks_off_is_no_answer(client, server):
    with pytest.raises(Unreachable):
        client.get(server.url + "/short")


@pytest.mark.parametrize("part", ["drip", "header"])
def test_n3_a_drip_ends_when_the_total_time_is_over(server, part):
    client = Client(allow_private=True, total_s=0.4)
    begun = time.monotonic()
    with pytest.raises(Unreachable):
        client.get(f"{server.url}/{part}")
    assert time.monotonic() - begun < 1
    client.close()


HOSTILE = [
    "http://lms.example/",
    "ftp://lms.example/",
    "file:///etc/passwd",
    "//lms.example/",
    "https:///x",
    "https://",
    "https://user@lms.example/",
    "https://user:password@lms.example/",
    "https://lms.example:port/",
    "https://lms.example\\@evil.example/",
    "https://lms.example/\r\nHost: evil.example",
    "https://lms.example/ x",
    "https://lmß.example/",
    "https://[::1/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0.0.0.0/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001::1]/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[ff02::1]/",
    "https://localhost/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_before_anything_is_sent(url, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("connected"))
    client = Client(total_s=1)
    with pytest.raises(Refused):
        client.get(url)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "151.101.1.1"])
def test_an_address_on_the_public_net_is_taken(address):
    assert guard.is_public(address)


def test_n1_the_name_is_resolved_once_and_the_checked_address_is_called(server, monkeypatch):
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.server_port))
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **_: asked.append(a[0]) or [public])
    monkeypatch.setattr(guard, "is_public", lambda address: address == "127.0.0.1")
    client = Client(allow_private=True)
    assert client.get(f"http://lms.example:{server.server_port}/").ok
    assert asked == ["lms.example"]
    assert server.seen[0].headers["Host"] == f"lms.example:{server.server_port}"
    client.close()


def test_n1_a_name_with_one_private_address_is_refused(monkeypatch):
    private = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [private])
    with pytest.raises(Refused, match=r"lms\.example is not on the public net"):
        Client().get("https://lms.example/")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("", None), ("soon", None), ("999999999", 86_400.0), ("-1", None)],
)
def test_retry_after_is_seconds_within_a_day(header, seconds):
    assert Answer(503, {"retry-after": header}, b"").retry_after == seconds


def test_retry_after_may_be_a_date(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1795323716.0)
    answer = Answer(503, {"retry-after": "Sun, 22 Nov 2026 05:02:56 GMT"}, b"")
    assert answer.retry_after == 60.0


def test_an_answer_that_is_not_json_is_refused():
    with pytest.raises(Refused):
        Answer(200, {}, b"<html>").json()


OUT = re.compile(
    r"^\s*(import|from) (requests|urllib3|urllib\.request|http\.client|httpx|socket)\b"
)
ALLOWED = ("lti/guard.py", "lti/http.py", "jobs/egress.py", "demo/", "cli/serving.py")
"""The last listens, and calls nobody; `egress` guards the way to record stores."""


def test_nothing_else_in_the_tool_calls_out():
    root = Path(lti_peer.__file__).parent
    found = [
        f"{path.relative_to(root)}:{number}"
        for path in root.rglob("*.py")
        if not str(path.relative_to(root)).startswith(ALLOWED)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if OUT.search(line)
    ]
    assert found == []
