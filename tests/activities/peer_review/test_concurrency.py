"""Many at once, on a real database, each in a transaction of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import factories
from activities.peer_review.classroom import Classroom
from sqlalchemy import func, select

from lti_peer.activities.peer_review import queries, revising, service
from lti_peer.core.models import Activity, Person
from lti_peer.peerwork import needs, scores, submissions
from lti_peer.peerwork.allocations import Allocation

THREADS = 16


def at_once(classroom, acts, now=Classroom.reviewing):
    """Run every act in a thread with a session of its own; return what they gave, in order."""
    classroom.session.commit()
    barrier = Barrier(len(acts))

    def run(who, act):
        barrier.wait()
        with classroom.world.database.transaction() as session:
            activity = session.get_one(Activity, classroom.world.activity.id)
            person = session.get_one(Person, who.id)
            return act(session, factories.visit(person, activity, now=now))

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(lambda one: run(*one), acts))


def test_sixteen_who_take_a_review_at_once_never_overfill_a_text(build):
    classroom = build(learners=THREADS)
    for who in classroom.people[:6]:
        classroom.hand_in(who)
    for who in classroom.people[6:]:
        classroom.hand_in(who)

    taken = at_once(classroom, [(who, service.take_review) for who in classroom.people])

    assert all(taken)
    counted = needs.of(classroom.session, classroom.staff, queries.PURPOSE)
    assert all(need.live + need.completed <= need.ceiling for need in counted)
    assert sum(need.live for need in counted) == THREADS


def test_one_text_for_sixteen_readers_is_given_out_as_often_as_it_has_room(build):
    classroom = build(learners=THREADS, must_hand_in=False)
    classroom.hand_in(classroom.people[0])

    taken = at_once(classroom, [(who, service.take_review) for who in classroom.people[1:]])

    assert sum(one is not None for one in taken) == 4


def test_one_person_who_presses_sixteen_times_holds_one_review(classroom):
    ada = classroom.people[0]

    taken = at_once(classroom, [(ada, service.take_review)] * THREADS)

    assert len({one.id for one in taken}) == 1
    assert classroom.session.scalar(select(func.count()).select_from(Allocation)) == 1


def test_reviews_of_one_text_that_are_sent_at_once_all_count_in_its_score(build):
    classroom = build(learners=5, must_hand_in=False, reviews=4)
    author, *others = classroom.people
    classroom.hand_in(author)
    held = {who.id: classroom.take(who).id for who in others}

    def send(session, visit):
        said = service.Said(classroom.good)
        return service.give_review(session, visit, held[visit.person.id], said)

    at_once(classroom, [(who, send) for who in others])

    standing = scores.of_person(classroom.session, classroom.staff, author.id)["work"]
    assert len(standing.inputs) == 4


def test_a_text_that_is_handed_in_four_times_at_once_is_one(build):
    classroom = build()
    ada = classroom.people[0]

    def hand_in(session, visit):
        return service.hand_in(session, visit, "Twice.", "<p>Twice.</p>", 1).id

    found = set(at_once(classroom, [(ada, hand_in)] * 4))

    work = submissions.own(classroom.session, classroom.visit(ada))
    assert found == {work.id}
    assert [one.number for one in work.versions] == [1]


def test_a_revision_that_is_handed_in_twice_at_once_is_one(build):
    classroom = build(learners=2, reviews=1).let_revise()
    for who in classroom.people:
        classroom.hand_in(who)
    ada, ben = classroom.people
    classroom.review(ben)

    def revise(session, visit):
        return revising.hand_in(session, visit, ("Better.", "<p>Better.</p>", 1)).id

    found = set(at_once(classroom, [(ada, revise)] * 3, classroom.after))

    work = submissions.own(classroom.session, classroom.visit(ada))
    assert found == {work.id}
    assert [one.number for one in work.versions] == [1, 2]
