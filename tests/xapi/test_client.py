"""The client against servers on loopback that answer as record stores do, and as none should."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from uuid import UUID

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from xapi.client import (
    Conflict,
    Limits,
    RecordStore,
    Refused,
    TooLarge,
    TooSlow,
    Unauthorised,
    Unavailable,
)

ID = UUID(int=7)
FOUND = f'{{"id": "{ID}"}}'


class Server:
    """A server that answers each request by the next function given; keeps the requests."""

    def __init__(self):
        self.requests, self.answers = [], []
        self.server = make_server("127.0.0.1", 0, self.answer, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.port}/xAPI"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @Request.application
    def answer(self, request):
        request.get_data()
        self.requests.append(request)
        return self.answers.pop(0)

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def records(server):
    with RecordStore(server.url, "kä", "pä:ß", limits=Limits(1, 1, 2, 10_000)) as store:
        yield store


def hasty(server):
    """Return a client that waits a third of a second for an answer, and for the whole of it."""
    return RecordStore(server.url, "k", "s", limits=Limits(connect=1, read=0.3, deadline=0.3))


def test_a_batch_arrives_as_the_texts_that_were_given(server, records):
    server.answers = [Response("[]")]
    records.send(['{"b":1,"a":2}', "{}"])
    (request,) = server.requests

    assert request.data == b'[{"b":1,"a":2},{}]'
    assert request.method == "POST"
    assert request.path == "/xAPI/statements"
    assert request.content_type == "application/json"
    assert request.headers["X-Experience-API-Version"] == "1.0.3"


def test_a_key_beyond_ascii_arrives(server, records):
    server.answers = [Response(status=204)]
    records.send(["{}"])

    assert (server.requests[0].authorization.username) == "kä"
    assert (server.requests[0].authorization.password) == "pä:ß"


@pytest.mark.parametrize("answer", [Response(status=204), Response(""), Response("no json")])
def test_success_needs_no_body(server, records, answer):
    server.answers = [answer]
    records.send(["{}"])


def test_an_empty_batch_is_never_sent(server, records):
    with pytest.raises(ValueError, match="at least one"):
        records.send([])
    assert server.requests == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (413, TooLarge),
        (422, Refused),
        (409, Conflict),
        (401, Unauthorised),
        (403, Unauthorised),
        (301, Unavailable),
        (404, Unavailable),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_each_refusal_has_its_kind(server, records, status, kind):
    server.answers = [Response("because", status, {"Location": "https://elsewhere.example"})]

    with pytest.raises(kind, match=f"{status}: because") as failure:
        records.send(["{}"])
    assert type(failure.value) is kind
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("soon", None), ("", None)],
)
def test_the_wait_that_a_store_asks_for_is_told(server, records, said, seconds):
    server.answers = [Response("", 503, {"Retry-After": said})]

    with pytest.raises(Unavailable) as failure:
        records.send(["{}"])
    assert failure.value.retry_after == seconds


def test_a_store_s_words_come_short_and_on_one_line(server, records):
    server.answers = [Response("<b>no\r\n\x1b[31m" + "x" * 5000, 400)]

    with pytest.raises(Refused) as failure:
        records.send(["{}"])
    assert str(failure.value).startswith("400: <b>no [31mxx")
    assert len(str(failure.value)) <= 305


def test_an_answer_without_end_is_cut(server, records):
    server.answers = [Response(b"x" * 1000 for _ in range(100))]

    with pytest.raises(Unavailable, match="more than 10000 bytes"):
        records.send(["{}"])


def test_an_answer_that_trickles_is_cut(server):
    def trickle():
        for _ in range(100):
            time.sleep(0.05)
            yield b"x"

    server.answers = [Response(trickle())]
    begun = time.monotonic()
    with hasty(server) as store, pytest.raises(Unavailable, match="No whole answer"):
        store.send(["{}"])
    assert time.monotonic() - begun < 4


def test_a_store_that_says_nothing_is_given_up(server):
    def late():
        time.sleep(1)
        yield b"{}"

    server.answers = [Response(late())]
    with hasty(server) as store, pytest.raises(TooSlow):
        store.send(["{}"])


def test_a_store_that_is_not_there_is_unavailable():
    with RecordStore("http://127.0.0.1:9", "k", "s") as store, pytest.raises(Unavailable):
        store.send(["{}"])


class KeepAlive(BaseHTTPRequestHandler):
    """Werkzeug's server closes every connection, so this test has one that does not."""

    protocol_version = "HTTP/1.1"
    ports: ClassVar[list[int]] = []

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.ports.append(self.client_address[1])
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_):
        """Say nothing."""


def test_connections_are_kept():
    server = ThreadingHTTPServer(("127.0.0.1", 0), KeepAlive)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    with RecordStore(f"http://127.0.0.1:{server.server_port}", "k", "s") as store:
        store.send(["{}"])
        store.send(["{}"])
    server.shutdown()
    thread.join()
    server.server_close()

    assert len(KeepAlive.ports) == 2
    assert len(set(KeepAlive.ports)) == 1


def test_the_environment_s_proxy_is_not_used(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    server.answers = [Response("[]")]
    with RecordStore(server.url, "k", "s", session=requests.Session()) as store:
        store.send(["{}"])

    assert len(server.requests) == 1


def test_a_statement_is_fetched(server, records):
    server.answers = [Response(FOUND)]

    assert records.fetch(ID) == json.loads(FOUND)
    assert server.requests[0].args["statementId"] == str(ID)


def test_a_voided_statement_is_fetched_too(server, records):
    server.answers = [Response(status=404), Response(FOUND)]

    assert records.fetch(ID) == json.loads(FOUND)
    assert server.requests[1].args["voidedStatementId"] == str(ID)


def test_a_statement_in_a_list_is_fetched_as_ralph_answers(server, records):
    server.answers = [Response('{"statements": []}'), Response(f'{{"statements": [{FOUND}]}}')]

    assert records.fetch(ID) == json.loads(FOUND)


@pytest.mark.parametrize(
    "answer", [{"status": 404}, {"response": '{"statements": [{"id": 7}, 7]}'}]
)
def test_a_statement_that_is_not_there_is_none(server, records, answer):
    server.answers = [Response(**answer), Response(**answer)]

    assert records.fetch(ID) is None


@pytest.mark.parametrize("body", ["", "x", "[]", "[" * 5000])
def test_an_answer_that_makes_no_sense_is_unavailable(server, records, body):
    server.answers = [Response(body)]

    with pytest.raises(Unavailable):
        records.fetch(ID)


@pytest.mark.parametrize(
    ("body", "versions"), [({"version": ["1.0.3", "2.0.0"]}, ["1.0.3", "2.0.0"]), ({}, [])]
)
def test_a_store_says_its_versions(server, records, body, versions):
    server.answers = [Response(json.dumps(body))]

    assert records.versions() == versions


def test_pages_are_followed_to_the_last(server, records):
    server.answers = [
        Response('{"statements": [{"id": "a"}], "more": "/xAPI/statements?after=1"}'),
        Response('{"statements": [{"id": "b"}], "more": ""}'),
    ]

    assert [one["id"] for one in records.statements(verb="a:b")] == ["a", "b"]
    assert server.requests[1].args["after"] == "1"


@pytest.mark.parametrize("more", ["https://elsewhere.example/x", "//elsewhere.example/x"])
def test_a_key_is_not_carried_to_another_site(server, records, more):
    server.answers = [Response(json.dumps({"statements": [], "more": more}))]

    with pytest.raises(Unavailable, match="another site"):
        list(records.statements())
    assert len(server.requests) == 1
