"""The kinds of activity: one line for each."""

from lti_peer.activities import peer_review, teaching
from lti_peer.activities.kind import ActivityKind

KINDS: tuple[ActivityKind, ...] = (peer_review.KIND, teaching.KIND)


def find(name: str) -> ActivityKind | None:
    """Return the kind of that name, or None when this version has none."""
    return next((kind for kind in KINDS if kind.name == name), None)
