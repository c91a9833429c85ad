"""A class in a peer review, and people who act in it over the services."""

from dataclasses import replace
from datetime import timedelta

import factories

from lti_peer.activities.peer_review import queries, revising, service, steering
from lti_peer.activities.peer_review.settings import preset_dates
from lti_peer.core.models import Activity, Person, Role
from lti_peer.peerwork import allocations, phases, submissions
from lti_peer.peerwork.feedback import Said
from lti_peer.web import text

NOW = factories.NOW
REVIEWING = NOW + timedelta(days=8)
"""A time at which handing in is late and reviewing is open."""
AFTER = NOW + timedelta(days=20)
LOOKING = NOW + timedelta(days=25)
"""Of AFTER and this, the first is when work may be revised, the second when revisions are judged,
where that is wanted."""
GOOD = {"answer": 3, "reasons": 2, "clarity": 3}
POOR = {"answer": 0, "reasons": 1, "clarity": 0}


class Classroom:
    """People who act in one activity, each act at a time of its own, within one session."""

    now, reviewing, after, looking = NOW, REVIEWING, AFTER, LOOKING
    good, poor = GOOD, POOR

    def __init__(self, session, world):
        self.session, self.world = session, world

    @property
    def people(self):
        return self.world.people

    @property
    def staff(self):
        return self.visit(self.world.teacher, AFTER)

    def visit(self, who, now=NOW):
        role = Role.INSTRUCTOR if who is self.world.teacher else Role.LEARNER
        activity = self.session.get_one(Activity, self.world.activity.id)
        return factories.visit(self.session.get_one(Person, who.id), activity, role, now)

    def prepare(self, **settings):
        visit = self.visit(self.world.teacher)
        steering.prepare(self.session, visit)
        visit.activity.settings = {**visit.activity.settings, **settings}
        return self

    def let_revise(self, **settings):
        """Let authors revise in the week after reviewing, and reviewers look in the one after."""
        activity = self.visit(self.world.teacher).activity
        activity.settings = {**activity.settings, "revise": True, **settings}
        dates = preset_dates(NOW, "UTC")
        week = timedelta(days=7)
        ends = (dates.review_due + week, dates.review_due + 2 * week)
        phases.set_dates(
            self.session, activity,
            replace(dates, revise_due=ends[0], look_due=ends[1]).windows(late_work=True),
        )  # fmt: skip
        return self

    def revise(self, who, source="A better text.", note="", now=AFTER):
        text_ = (source, str(text.render(source)), 3)
        return revising.hand_in(self.session, self.visit(who, now), text_, note)

    def look(self, who, marks=GOOD, now=LOOKING, author=None):
        """Send the first second look that is asked of somebody, or that at an author's work.

        A second time, change it.
        """
        visit = self.visit(who, now)
        found = allocations.mine(self.session, visit, queries.SECOND_LOOK)
        works = {one.author_id: one.id for one in submissions.of(self.session, visit)}
        asked = next(one for one in found if not author or one.subject_id == works[author.id])
        said = Said(marks, "Better.", "<p>Better.</p>", 1)
        return revising.look(self.session, visit, asked.id, said)

    def hand_in(self, who, now=NOW, source="A text."):
        html = str(text.render(source))
        return service.hand_in(self.session, self.visit(who, now), source, html, 2)

    def take(self, who, now=REVIEWING):
        return service.take_review(self.session, self.visit(who, now))

    def give(self, who, allocation, now=REVIEWING, marks=GOOD, comment="Good."):
        said = Said(marks, comment, f"<p>{comment}</p>", 1, {"reasons": "Name your source."})
        return service.give_review(self.session, self.visit(who, now), allocation.id, said)

    def review(self, who, now=REVIEWING, marks=GOOD):
        """Take and send one review; None when there is none to take."""
        allocation = self.take(who, now)
        return allocation and self.give(who, allocation, now, marks)

    def review_all(self, now=REVIEWING):
        """Let everybody write every review that is asked of them."""
        for _ in range(3):
            for who in self.people:
                self.review(who, now)
        return self
