"""A class that launches while its roster is kept: nobody is sent away."""

from threading import Thread

import factories
from sqlalchemy import func, select

from lti_peer.core.models import Course, Membership, Person
from lti_peer.lti import enrolment


def test_whoever_adds_people_waits_before_the_first_of_them(database):
    """Of two that add the same people, the second sees all that the first has added."""
    with database.transaction() as session:
        course_id = factories.course(session).id
    seen = []

    def second():
        with database.transaction() as session:
            enrolment.take_turn(session, session.get_one(Course, course_id))
            seen.append(session.scalar(select(func.count()).select_from(Person)))

    with database.transaction() as session:
        course = session.get_one(Course, course_id)
        enrolment.take_turn(session, course)
        later = Thread(target=second)
        later.start()
        later.join(timeout=0.3)
        waited = later.is_alive()
        factories.person(session, course)
    later.join(timeout=30)

    assert (waited, seen) == (True, [1])
    with database.transaction(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Membership)) == 1
