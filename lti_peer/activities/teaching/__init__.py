"""Teach-back: everybody explains one topic to a peer and learns another from one."""

from lti_peer.activities.kind import ActivityKind, Component
from lti_peer.activities.teaching import learner, matching, meetings, setup, staff, steering
from lti_peer.activities.teaching.pages import pages
from lti_peer.activities.teaching.rehearsal import REHEARSAL
from lti_peer.activities.teaching.settings import PARTICIPATION, TEACHING

__all__ = ["KIND", "learner", "meetings", "setup", "staff"]

KIND = ActivityKind(
    name="teaching",
    label="Teach-back",
    summary="Everybody explains one topic to a peer and learns another; a question asked before "
    "and after shows what it brought.",
    pages=pages,
    home="teaching.home",
    setup="teaching.settings",
    components=(Component(PARTICIPATION, ""), Component(TEACHING, "Teaching")),
    prepare=steering.prepare,
    turn=matching.turn,
    copy=steering.copy,
    rehearsal=REHEARSAL,
)
"""The kind; importing it has put its pages on the blueprint."""
