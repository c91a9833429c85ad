"""Ralph, a record store that none of us wrote, in a virtual environment of its own.

Run as a program it makes the environment: `python tests/support/ralph.py`. The fixture `ralph`
starts an empty one. Where the environment is missing a test is skipped; with CI=true it is made.
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

import pytest

SUPPORT = Path(__file__).parent
ENVIRONMENT = SUPPORT.parents[1] / ".venv-ralph"
PYTHON = ENVIRONMENT / "bin" / "python"
PINS = SUPPORT / "ralph-requirements.txt"
MADE = ENVIRONMENT / "made"


@dataclass(frozen=True)
class Ralph:
    """A running Ralph: where it is and how to get in."""

    url: str
    key: str
    secret: str


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


@contextmanager
def running(folder: Path) -> Iterator[Ralph]:
    """Start Ralph with an empty store in the folder, and stop it at the end of the block."""
    key, secret = "tests", "a secret of the tests"
    # -P: else this very module would be found where Ralph is looked for.
    command = [PYTHON, "-P", SUPPORT / "ralph_launcher.py", folder, key, secret]
    with subprocess.Popen(  # noqa: S603 - our own words
        command, stdout=subprocess.PIPE, cwd=folder, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port, "Ralph did not start; its output is above."
            yield Ralph(f"http://127.0.0.1:{port}/xAPI", key, secret)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def ralph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ralph]:
    """A running Ralph with an empty store, the same one for the tests of a module."""
    if os.environ.get("CI") == "true":
        install()
    elif not MADE.exists():
        pytest.skip("Ralph is not installed: make ralph")
    with running(tmp_path_factory.mktemp("ralph")) as started:
        yield started


if __name__ == "__main__":
    install()
    sys.stdout.write(f"Ralph is ready in {ENVIRONMENT.name}.\n")
