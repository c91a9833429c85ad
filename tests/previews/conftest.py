"""Somebody who tries an activity in a sandbox."""

from datetime import timedelta

import factories
import pytest
from sqlalchemy import select

from lti_peer.activities import registry
from lti_peer.core import db
from lti_peer.core.models import Activity, Course, Person, Role
from lti_peer.previews import service
from lti_peer.web.visits import Guest

BASE_URL = "https://tool.example"


class Trial:
    """A course with an activity, and launches into sandboxes of it, in one session."""

    def __init__(self, session, world):
        self.session, self.world = session, world.build(learners=2)
        world.kind = registry.find("peer_review")
        self.origin = session.get_one(Activity, world.activity.id)
        self.teacher = session.get_one(Person, world.teacher.id)
        self.staff = factories.visit(self.teacher, self.origin, Role.INSTRUCTOR, db.now(session))
        world.kind.prepare(session, self.staff)

    def launch(self, who=None, days=0):
        """Come in as a preview, so many days from now; return the guest."""
        self.session.info["database"].shift = timedelta(days=days)
        guest = Guest(who or self.teacher, self.origin.course, Role.PREVIEW, self.origin)
        made = service.admit(self.session, guest, BASE_URL)
        self.session.flush()
        return made

    def sandboxes(self):
        """Return the ids of the courses that are sandboxes."""
        return set(self.session.scalars(select(Course.id).where(Course.sandbox_of.is_not(None))))


@pytest.fixture
def trial(session, world):
    """An activity that somebody may try."""
    yield Trial(session, world)
    session.info["database"].shift = timedelta(0)
