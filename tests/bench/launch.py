"""What a login and a launch cost, beside PyLTI1p3 2.0.0 alone, in one process and one run.

PyLTI1p3 validates, keeps its data in a dictionary, and asks the LMS for its keys at each launch
unless it is told not to; the LMS is a stub in a process of its own. What ours does for the same, it
does on SQLite with full syncs: find the login, believe the token, examine the message, and take the
login away so that nothing comes twice. A whole launch goes on: it admits the person and begins a
visit, which is stored as well, and told. All take turns, so that they meet the same noise. The test
client's own share counts against the bars. Where Node is there, ltijs and ours take turns then.
"""

import gc
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import factories
from bench.shared import bare_pylti1p3, ltijs, stub
from bench.shared.bars import Bars, cut
from flask import Flask, request
from lti.minting import BASE_URL, LEARNER, PROBE, Wire, jwk, sign
from sqlalchemy import select

from config.settings import Settings
from lti_peer import tables
from lti_peer.activities import registry
from lti_peer.app import create_app
from lti_peer.core.db import Database
from lti_peer.core.models import Deployment
from lti_peer.lti import launch, states

RUNS = 240
PEOPLE = 60
BLOCK = 60
COMPILING = 240
"""Launches until Node has compiled what ltijs uses most: its CPU falls by a third."""


class Beside(Wire):
    """The same LMS, beside another tool; `begins` is where logins begin, if that is not it."""

    clock = staticmethod(time.process_time_ns)

    def __init__(self, wire, app, begins=None):
        """Know the LMS of `wire`."""
        self.app, self.database, self.platform = app, wire.database, wire.platform
        self.begins = begins

    def login(self, browser=None, **over):
        """Begin a login where logins begin."""
        if self.begins:
            return self.begins.login(**over)
        return super().login(browser, **over)

    def post(self, login, token, **over):
        """Post the token to this tool."""
        return super().post(login, token, self.browser() if self.begins else None, **over)


class Beyond(Beside):
    """The same LMS, beside a tool in processes of its own; `stored` is the store's part of each."""

    def __init__(self, wire, tool):
        """Know the LMS of `wire`, and begin a list of what the store took, in milliseconds."""
        super().__init__(wire, None)
        self.browser, self.clock, self.store_clock = tool.browser, tool.clock, tool.store_clock
        self.stored = []

    def post(self, login, token, **over):
        """Post the token to this tool."""
        before = self.store_clock()
        answer = super().post(login, token, **over)
        self.stored.append((self.store_clock() - before) / 1e6)
        return answer


def validating(wire):
    """Return the first half of our launch: all that PyLTI1p3 does, and what it leaves out."""
    app = Flask("validating")
    keys = wire.app.extensions["platform_keys"]

    @app.post("/lti/launch")
    def validate():
        fields = launch.read(request.form)
        waiting = launch.find(wire.database, fields["state"])
        claims = launch.believe(waiting, keys, fields["id_token"])
        with wire.database.transaction() as session:
            message = launch.examine(claims, waiting)
            assert states.consume(session, waiting.row.state_hash)
        return message.subject

    return app


def build(folder):
    """Return an LMS that is registered with an application, and an activity at its link."""
    database = Database(f"sqlite:///{folder}/bench.db")
    for metadata in tables.METADATA:
        metadata.create_all(database.engine)
    registry.KINDS = (*registry.KINDS, PROBE)
    settings = Settings(secret_key=factories.SECRET, base_url=BASE_URL, data_dir=Path(folder))
    wire = Wire(create_app(settings, database), database)
    with database.transaction() as session:
        deployment = session.scalars(select(Deployment)).first()
        course = factories.course(session, deployment=deployment, context_key="2")
        factories.activity(session, course, "probe", resource_link_key="9")
    return wire


def timed(clock, act):
    """Return the CPU and the wall time of an act, in milliseconds, and what it returned."""
    cpu, wall = clock(), time.perf_counter_ns()
    found = act()
    return (clock() - cpu) / 1e6, (time.perf_counter_ns() - wall) / 1e6, found


