"""One launch posted fifty times at once to two processes gets in exactly once (L3, N33).

Run: `PYTHONPATH=tests python tests/hostile/races.py [--rounds 200] [--posts 50]`. The processes are
two real servers on one SQLite file; on PostgreSQL the same UPDATE decides (tests/conformance, N33).
"""

import argparse
import http.client
import logging
import multiprocessing
import socket
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import factories
import structlog
from hostile.launches import build
from lti.minting import BASE_URL, PROBE, Net, jwk, sign
from waitress.server import create_server

from config.settings import Settings
from lti_peer.activities import registry
from lti_peer.app import create_app
from lti_peer.core.db import Database
from lti_peer.core.visit import VisitRecord
from lti_peer.lti.jwks import PlatformKeys

SERVERS = 2
ENTERED, REFUSED = 303, 401


def serve(url, folder, published, ready):
    """Serve the application on a free port until the process is ended; tell the port."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    registry.KINDS = (*registry.KINDS, PROBE)
    database = Database(url)
    settings = Settings(secret_key=factories.SECRET, base_url=BASE_URL, data_dir=Path(folder))
    app = create_app(settings, database)
    net = Net()
    net.serve(*published)
    app.extensions["platform_keys"] = PlatformKeys(database, net)
    listening = socket.create_server(("127.0.0.1", 0))
    ready.put(listening.getsockname()[1])
    create_server(app, sockets=[listening], threads=8).run()


def post(port, home, form, cookie, together):
    """Post the form from an address of loopback when everybody is ready; return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, 60, source_address=(home, 0))
    connection.connect()
    together.wait()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request("POST", "/lti/launch", form, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def one_round(wire, ports, posts, number=0):
    """Return how often each status came when one token is posted `posts` times at once.

    Each round is from an address of its own: one address that floods is not heard.
    """
    home = f"127.0.1.{1 + number % 250}"
    login = wire.login()
    cookie = login.answer.headers["Set-Cookie"].partition(";")[0]
    form = urlencode({"id_token": sign(wire.claims(login)), "state": login.state})
    together = threading.Barrier(posts)
    with ThreadPoolExecutor(posts) as pool:
        jobs = [
            pool.submit(post, ports[place % len(ports)], home, form, cookie, together)
            for place in range(posts)
        ]
        return Counter(job.result() for job in jobs)


def run(rounds, posts, folder):
    """Return the rounds that did not end with exactly one launch, and how many visits began."""
    wire = build(folder)
    url = wire.database.engine.url.render_as_string(hide_password=False)
    start = multiprocessing.get_context("spawn")
    ready = start.Queue()
    asked = (url, folder, (wire.platform.jwks_url, {"keys": [jwk()]}), ready)
    servers = [start.Process(target=serve, args=asked, daemon=True) for _ in range(SERVERS)]
    for server in servers:
        server.start()
    try:
        ports = [ready.get(timeout=60) for _ in servers]
        found = [one_round(wire, ports, posts, number) for number in range(rounds)]
    finally:
        for server in servers:
            server.terminate()
            server.join(10)
    wanted = Counter({ENTERED: 1, REFUSED: posts - 1})
    visits = wire.count(VisitRecord)
    wire.database.close()
    return [dict(one) for one in found if one != wanted], visits


def main():
    """Run the rounds and tell what came of them; 1 when one had not exactly one winner."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--posts", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong, visits = run(asked.rounds, asked.posts, folder)
    sys.stdout.write(
        f"{asked.rounds} rounds of {asked.posts} posts on {SERVERS} processes: "
        f"{len(wrong)} without exactly one winner {wrong[:3]}, {visits} visits\n"
    )
    return int(bool(wrong) or visits != asked.rounds)


if __name__ == "__main__":
    sys.exit(main())
