"""The state of the LMS as one JSON file, so that a demo can be left and taken up again."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.model import LineItem, ResourceLink, Score, Tool


@dataclass(frozen=True)
class Snapshot:
    """What must survive: everything that the tool knows too."""

    issuer: str
    learners: int
    guid: str
    key: str
    """The LMS's private key as PEM: it signs play, and guards nothing."""
    tools: tuple[Tool, ...]
    links: tuple[ResourceLink, ...]
    columns: tuple[LineItem, ...]
    scores: tuple[Score, ...]


_JSON = TypeAdapter(Snapshot)
