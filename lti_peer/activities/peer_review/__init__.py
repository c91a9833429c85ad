"""Peer review: people hand in, review each other's work by a rubric, and read what they got."""

from lti_peer.activities.kind import ActivityKind, Component
from lti_peer.activities.peer_review import (
    grading,
    learner,
    received,
    reviews,
    revisions,
    second_looks,
    setup,
    staff,
    steering,
)
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.rehearsal import REHEARSAL
from lti_peer.activities.peer_review.service import turn

__all__ = [
    "KIND", "grading", "learner", "received", "reviews", "revisions", "second_looks", "setup",
    "staff",
]  # fmt: skip

KIND = ActivityKind(
    name="peer_review",
    label="Peer review",
    summary="Everybody hands in a text, reviews some of the others' by a rubric, and gets a grade.",
    pages=pages,
    home="peer_review.home",
    setup="peer_review.settings",
    components=(Component("work", ""),),
    prepare=steering.prepare,
    turn=turn,
    rehearsal=REHEARSAL,
)
"""The kind; importing it has put its pages on the blueprint."""
