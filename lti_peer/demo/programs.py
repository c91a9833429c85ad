"""The tool's own commands as processes: what a walkthrough walks through is what runs elsewhere."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from socket import socket
from threading import Event, Thread
from typing import Self

import requests

LONGEST_START = 30.0
"""Seconds until the tool answers."""
LONGEST_STOP = 20.0
LONGEST_LIFE = 0.6
"""Seconds at most from when a worker works until it is killed."""
AT_WORK = b"worker_started"
"""What a worker logs when it begins to work; killed before that it would prove nothing."""


class DidNotStartError(Exception):
    """The tool ended, or did not answer in time."""


class Program:
    """One process of `lti-peer`; it ends with the block."""

    def __init__(
        self,
        settings: Mapping[str, str],
        *words: str,
        heard: bool = False,
        files: Sequence[int] = (),
    ) -> None:
        """Start `lti-peer` with these words and settings; a heard one logs to us.

        `files` are the numbers of open files that it takes over.
        """
        outside = {k: v for k, v in os.environ.items() if not k.startswith("LTI_PEER_")}
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "lti_peer", *words],
            env={**outside, **settings},
            stderr=subprocess.PIPE if heard else None,
            pass_fds=files,
        )

    def __enter__(self) -> Self:
        """Return the program, which runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ask the process to end; kill it when it does not."""
        self._process.terminate()
        try:
            self._process.wait(LONGEST_STOP)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut would (SIGKILL)."""
        self._process.kill()
        self._process.communicate()

    def await_words(self, words: bytes) -> None:
        """Wait until it logs these words, or ends."""
        assert self._process.stderr is not None  # it is heard
        for line in self._process.stderr:
            if words in line:
                return

    def await_answer(self, address: str) -> None:
        """Wait until `address` answers with 200; raises DidNotStartError."""
        until = time.monotonic() + LONGEST_START
        while time.monotonic() < until and self._process.poll() is None:
            try:
                if requests.get(address, timeout=1).ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        raise DidNotStartError(f"The tool did not answer at {address}.")


class Programs:
    """Several processes of `lti-peer serve` behind one address, as an institution has them."""

    def __init__(self, settings: Mapping[str, str], count: int, sockets: Sequence[socket]) -> None:
        """Start so many, which share these listening sockets."""
        files = [one.fileno() for one in sockets]
        words = [word for number in files for word in ("--socket", str(number))]
        self._all = [Program(settings, "serve", *words, files=files) for _ in range(count)]

    def __enter__(self) -> Self:
        """Return them; they run already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End them all."""
        with ExitStack() as stack:
            for one in self._all:
                stack.enter_context(one)

    def await_answer(self, address: str) -> None:
        """Wait until `address` answers with 200; raises DidNotStartError."""
        self._all[0].await_answer(address)


class MortalWorker:
    """A worker that is killed again and again, and begun again each time."""

    def __init__(self, settings: Mapping[str, str], kills: int) -> None:
        """Kill the worker so many times, then let one live."""
        self.killed = 0
        self._settings = settings
        self._kills = kills
        self._over = Event()
        self._thread = Thread(target=self._run, name="mortal worker", daemon=True)

    def __enter__(self) -> Self:
        """Start the first worker."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the last worker end."""
        self._over.set()
        self._thread.join()

    def finish(self) -> int:
        """Wait until every kill has been done, and return how many that were."""
        while self.killed < self._kills and self._thread.is_alive():
            time.sleep(0.1)
        return self.killed

    def _run(self) -> None:
        dice = random.Random(self._kills)  # noqa: S311 - play, not secrets
        while self.killed < self._kills and not self._over.is_set():
            worker = Program({**self._settings, "LTI_PEER_LOG_LEVEL": "INFO"}, "worker", heard=True)
            worker.await_words(AT_WORK)
            self._over.wait(dice.uniform(0, LONGEST_LIFE))
            worker.kill()
            self.killed += 1
        with Program(self._settings, "worker"):
            self._over.wait()
