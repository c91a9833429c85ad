"""A class in a teach-back, and people who act in it over the services or over its pages."""

from datetime import timedelta

import factories
import pytest
from sqlalchemy import select

from lti_peer.activities.teaching import appointments, queries, service, steering
from lti_peer.activities.teaching.models import Topic
from lti_peer.activities.teaching.settings import EXPLAINING, LISTENING
from lti_peer.core import db, outbox
from lti_peer.core.models import Activity, Membership, Person, Role
from lti_peer.peerwork.allocations import Allocation
from lti_peer.peerwork.feedback import Said
from lti_peer.peerwork.meetings import Meeting

NOW = factories.NOW
MATCHED = NOW + timedelta(days=8)
"""A time at which sign-up was due and people meet."""
OVER = NOW + timedelta(days=30)


class Classroom:
    """People who act in one activity, each act at a time of its own, within one session."""

    now, matched, over = NOW, MATCHED, OVER

    def __init__(self, session, world):
        self.session, self.world = session, world
        steering.prepare(session, self.visit(world.teacher))

    @property
    def people(self):
        return self.world.people

    @property
    def staff(self):
        return self.visit(self.world.teacher, MATCHED)

    @property
    def topics(self):
        found = select(Topic).where(Topic.activity_id == self.world.activity.id)
        return self.session.scalars(found.order_by(Topic.position)).all()

    def visit(self, who, now=NOW):
        role = Role.INSTRUCTOR if who is self.world.teacher else Role.LEARNER
        who = self.session.get(Person, who.id)
        activity = self.session.get(Activity, self.world.activity.id)
        return factories.visit(who, activity, role, now)

    def sign_up(self, who, teach=None, learn=None, now=NOW):
        """Sign up by the places of the topics, None for no wish."""
        ids = [None if place is None else self.topics[place].id for place in (teach, learn)]
        return service.sign_up(self.session, self.visit(who, now), *ids)

    def match(self, now=MATCHED):
        return steering.match(self.session, self.visit(self.world.teacher, now))

    def pairs(self, who=None, now=MATCHED):
        """Return the pairs that stand, of one person or of all."""
        visit = self.visit(self.world.teacher, now)
        found = queries.pairs(self.session, visit, [who.id] if who else None)
        return [one for one in found if one.standing and (who is None or one.part(who.id))]

    def learning(self, who):
        """Return the pair in which somebody listens, or None."""
        return next((p for p in self.pairs(who) if p.explainer.person_id != who.id), None)

    def teaching(self, who):
        """Return the pair in which somebody explains, or None."""
        return next((p for p in self.pairs(who) if p.explainer.person_id == who.id), None)

    def person(self, part):
        return next(one for one in self.people if one.id == part.person_id)

    def propose(self, pair, starts_at):
        """Let the explainer propose a time, at MATCHED."""
        visit = self.visit(self.person(pair.explainer), MATCHED)
        return appointments.propose(
            self.session, visit, pair.allocation.id, starts_at, 30, "Room 4"
        )

    def agree(self, pair, now=MATCHED):
        """Let the explainer propose a time right now and a listener confirm it."""
        explainer, listener = self.person(pair.explainer), self.person(pair.listeners[0])
        made = appointments.propose(
            self.session, self.visit(explainer, now), pair.allocation.id, now, 30, "Room 4"
        )
        return appointments.confirm(self.session, self.visit(listener, now), made.id)

    def hold(self, part, agreed, now=MATCHED):
        """Let a member say that they met."""
        return appointments.hold(self.session, self.visit(self.person(part), now), agreed.id)

    def check(self, who, pair, right=True, now=MATCHED):
        option = pair.topic.right_option if right else (pair.topic.right_option + 1) % 4
        return service.answer(self.session, self.visit(who, now), pair.allocation.id, option)

    def meet(self, pair, now=MATCHED, before=False, after=True):
        """Let a pair go through check, meeting and check."""
        agreed = self.agree(pair, now)
        listeners = [self.person(one) for one in pair.listeners]
        for one in listeners:
            self.check(one, pair, before, now)
        appointments.hold(self.session, self.visit(self.person(pair.explainer), now), agreed.id)
        for one in listeners:
            self.check(one, pair, after, now)
        return agreed

    def rate(self, author, pair, part, points=2, now=MATCHED, comment=""):
        criteria = EXPLAINING if part.role == "explainer" else LISTENING
        said = Said({one.key: points for one in criteria}, comment, comment, len(comment.split()))
        visit = self.visit(author, now)
        own, told = queries.around(self.session, visit, pair.allocation.id)
        return service.rate(self.session, visit, own, told, part.id, said)

    def rate_all(self, pair):
        for one in pair.people:
            for part in pair.to_rate(one.person_id):
                self.rate(self.person(one), pair, part)

    def remove(self, who):
        """Let the LMS take somebody out of the course."""
        found = select(Membership).where(Membership.person_id == who.id)
        self.session.scalars(found).one().active = False
        self.session.flush()

    def statements(self, verb=None):
        """Return the payloads of the statements so far, of one verb by the end of its IRI."""
        items = self.session.scalars(select(outbox.OutboxItem)).all()
        return [
            one.payload
            for one in items
            if "verb" in one.payload and (not verb or one.payload["verb"]["id"].endswith(verb))
        ]


