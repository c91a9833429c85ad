"""A class in a peer review, and people who act in it over the services."""

from datetime import timedelta

import factories
import pytest

from lti_peer.activities.peer_review import service, steering
from lti_peer.core.models import Role
from lti_peer.peerwork.feedback import Said
from lti_peer.rules.phases import Window
from lti_peer.web import text

NOW = factories.NOW
DUE = NOW + timedelta(days=7)
REVIEW_DUE = NOW + timedelta(days=14)
REVIEWING = NOW + timedelta(days=8)
"""A time at which handing in is late and reviewing is open."""
AFTER = NOW + timedelta(days=20)
GOOD = {"answer": 3, "reasons": 2, "clarity": 3}
POOR = {"answer": 0, "reasons": 1, "clarity": 0}


class Classroom:
    """People who act in one activity, each act at a time of its own, within one session."""

    def __init__(self, session, world):
        self.session, self.world = session, world

    @property
    def people(self):
        return self.world.people

    def visit(self, who, now=NOW):
        role = Role.INSTRUCTOR if who is self.world.teacher else Role.LEARNER
        who, activity = self.session.merge(who), self.session.merge(self.world.activity)
        return factories.visit(who, activity, role, now)

    def prepare(self):
        steering.prepare(self.session, self.visit(self.world.teacher))
        return self

    def hand_in(self, who, now=NOW, source="A text."):
        html = str(text.render(source))
        return service.hand_in(self.session, self.visit(who, now), source, html, 2)

    def take(self, who, now=REVIEWING):
        return service.take_review(self.session, self.visit(who, now))

    def give(self, who, allocation, now=REVIEWING, marks=GOOD, comment="Good."):
        said = Said(marks, comment, f"<p>{comment}</p>", 1)
        return service.give_review(self.session, self.visit(who, now), allocation.id, said)

    def review(self, who, now=REVIEWING, marks=GOOD):
        """Take and send one review; None when there is none to take."""
        allocation = self.take(who, now)
        return allocation and self.give(who, allocation, now, marks)


@pytest.fixture
def build(session, world):
    """Return a function that makes a prepared class of so many learners."""

    def made(learners=4, **over):
        world.build(learners=learners, **over)
        return Classroom(session, world).prepare()

    return made


@pytest.fixture
def classroom(build):
    """A prepared class of four learners who have all handed in."""
    made = build()
    for who in made.people:
        made.hand_in(who, source=f"The text of {who.subject}.")
    return made


@pytest.fixture
def fortnight():
    """The windows of the preset: a week for the work, a week for the reviews."""
    return {"submit": Window(None, DUE, REVIEW_DUE), "review": Window(DUE, REVIEW_DUE)}
