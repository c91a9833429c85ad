"""Programs that none of us wrote, each in a virtual environment of its own, pinned in a file."""

import fcntl
import os
import subprocess
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outside:
    """One such program: what it is, the word of make that installs it, and its pins."""

    name: str
    word: str
    pins: Path

    @property
    def environment(self) -> Path:
        """Its virtual environment, at the top of the project."""
        return ROOT / f".venv-{self.word}"

    @property
    def is_there(self) -> bool:
        """Whether it has been installed."""
        return (self.environment / "made").exists()

    def install(self) -> None:
        """Make the environment, unless these very pins are installed already."""
        python, made = self.environment / "bin" / "python", self.environment / "made"
        self.environment.mkdir(exist_ok=True)
        with (self.environment / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if made.exists() and made.read_text() == self.pins.read_text():
                return
            venv.create(self.environment, with_pip=True)
            subprocess.run(  # noqa: S603 - our own words
                [python, "-m", "pip", "install", "--quiet", "--requirement", self.pins], check=True
            )
            made.write_text(self.pins.read_text())

    def demand(self) -> None:
        """Skip the test where the environment is missing; with CI=true make it."""
        if os.environ.get("CI") == "true":
            self.install()
        elif not self.is_there:
            pytest.skip(f"{self.name} is not installed: make {self.word}")

    @contextmanager
    def running(self, words: Sequence[str | Path], folder: Path) -> Iterator[str]:
        """Start it in `folder`, give the port that it tells, and stop it at the end of the block.

        `words` are what follows the word for Python: options, a launcher, what the launcher takes.
        """
        # -P: else the launcher's own folder would be looked through for the program's modules.
        command = [self.environment / "bin" / "python", "-P", *words]
        with subprocess.Popen(  # noqa: S603 - our own words
            command, stdout=subprocess.PIPE, cwd=folder, text=True
        ) as process:
            try:
                assert process.stdout is not None
                port = process.stdout.readline().strip()
                assert port, f"{self.name} did not start; its output is above."
                yield port
            finally:
                process.terminate()
