"""`lti-peer serve` as a real process: it answers, delivers, and ends when it is told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import factories
import pytest
import requests
from support import canaries

from lti_peer import migrations
from lti_peer.core import outbox
from lti_peer.core.db import Database
from lti_peer.core.outbox import Channel, Delivery

COMMAND = Path(sys.executable).parent / "lti-peer"
PATIENCE_S = 30.0

pytestmark = pytest.mark.slow


@pytest.fixture
def port():
    """A port that is free just now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def serve(tmp_path, port):
    """Serve from an empty data folder, until the block ends."""
    environment = {
        "PATH": os.environ["PATH"],
        "LTI_PEER_SECRET_KEY": factories.SECRET,
        "LTI_PEER_DATA_DIR": str(tmp_path / "data"),
    }

    @contextmanager
    def running(**more):
        with subprocess.Popen(  # noqa: S603 - our own words
            [COMMAND, "serve", "--port", str(port)],
            env={**environment, **more}, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.kill()
                canaries.look("" if process.stderr.closed else process.stderr.read())

    return running


@pytest.fixture
def ready(port):
    """Wait until it is ready, and say whether it is."""

    def wait():
        return soon(lambda: requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).ok)

    return wait


def soon(true):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if true():
                return True
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    return False


def test_it_makes_its_database_answers_and_ends_in_peace(serve, ready):
    with serve() as process:
        assert ready()
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=PATIENCE_S)
    canaries.look(logged)
    lines = [json.loads(line) for line in logged.splitlines()]
    assert process.returncode == 0
    assert [line["event"] for line in lines if "worker" in line["event"]] == [
        "worker_started",
        "worker_stopped",
    ]


def test_it_delivers_what_is_committed(serve, ready, tmp_path):
    with serve():
        assert ready()
        database = Database(f"sqlite:///{tmp_path}/data/lti-peer.db")
        one = factories.statement()
        with database.transaction() as session:
            tenant = factories.course(session).deployment_id
            outbox.put(session, tenant, Channel.XAPI, one["id"], one)

        def told():
            with database.transaction(read_only=True) as session:
                return outbox.backlog(session) == {(Channel.XAPI, Delivery.SENT): 1}

        assert soon(told)
        database.close()


def test_it_says_so_when_its_port_is_taken(serve, port):
    with socket.create_server(("127.0.0.1", port)), serve() as process:
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert f"127.0.0.1 port {port} cannot be used" in said
    assert "Traceback" not in said


def test_a_migrated_database_of_another_address_is_served(serve, ready, tmp_path):
    url = f"sqlite:///{tmp_path}/other.db"
    database = Database(url)
    migrations.upgrade(database)
    database.close()
    with serve(LTI_PEER_DATABASE_URL=url, LTI_PEER_WORKER_IN_WEB="false"):
        assert ready()
