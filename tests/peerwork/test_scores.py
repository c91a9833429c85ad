"""Scores reach the LMS whichever way a release and a score meet."""

from threading import Thread

import factories
import pytest
from sqlalchemy import select

from lti_peer.core.grades import Grade
from lti_peer.core.models import Activity, Person, Role
from lti_peer.peerwork import scores
from lti_peer.rules.scoring import Estimate

SHARE = 0.5


def keep(session, visit):
    estimate = Estimate(SHARE, None, None, {}, "mean@1")
    scores.keep(session, visit, visit.person.id, "work", estimate, None)


def visit(session, world, who, role=Role.LEARNER):
    activity = session.get_one(Activity, world.activity.id)
    return factories.visit(session.get_one(Person, who.id), activity, role)


def grades(database):
    with database.transaction(read_only=True) as session:
        return [one.share for one in session.scalars(select(Grade))]


@pytest.mark.slow
def test_a_score_that_begins_before_the_release_and_ends_after_it_is_sent(database):
    world = factories.World(database).build()

    def release():
        with database.transaction() as session:
            scores.release(session, visit(session, world, world.teacher, Role.INSTRUCTOR))

    with database.transaction() as session:
        mine = visit(session, world, world.people[0])
        meanwhile = Thread(target=release)
        meanwhile.start()
        meanwhile.join(timeout=2)  # SQLite lets it wait until we are done
        keep(session, mine)
    meanwhile.join()

    assert grades(database) == [SHARE]


def test_a_score_is_not_sent_before_the_release(database):
    world = factories.World(database).build()
    with database.transaction() as session:
        keep(session, visit(session, world, world.people[0]))

    assert grades(database) == []
