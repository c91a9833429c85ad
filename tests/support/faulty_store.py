"""A record store behind real HTTP that fails as real ones do, by dice with a seed."""

import json
import random
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

POISON = "poison"
"""The response that a statement is refused for."""


@dataclass
class FaultyStore:
    """What the store does, and what it has seen; shares are of requests, 0 to 1."""

    strict: bool = True
    """Whether a batch with any known id is refused whole, as ADL_LRS does."""
    refusal: int = 400
    lost_answers: float = 0.0
    unavailable: float = 0.0
    too_many: float = 0.0
    most_statements: int = 10_000
    most_bytes: int = 10_000_000
    down: bool = False
    requests: int = 0
    posts: list = field(default_factory=list)
    kept: dict = field(default_factory=dict)
    times: Counter = field(default_factory=Counter)
    url: str = ""

    def __post_init__(self):
        """Throw the same dice in each run."""
        self._dice = random.Random(7)  # noqa: S311 - the same faults in every run
        self._lock = threading.Lock()

    def post(self, body):
        """Take a batch; return the status, and whether the answer gets lost."""
        batch = json.loads(body)
        luck = self._dice.random()
        if luck < self.unavailable + self.too_many:
            return (503 if luck < self.unavailable else 429), False
        status = self._take(batch, len(body))
        return status, self._dice.random() < self.lost_answers

    def _take(self, batch, size):
        if len(batch) > self.most_statements or size > self.most_bytes:
            return 413
        if any(one.get("result", {}).get("response") == POISON for one in batch):
            return self.refusal
        known = [one for one in batch if one["id"] in self.kept]
        if known and (self.strict or any(one != self.kept[one["id"]] for one in known)):
            return 409
        fresh = [one for one in batch if one["id"] not in self.kept]
        self.kept |= {one["id"]: one for one in fresh}
        self.times.update(one["id"] for one in fresh)
        self.posts.append(len(batch))
        return 204 if known else 200

    def answer(self, handler, act):
        """Count a request and answer it."""
        with self._lock:
            self.requests += 1
            status, lost, body = (503, True, b"") if self.down else act()
        if lost:
            handler.close_connection = True
            return
        head = f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\n"
        head += "Retry-After: 2\r\n" if status == 429 else ""
        handler.wfile.write(head.encode() + b"\r\n" + body)


def _handler(store):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            store.answer(self, lambda: (*store.post(body), b""))

        def do_GET(self):
            wanted = parse_qs(urlsplit(self.path).query).get("statementId", [""])[0]
            found = store.kept.get(wanted)
            said = json.dumps(found).encode() if found else b""
            store.answer(self, lambda: (200 if found else 404, False, said))

        def log_message(self, *_):
            """Say nothing."""

    return Handler


@contextmanager
def running(**terms):
    """Run a store and give it."""
    store = FaultyStore(**terms)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(store))
    server.daemon_threads = True
    store.url = f"http://127.0.0.1:{server.server_port}/xAPI"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
