"""Several processes of `lti-peer serve` behind one listening socket."""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack

import factories
import pytest
import requests

from lti_peer import migrations
from lti_peer.core.db import Database
from lti_peer.demo.programs import Program

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path):
    """Settings of a tool whose database is there already."""
    database = Database(f"sqlite:///{tmp_path}/tool.db")
    migrations.upgrade(database)
    database.close()
    return {
        "LTI_PEER_SECRET_KEY": factories.SECRET,
        "LTI_PEER_DATA_DIR": str(tmp_path),
        "LTI_PEER_DATABASE_URL": f"sqlite:///{tmp_path}/tool.db",
        "LTI_PEER_WORKER_IN_WEB": "false",
        "LTI_PEER_LOG_LEVEL": "ERROR",
    }


def test_one_of_two_processes_goes_and_the_other_answers_on(settings):
    with ExitStack() as stack:
        shared = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        address = f"http://127.0.0.1:{shared.getsockname()[1]}/healthz"
        words = ("serve", "--socket", str(shared.fileno()))
        first, second = [
            stack.enter_context(Program(settings, *words, files=[shared.fileno()]))
            for _ in range(2)
        ]
        first.await_answer(address)
        second.await_answer(address)
        first.kill()

        assert all(requests.get(address, timeout=30).ok for _ in range(10))


def test_a_number_that_is_no_open_file_is_said_in_a_sentence(settings):
    ended = subprocess.run(
        [sys.executable, "-m", "lti_peer", "serve", "--socket", "99"],
        env={"PATH": os.environ["PATH"], **settings}, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip

    assert ended.returncode == 1
    assert "There is no open socket to take over" in ended.stderr
    assert "Traceback" not in ended.stderr
