"""A subject gets what it needs and no more, on both databases."""

import factories
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lti_peer.peerwork import needs


@pytest.fixture
def need(session, enter, want):
    """Read the need of a subject."""
    reader = enter()

    def read(subject):
        session.expire_all()
        found = needs.of(session, reader, "review")
        return next(one for one in found if one.subject_id == subject)

    return read


def test_room_is_taken_up_to_the_ceiling(session, enter, want):
    visit, subject = enter(), want(wanted=2, spare=1)
    taken = [needs.reserve(session, visit, "review", subject) for _ in range(5)]
    assert taken == [True, True, True, False, False]


def test_what_is_completed_takes_room_too(session, enter, want):
    visit, subject = enter(), want(wanted=1, spare=0)
    needs.reserve(session, visit, "review", subject)
    needs.count(session, visit.activity.id, "review", subject, live=-1, completed=1)
    assert not needs.reserve(session, visit, "review", subject)


def test_what_came_to_nothing_opens_room_again(session, enter, want):
    visit, subject = enter(), want(wanted=1, spare=0)
    needs.reserve(session, visit, "review", subject)
    needs.count(session, visit.activity.id, "review", subject, live=-1, completed=0)
    assert needs.reserve(session, visit, "review", subject)


def test_a_need_is_made_once_and_changed_after(session, enter, need):
    visit = enter()
    subject = visit.activity.id
    for wanted in (3, 5):
        needs.want(session, visit, "review", subject, visit.person.id, wanted)
    assert (need(subject).wanted, need(subject).ceiling) == (5, 6)


def test_a_smaller_need_leaves_what_is_live(session, enter, want, need):
    visit, subject = enter(), want(wanted=3, spare=1)
    for _ in range(4):
        needs.reserve(session, visit, "review", subject)
    needs.resize(session, visit, "review", wanted=1)
    assert (need(subject).live, need(subject).ceiling) == (4, 4)
    assert not needs.reserve(session, visit, "review", subject)


def test_another_activity_has_no_room_here(session, enter, want):
    subject = want()
    other = factories.activity(session, factories.course(session))
    stranger = factories.visit(factories.person(session, other.course), other)
    assert not needs.reserve(session, stranger, "review", subject)


def test_a_subject_without_a_need_has_no_room(session, enter):
    visit = enter()
    assert not needs.reserve(session, visit, "review", visit.activity.id)


def test_the_database_refuses_more_than_the_ceiling(session, want):
    want(wanted=1, spare=0)
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE need SET live = ceiling + 1"))


def test_the_database_refuses_less_than_nothing(session, enter, want):
    visit, subject = enter(), want()
    with pytest.raises(IntegrityError):
        needs.count(session, visit.activity.id, "review", subject, live=-1, completed=0)
