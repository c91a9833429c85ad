"""The state of the LMS as one JSON file, so that a demo can be left and taken up again."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.model import LineItem, ResourceLink, Score, Tool
from lti_peer.demo.platform.profiles import PLAIN, PROFILES
from lti_peer.demo.platform.signing import SigningKey


@dataclass(frozen=True)
class Snapshot:
    """What must survive: everything that the tool knows too."""

    issuer: str
    """Its address."""
    learners: int
    guid: str
    key: str
    """The LMS's private key as PEM: it signs play, and guards nothing."""
    tools: tuple[Tool, ...]
    links: tuple[ResourceLink, ...]
    columns: tuple[LineItem, ...]
    scores: tuple[Score, ...]
    profile: str = PLAIN.name
    left: frozenset[str] = frozenset()


_JSON = TypeAdapter(Snapshot)


def save(lms: Lms, path: Path) -> None:
    """Write the state into the file, whole or not at all. Tickets and the journal are not kept."""
    book = lms.gradebook
    snapshot = Snapshot(
        issuer=lms.url,
        profile=lms.profile.name,
        left=lms.left,
        learners=len(lms.learners),
        guid=lms.guid,
        key=lms.key.pem(),
        tools=lms.tools,
        links=lms.links,
        columns=book.columns,
        scores=tuple(score for column in book.columns for score in book.history(column.id)),
    )
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(_JSON.dump_json(snapshot))
    draft.replace(path)


def load(path: Path) -> Lms:
    """Return the LMS that was saved; it must answer at its old address, `issuer`.

    Raises FileNotFoundError without a file, ValueError for a file that is not a snapshot.
    """
    snapshot = _JSON.validate_json(path.read_bytes())
    key, profile = SigningKey(snapshot.key), PROFILES[snapshot.profile]
    lms = Lms(snapshot.issuer, learners=snapshot.learners, profile=profile, key=key)
    lms.guid = snapshot.guid
    for person_id in snapshot.left:
        lms.leave(person_id)
    lms.restore(snapshot.tools, snapshot.links)
    lms.gradebook.restore(snapshot.columns, snapshot.scores)
    return lms
