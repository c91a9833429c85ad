"""Open edX's LTI consumer, a platform that none of us wrote, in a virtual environment of its own.

Run as a program it makes the environment: `make interop`. The fixture `xblock`
starts it for a tool. Where the environment is missing a test is skipped; with CI=true it is made.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from support.outside import Outside

HERE = Path(__file__).parent
CONSUMER = Outside("Open edX's LTI consumer", "interop", HERE / "requirements.txt")


@dataclass(frozen=True)
class Platform:
    """A running platform: where it is."""

    url: str

    def told(self, name: str) -> Any:
        """Return what it says of itself, or of what it has got: `settings` or `state`."""
        return requests.get(f"{self.url}/{name}", timeout=10).json()


@contextmanager
def running(folder: Path, tool_url: str) -> Iterator[Platform]:
    """Start the platform with this tool in it, and stop it at the end of the block."""
    words = ["-W", "ignore", HERE / "xblock_launcher.py", folder, tool_url]
    with CONSUMER.running(words, folder) as port:
        yield Platform(f"http://127.0.0.1:{port}")


if __name__ == "__main__":
    CONSUMER.install()
    sys.stdout.write(f"Open edX's LTI consumer is ready in {CONSUMER.environment.name}.\n")