def enter(wire, block):
    """Let a block of people log in, then launch; return what each took, in milliseconds.

    The signing in between is the LMS's.
    """
    begun = [timed(wire.clock, lambda: wire.login(wire.browser())) for _ in range(block)]
    shots = [
        (login, sign(wire.claims(login, sub=f"s{number % PEOPLE}", roles=[LEARNER])))
        for number, (_, _, login) in enumerate(begun)
    ]
    ended = [timed(wire.clock, lambda s=shot: wire.post(*s)) for shot in shots]
    if any(answer.status_code not in {200, 302, 303} for _, _, answer in ended):
        raise SystemExit("A launch was refused.")
    return [one[0] for one in begun], [one[0] for one in ended], [one[1] for one in ended]


def race(wires):
    """Return for each the CPU of its logins, the CPU of its launches, and their wall time."""
    found = {name: ([], [], []) for name in wires}
    for number in range(-1, RUNS // BLOCK):
        for name, wire in wires.items():
            for kept, ones in zip(found[name], enter(wire, BLOCK), strict=True):
                kept.extend(ones if number >= 0 else ())  # the first block warms up
    return found


def compare(folder, *, with_ltijs):
    """Return what each tool took; and what `race_ltijs` returns, where ltijs is there."""
    wire = build(folder)
    keys = Path(folder) / "keys.json"
    keys.write_text(json.dumps({"keys": [jwk()]}))
    with stub.running(file=keys) as url:
        made = (bare_pylti1p3.create_app(wire.platform, url, caching=c) for c in (False, True))
        default, caching = (Beside(wire, app) for app in made)
        whole, half = Beside(wire, wire.app), Beside(wire, validating(wire), wire)
        gc.freeze()  # as `lti-peer serve` does
        found = race({"whole": whole, "half": half, "default": default, "caching": caching})
        other = race_ltijs(wire, half, url) if with_ltijs else None
    wire.database.close()
    return found, other


def race_ltijs(wire, half, url):
    """Return what half of our launch and ltijs took, in turn, and what the store of ltijs took.

    It is a race of its own, so that PostgreSQL's writing weighs on nothing that has a bar.
    """
    with ltijs.running(wire.platform, url) as tool:
        theirs = Beyond(wire, tool)
        for _ in range(COMPILING // BLOCK):
            enter(theirs, BLOCK)
        return race({"half": half, "ltijs": theirs}), theirs.stored[-RUNS:]


def tell_ltijs(bars, found, stored):
    """Print what ltijs took, in milliseconds, beside the half of ours that does the same."""
    logins, launches, walls = found["ltijs"]
    bars.tell("ltijs's launch: validated, and stored; Node alone", median(launches), "ms")
    bars.tell("… p95", cut(launches, 95), "ms")
    bars.tell("… what PostgreSQL takes on top", median(stored), "ms")
    bars.tell("… wall time", median(walls), "ms")
    bars.tell("… wall time, p95", cut(walls, 95), "ms")
    bars.tell("ltijs's login, Node alone", median(logins), "ms")
    ratio = median(found["half"][1]) / median(launches)
    bars.tell("validated with storage / ltijs, Node alone", ratio, "times")


def main():
    """Print the table."""
    bars = Bars(
        "A login and a launch (CPU of this process, p50, milliseconds)",
        f"{RUNS} launches of {PEOPLE} people, blocks of {BLOCK} in turn; keys by HTTP on loopback",
    )
    lacking = ltijs.lacking()
    with tempfile.TemporaryDirectory() as folder:
        found, other = compare(folder, with_ltijs=not lacking)
    (logins, whole, walls), half = found["whole"], median(found["half"][1])
    bars.at_most("our launch, whole: into a visit", median(whole), 5, "ms")
    bars.tell("… p95", cut(whole, 95), "ms")
    bars.tell("… wall time", median(walls), "ms")
    bars.tell("… its first half: validated, and stored as used", half, "ms")
    bars.tell("our login", median(logins), "ms")
    logins, theirs, walls = found["default"]
    bars.tell("PyLTI1p3's launch, as it is by default", median(theirs), "ms")
    bars.tell("… wall time", median(walls), "ms")
    bars.tell("… keeping the LMS's keys", median(found["caching"][1]), "ms")
    bars.tell("PyLTI1p3's login", median(logins), "ms")
    bars.at_most("validated with storage / PyLTI1p3's default", half / median(theirs), 1, "times")
    bars.tell("whole launch / PyLTI1p3's default", median(whole) / median(theirs), "times")
    if other:
        tell_ltijs(bars, *other)
    else:
        bars.note(f"ltijs is left out: {lacking}.")


if __name__ == "__main__":
    sys.exit(main())
