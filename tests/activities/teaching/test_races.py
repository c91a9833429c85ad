"""Many at once, on the real database: what must hold, holds."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import factories
import pytest
from sqlalchemy import select

from lti_peer.activities.teaching import service, steering
from lti_peer.activities.teaching.models import SignUp, Topic
from lti_peer.core.errors import Invalid
from lti_peer.core.models import Activity, Person, Role
from lti_peer.peerwork.allocations import AllocationMember

THREADS = 16


@pytest.fixture
def crowd(world, database):
    """Sixteen learners in a prepared teach-back, committed."""
    world.build("teaching", THREADS)
    with database.transaction() as session:
        steering.prepare(session, visit(session, world, world.teacher, Role.INSTRUCTOR))
    return world


def visit(session, world, who, role=Role.LEARNER, now=factories.NOW):
    activity = session.get(Activity, world.activity.id)
    return factories.visit(session.get(Person, who.id), activity, role, now)


def at_once(world, act):
    """Let everybody act in a thread and a transaction of their own; return what came out."""

    def run(who):
        try:
            with world.database.transaction() as session:
                act(session, visit(session, world, who))
        except Invalid:
            return "refused"
        return "kept"

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(run, world.people))


def test_a_topic_takes_no_more_teachers_than_it_has_places(crowd):
    with crowd.database.open(read_only=True) as session:
        first, second = session.scalars(select(Topic.id).order_by(Topic.position)).all()[:2]
    came = at_once(crowd, lambda session, who: service.sign_up(session, who, first, second))

    assert came == {"kept": 8, "refused": 8}
    with crowd.database.open(read_only=True) as session:
        assert len(session.scalars(select(SignUp.id)).all()) == 8


def test_late_joiners_at_once_are_each_taught_once(crowd):
    with crowd.database.transaction() as session:
        for who in crowd.people[:2]:
            service.sign_up(session, visit(session, crowd, who), None, None)
        steering.match(session, visit(session, crowd, crowd.teacher, Role.INSTRUCTOR))
    came = at_once(crowd, lambda session, who: service.sign_up(session, who, None, None))

    assert came == {"kept": 16}
    with crowd.database.open(read_only=True) as session:
        members = session.scalars(select(AllocationMember)).all()
    roles = Counter((one.person_id, one.role) for one in members)
    listens = [count for (_, role), count in roles.items() if role == "listener"]
    assert listens == [1] * 16
