"""Open edX's LTI consumer, a platform that none of us wrote, in a virtual environment of its own.

Run as a program it makes the environment: `python tests/interop/xblock.py`. The fixture `xblock`
starts it for a tool. Where the environment is missing a test is skipped; with CI=true it is made.
"""

import fcntl
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[1] / ".venv-interop"
PYTHON = ENVIRONMENT / "bin" / "python"
PINS = HERE / "requirements.txt"
MADE = ENVIRONMENT / "made"


@dataclass(frozen=True)
class Platform:
    """A running platform: where it is."""

    url: str

    def told(self, name: str) -> Any:
        """Return what it says of itself, or of what it has got: `settings` or `state`."""
        return requests.get(f"{self.url}/{name}", timeout=10).json()


def install() -> None:
    """Make the environment, unless these very pins are installed already."""
    ENVIRONMENT.mkdir(exist_ok=True)
    with (ENVIRONMENT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if MADE.exists() and MADE.read_text() == PINS.read_text():
            return
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run(  # noqa: S603 - our own words
            [PYTHON, "-m", "pip", "install", "--quiet", "--requirement", PINS], check=True
        )
        MADE.write_text(PINS.read_text())


def demand() -> None:
    """Skip the test where the environment is missing; with CI=true make it."""
    if os.environ.get("CI") == "true":
        install()
    elif not MADE.exists():
        pytest.skip("Open edX's LTI consumer is not installed: make interop")


@contextmanager
def running(folder: Path, tool_url: str) -> Iterator[Platform]:
    """Start the platform with this tool in it, and stop it at the end of the block."""
    # -P: else this very folder would be looked through for its modules.
    command = [PYTHON, "-P", "-W", "ignore", HERE / "xblock_launcher.py", folder, tool_url]
    with subprocess.Popen(  # noqa: S603 - our own words
        command, stdout=subprocess.PIPE, cwd=folder, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port, "The platform did not start; its output is above."
            yield Platform(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


if __name__ == "__main__":
    install()
    sys.stdout.write(f"Open edX's LTI consumer is ready in {ENVIRONMENT.name}.\n")