class Room:
    """The same class over HTTP: everybody is inside, and the people's clock can be moved."""

    def __init__(self, app, world, database):
        self.app, self.world, self.database = app, world, database
        with database.transaction() as session:
            self.begin(session)
        self.staff = self.enter(world.teacher)
        self.learners = [self.enter(one) for one in world.people]

    def begin(self, session):
        activity = session.get(Activity, self.world.activity.id)
        teacher = session.get(Person, self.world.teacher.id)
        now = db.people_now(session)
        steering.prepare(session, factories.visit(teacher, activity, Role.INSTRUCTOR, now))

    def enter(self, who, role=None):
        return self.world.enter(self.app, who, role)

    def pass_days(self, days):
        self.database.shift += timedelta(days=days)

    def select(self, *what):
        """Return what the database has of these columns or rows, one after the other."""
        with self.database.open(read_only=True) as session:
            return session.scalars(select(*what)).all()

    def sign_up_all(self):
        for inside in self.learners:
            assert inside.post("/teaching/match-me").status_code == 303

    def pair(self):
        """Match everybody; return a pair's page, its explainer and its listener."""
        self.sign_up_all()
        assert self.staff.post("/teaching/match").status_code == 303
        with self.database.open(read_only=True) as session:
            found = session.scalars(select(Allocation).order_by(Allocation.id)).first()
            who = {one.role: one.person_id for one in found.members}
        by_id = {one.id: self.learners[n] for n, one in enumerate(self.world.people)}
        page = f"/teaching/meetings/{found.id}"
        return page, by_id[who["explainer"]], by_id[who["listener"]]

    def now_field(self, minutes=0):
        """Return a time as the form's field has it: UTC, minutes from now."""
        with self.database.open(read_only=True) as session:
            return f"{db.people_now(session) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M}"

    def agree(self, page, explainer, listener):
        """Propose now, confirm; return the path of the meeting's own acts."""
        form = {"starts_at": self.now_field(), "minutes": "30", "place": "Room 4"}
        assert explainer.post(f"{page}/propose", form).status_code == 303
        path = f"/teaching/times/{self.select(Meeting.id)[-1]}"
        assert listener.post(f"{path}/confirm").status_code == 303
        return path

    def meet(self, page, explainer, listener):
        """Let a pair go through check, meeting and check, with the first answer twice."""
        listener.post(f"{page}/check", {"option": "0"})
        explainer.post(f"{self.agree(page, explainer, listener)}/held")
        assert listener.post(f"{page}/check", {"option": "0"}).status_code == 303


@pytest.fixture
def room(app, world, database):
    """Four learners and an instructor, each inside; sign-up is open and nobody has signed up."""
    return Room(app, world.build("teaching", 4), database)


@pytest.fixture
def people():
    """How many learners there are; a test overrides it by `@pytest.mark.parametrize`."""
    return 4


@pytest.fixture
def classroom(session, world, people):
    """A prepared teach-back with learners, in a session that a test may commit."""
    return Classroom(session, world.build("teaching", people))


@pytest.fixture
def signed(classroom):
    """Four people: the first two teach each other topics 0 and 1, as do the others, 2 and 3."""
    for who, teach, learn in zip(classroom.people, (0, 1, 2, 3), (1, 0, 3, 2), strict=True):
        classroom.sign_up(who, teach, learn)
    classroom.match()
    return classroom
