"""Rosters with the manners of each LMS, over real HTTP: S10, S19."""

from datetime import timedelta

import pytest
from lti.platforms.conftest import LMSS
from sqlalchemy import select

from lti_peer.core.models import Membership, Role
from lti_peer.core.rosters import Roster
from lti_peer.demo.platform.profiles import PROFILES
from lti_peer.lti import roster, services


@pytest.fixture(params=[name for name in LMSS if name != "openedx"])
def manners(request):
    """The LMSs that give a tool their rosters; Open edX does not, unless it is told to."""
    return request.param


@pytest.fixture
def read(stage):
    """Have the roster read, as the worker does; return the rows of the members by their subject."""
    calls = services.build(stage.database, stage.app.extensions["vault"], private=True)

    def once():
        while roster.refresh(stage.database, calls):
            pass
        with stage.database.transaction(read_only=True) as session:
            assert session.scalars(select(Roster.problem)).all() == [""]
            return {one.person.subject: one for one in session.scalars(select(Membership))}

    return once


@pytest.fixture
def opened(stage, placed):
    """The activity, opened by the instructor alone."""
    stage.launch(stage.lms.instructor, placed)
    return stage


def test_the_class_is_known_before_anybody_has_come(opened, read):
    opened.lms.roster_page = 2
    found = read()
    assert {subject for subject, one in found.items() if one.role is Role.LEARNER} == {
        each.id for each in opened.lms.learners
    }
    assert found[opened.lms.instructor.id].role is Role.INSTRUCTOR
    assert {one.number for one in found.values()} == set(range(1, len(found) + 1))


def test_s19_whoever_the_lms_names_no_more_is_let_out(opened, placed, read):
    read()
    gone = opened.lms.learners[0]
    page = opened.launch(gone, placed)
    with opened.database.transaction() as session:
        for row in session.scalars(select(Roster)):
            row.due_at = row.read_at = row.due_at - timedelta(days=2)
        for member in session.scalars(select(Membership)):
            member.seen_at -= timedelta(days=3)
    opened.lms.people = tuple(each for each in opened.lms.people if each is not gone)

    assert not read()[gone.id].active
    assert opened.browsers[-1].get(page.url).status_code == 401


def test_an_lms_without_rosters_is_not_asked_for_one(raise_stage):
    stage = raise_stage(PROFILES["openedx"])
    stage.admit()
    link = stage.place()
    assert stage.launch(stage.lms.instructor, link).status_code == 200
    with stage.database.transaction(read_only=True) as session:
        assert session.scalars(select(Roster)).all() == []
