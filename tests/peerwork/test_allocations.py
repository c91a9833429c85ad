"""A match of people with something is completed, or ends so that the need reopens."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import factories
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from lti_peer.core.errors import NotAllowed, NotFound
from lti_peer.peerwork import allocations, needs
from lti_peer.peerwork.allocations import Allocation, AllocationMember, AllocationState
from lti_peer.peerwork.needs import Need

LEASE = timedelta(hours=8)


def claim(session, visit, *subjects):
    return allocations.claim(
        session, visit, "review", subjects, role="reviewer", lease=LEASE, reason={"seed": "1"}
    )


def room(session, subject):
    """Return how many live and completed allocations a subject has."""
    session.expire_all()
    need = session.scalars(select(Need).where(Need.subject_id == subject)).one()
    return need.live, need.completed


def test_the_first_subject_with_room_is_given(session, enter, want):
    full, free = want(wanted=1, spare=0), want()
    claim(session, enter(), full)
    assert claim(session, enter(), full, free).subject_id == free


def test_nothing_is_given_where_nothing_has_room(session, enter, want):
    full = want(wanted=1, spare=0)
    claim(session, enter(), full)
    assert claim(session, enter(), full) is None
    assert claim(session, enter()) is None


def test_a_claim_runs_out_after_its_lease(session, enter, want):
    visit = enter()
    assert claim(session, visit, want()).lease_until == visit.now + LEASE


def test_nobody_has_two_standing_parts_in_one_subject(session, enter, want):
    visit, subject = enter(), want()
    claim(session, visit, subject)
    with pytest.raises(IntegrityError):
        claim(session, visit, subject)


def test_completing_counts_once_however_often_it_is_said(session, enter, want):
    visit, subject = enter(), want()
    mine = claim(session, visit, subject)
    for _ in range(2):
        allocations.complete(session, visit, mine)
    assert mine.state is AllocationState.COMPLETED
    assert room(session, subject) == (0, 1)


def test_a_lease_that_ran_out_opens_the_need_again(session, enter, want):
    visit, subject = enter(), want(wanted=1, spare=0)
    mine = claim(session, visit, subject)
    late = visit.now + LEASE + timedelta(seconds=1)
    assert allocations.expire(session, visit.activity.id, late) == 1
    assert mine.state is AllocationState.EXPIRED
    assert claim(session, enter(), subject) is not None


def test_a_lease_that_has_not_run_out_stays(session, enter, want):
    visit, subject = enter(), want()
    claim(session, visit, subject)
    assert allocations.expire(session, visit.activity.id, visit.now + LEASE) == 0
    assert room(session, subject) == (1, 0)


def test_expiring_twice_counts_once(session, enter, want):
    visit, subject = enter(), want()
    claim(session, visit, subject)
    late = visit.now + 2 * LEASE
    counts = [allocations.expire(session, visit.activity.id, late) for _ in range(2)]
    assert counts == [1, 0]
    assert room(session, subject) == (0, 0)


def test_a_review_that_comes_after_its_lease_still_counts(session, enter, want):
    visit, subject = enter(), want()
    mine = claim(session, visit, subject)
    allocations.expire(session, visit.activity.id, visit.now + 2 * LEASE)
    allocations.complete(session, visit, mine)
    assert room(session, subject) == (0, 1)


@pytest.mark.parametrize("state", [AllocationState.DECLINED, AllocationState.CANCELLED])
def test_what_is_ended_opens_the_need_and_cannot_be_completed(session, enter, want, state):
    visit, subject = enter(), want()
    mine = claim(session, visit, subject)
    assert allocations.end(session, visit, mine, state)
    assert room(session, subject) == (0, 0)
    with pytest.raises(NotAllowed):
        allocations.complete(session, visit, mine)


def test_what_is_completed_cannot_be_ended(session, enter, want):
    visit, subject = enter(), want()
    mine = claim(session, visit, subject)
    allocations.complete(session, visit, mine)
    assert not allocations.end(session, visit, mine, AllocationState.CANCELLED)
    assert room(session, subject) == (0, 1)


def test_who_declined_may_be_matched_with_the_subject_again(session, enter, want):
    visit, subject = enter(), want()
    allocations.end(session, visit, claim(session, visit, subject), AllocationState.DECLINED)
    assert claim(session, visit, subject) is not None


def test_starting_does_not_wake_what_has_ended(session, enter, want):
    visit = enter()
    mine = claim(session, visit, want())
    allocations.end(session, visit, mine, AllocationState.CANCELLED)
    allocations.start(session, visit, mine)
    assert mine.state is AllocationState.CANCELLED


def test_an_allocation_is_found_by_its_members_alone(session, enter, want):
    visit = enter()
    mine = claim(session, visit, want())
    assert allocations.own(session, visit, mine.id) is mine
    with pytest.raises(NotFound):
        allocations.own(session, enter(), mine.id)


def test_an_allocation_is_not_found_from_another_activity(session, enter, want):
    visit = enter()
    mine = claim(session, visit, want())
    other = factories.activity(session, visit.course)
    with pytest.raises(NotFound):
        allocations.own(session, factories.visit(visit.person, other), mine.id)


def test_a_match_of_several_has_each_in_their_role(session, enter):
    one, other = enter(), enter()
    roles = {one.person.id: "explainer", other.person.id: "listener"}
    made = allocations.match(session, one, "teach", uuid4(), roles)
    assert made.member("listener").person_id == other.person.id
    assert allocations.mine(session, other, "teach") == [made]


def test_outcomes_count_what_was_done_and_what_came_to_nothing(session, enter, want):
    ends = [AllocationState.DECLINED, AllocationState.CANCELLED]
    for state in ends:
        visit = enter()
        allocations.end(session, visit, claim(session, visit, want()), state)
    visit = enter()
    allocations.complete(session, visit, claim(session, visit, want()))
    assert allocations.outcomes(session, visit, "review") == (1, 1)


def test_sixteen_people_at_once_never_overfill_a_subject(database):
    """SELECT … FOR UPDATE is ignored by SQLite; the conditional UPDATE holds on both."""
    with database.transaction() as session:
        what = factories.activity(session, factories.course(session))
        people = [factories.person(session, what.course, number=n) for n in range(17)]
        owner = factories.visit(people.pop(), what)
        subjects = [uuid4() for _ in range(4)]
        for subject in subjects:
            needs.want(session, owner, "review", subject, owner.person.id, 3, 0)
    begin = Barrier(16)

    def take(who):
        begin.wait(10)
        with database.transaction() as session:
            claim(session, factories.visit(who, what), *subjects)

    threads = [Thread(target=take, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.transaction(read_only=True) as session:
        counted = select(Allocation.subject_id, func.count()).group_by(Allocation.subject_id)
        assert dict(session.execute(counted).all()) == dict.fromkeys(subjects, 3)
        assert session.scalar(select(func.count()).select_from(AllocationMember)) == 12
