"""Ralph, a record store that none of us wrote, in a virtual environment of its own.

Run as a program it makes the environment: `make ralph`. The fixture `ralph`
starts an empty one. Where the environment is missing a test is skipped; with CI=true it is made.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.outside import Outside

SUPPORT = Path(__file__).parent
RALPH = Outside("Ralph", "ralph", SUPPORT / "ralph-requirements.txt")


@dataclass(frozen=True)
class Ralph:
    """A running Ralph: where it is, how to get in, and where it keeps its file."""

    url: str
    key: str
    secret: str
    folder: Path

    def lose(self, statement_id: str) -> None:
        """Take one statement out of its file, as a disk or a hasty restore would."""
        (kept,) = (self.folder / "statements").iterdir()
        lines = kept.read_text().splitlines(keepends=True)
        kept.write_text("".join(line for line in lines if f'"{statement_id}"' not in line))


PROGRAM = """
import json, sys
from ralph.models.xapi.base.statements import BaseXapiStatement
for line in sys.stdin:
    try:
        BaseXapiStatement.model_validate(json.loads(line))
    except ValueError as fault:
        print(json.dumps(f"{line.strip()}: {str(fault)[:500]}"))
"""


def refusals(statements: Iterable[str]) -> list[str]:
    """Return, of statements as JSON, those that Ralph's own model refuses, each with the reason."""
    python = RALPH.environment / "bin" / "python"
    judged = subprocess.run(  # noqa: S603 - our own words
        [python, "-c", PROGRAM],
        input="\n".join(statements),
        capture_output=True,
        check=True,
        text=True,
    )
    return [json.loads(line) for line in judged.stdout.splitlines()]


@contextmanager
def running(folder: Path) -> Iterator[Ralph]:
    """Start Ralph with an empty store in the folder, and stop it at the end of the block."""
    key, secret = "tests", "a secret of the tests"
    with RALPH.running([SUPPORT / "ralph_launcher.py", folder, key, secret], folder) as port:
        yield Ralph(f"http://127.0.0.1:{port}/xAPI", key, secret, folder)


@pytest.fixture(scope="module")
def ralph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ralph]:
    """A running Ralph with an empty store, the same one for the tests of a module."""
    RALPH.demand()
    with running(tmp_path_factory.mktemp("ralph")) as started:
        yield started


if __name__ == "__main__":
    RALPH.install()
    sys.stdout.write(f"Ralph is ready in {RALPH.environment.name}.\n")
