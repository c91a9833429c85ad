"""Post very many hostile launches and see that none gets in, none breaks us, and none stays (L16).

Run: `PYTHONPATH=tests python tests/hostile/launches.py [--count 100000] [--seed 0] [--workers 2]`.
Ends with 1 when one was accepted, when one was answered with a fault of ours, or when the process
has grown by 50 MB.
"""

import argparse
import logging
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import factories
import structlog
from hostile.mutations import MUTATIONS, Shot
from lti.minting import BASE_URL, PROBE, TARGET, Wire
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

from config.settings import Settings
from lti_peer import tables
from lti_peer.activities import registry
from lti_peer.app import create_app
from lti_peer.core.db import Database
from lti_peer.core.models import Deployment, Person
from lti_peer.core.visit import VisitRecord
from lti_peer.lti.models import LaunchState
from lti_peer.web import visits

MOST_GROWTH_MB = 50.0
FRESH_S = 60
"""Seconds for which a login is used; it would be over after five minutes."""
BEFORE_LIMIT = 1_000
"""Shots from one address: who sends 3,000 in a minute is not heard, and so proves nothing."""
WAIT = 429
WARM_UP = 0.05
"""The part of a run after which growing counts."""
FAULT = 500
EMPTY = EnvironBuilder(
    "/lti/launch",
    BASE_URL,
    method="POST",
    content_type="application/x-www-form-urlencoded",
).get_environ()
"""A request to which only a form and cookies are lacking."""


def build(folder):
    """Return an LMS that is registered with an application, and an activity at its link."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    database = Database(f"sqlite:///{folder}/hostile.db")
    for metadata in tables.METADATA:
        metadata.create_all(database.engine)
    if PROBE not in registry.KINDS:
        registry.KINDS = (*registry.KINDS, PROBE)
    settings = Settings(secret_key=factories.SECRET, base_url=BASE_URL, data_dir=Path(folder))
    wire = Wire(create_app(settings, database), database)
    wire.app.config["PROPAGATE_EXCEPTIONS"] = False
    with database.transaction() as session:
        deployment = session.scalars(select(Deployment)).first()
        course = factories.course(session, deployment=deployment, context_key="2")
        factories.activity(session, course, "probe", resource_link_key="9")
    return wire


class Gun:
    """Posts hostile launches at one application, one after another."""

    def __init__(self, wire, seed):
        """Repeatable from `seed`."""
        self.wire, self.dice = wire, random.Random(seed)  # noqa: S311 - repeats a run
        self.seen = Counter()
        self.wrong = []
        self._since = 0.0

    def fire(self, number):
        """Post one, by the mutation whose turn it is; keep its status and what went wrong."""
        if time.monotonic() - self._since > FRESH_S:
            self._log_in()
        mutation = MUTATIONS[number % len(MUTATIONS)]
        now = int(time.time())
        claims = {**self._claims, "iat": now, "exp": now + 60}
        shot = Shot(claims, self.login.state, self.others)
        mutation(shot, self.dice)
        address = f"198.18.0.{number // BEFORE_LIMIT % 250}"
        status, headers = self._post(shot, address)
        self.seen[status] += 1
        if status < 400 or status >= FAULT or visits.COOKIE in headers:
            self.wrong.append(f"{mutation.__name__} (shot {number}): {status}")

    def _log_in(self):
        self.login = self.wire.login(target_link_uri=TARGET)
        self._claims = self.wire.claims(self.login)
        more = [self.wire.login(self.login.browser), self.wire.login()]
        self.others = tuple((one.state, one.nonce) for one in more)
        self._cookies = "; ".join(
            one.answer.headers["Set-Cookie"].partition(";")[0] for one in (self.login, more[0])
        )
        self._since = time.monotonic()

    def _post(self, shot, address):
        """Return the status and the headers of the answer to a browser at that address.

        The request is put together by hand: a test client takes a tenth of a run for it.
        """
        body, answer = urlencode(shot.form).encode(), []
        environ = {
            **EMPTY,
            "REMOTE_ADDR": address,
            "HTTP_COOKIE": self._cookies if shot.cookie else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        parts = self.wire.app.wsgi_app(environ, lambda *head: answer.extend(head))
        for _ in parts:
            pass
        parts.close()
        return int(answer[0][:3]), str(answer[1])


def megabytes():
    """Return the memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def shoot(count, seed):
    """Fire `count` shots; return the statuses, what went wrong, and by how many MB we grew."""
    with tempfile.TemporaryDirectory() as folder:
        wire = build(folder)
        gun = Gun(wire, seed)
        warm = 0.0
        for number in range(count):
            if number == int(count * WARM_UP):
                warm = megabytes()
            gun.fire(number)
        grown = megabytes() - warm
        left = {table.__tablename__: wire.count(table) for table in (VisitRecord, Person)}
        gun.wrong += [f"{rows} rows of {name}" for name, rows in left.items() if rows]
        if gun.seen[WAIT]:
            gun.wrong.append(f"{gun.seen[WAIT]} shots were not heard")
        if wire.count(LaunchState) > 3 * (1 + 400 / FRESH_S):
            gun.wrong.append("logins pile up")
        wire.database.close()
    return gun.seen, gun.wrong, grown


def main():
    """Fire from several processes and tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    began = time.monotonic()
    each = -(-asked.count // asked.workers)
    jobs = [(each, asked.seed + worker) for worker in range(asked.workers)]
    with multiprocessing.get_context("spawn").Pool(asked.workers) as pool:
        found = pool.starmap(shoot, jobs)
    statuses = sum((seen for seen, _, _ in found), Counter())
    wrong = [one for _, each_wrong, _ in found for one in each_wrong]
    grown = max(grown for _, _, grown in found)
    sys.stdout.write(f"{sum(statuses.values())} launches by {len(MUTATIONS)} mutations")
    sys.stdout.write(f" in {time.monotonic() - began:.0f} s: {dict(sorted(statuses.items()))}\n")
    sys.stdout.write(f"wrong: {len(wrong)} {wrong[:5]}, memory grew by {grown:.1f} MB\n")
    return int(bool(wrong) or grown > MOST_GROWTH_MB)


if __name__ == "__main__":
    sys.exit(main())
