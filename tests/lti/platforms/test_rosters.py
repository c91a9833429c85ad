"""Who is in the course, as each LMS tells it: in pages, with short roles or URIs, or not at all."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from lti_peer.core.models import Membership, Role
from lti_peer.demo.platform.profiles import PROFILES
from lti_peer.lti import roster

pytestmark = pytest.mark.one_database


WITH_ROSTER = [name for name, one in PROFILES.items() if one.roster and name != "plain"]


@pytest.fixture
def read(stage, placed):
    """Open the activity as its instructor, read what is due, and return who is a learner."""

    def again():
        stage.launch(stage.lms.instructor, placed)
        while roster.refresh(stage.database, stage.send._services):
            pass
        with stage.database.transaction(read_only=True) as session:
            rows = session.scalars(select(Membership).where(Membership.role == Role.LEARNER))
            return {row.person.subject: row.person.name for row in rows}

    return again


@pytest.mark.parametrize("manners", WITH_ROSTER, indirect=True)
@pytest.mark.parametrize("page", [None, 2])
def test_learners_are_known_before_they_come(stage, read, page):
    stage.lms.roster_page = page
    assert read() == {person.id: person.name for person in stage.lms.learners}


@pytest.mark.parametrize("manners", ["openedx"], indirect=True)
def test_an_lms_without_a_roster_is_asked_for_none(stage, read):
    assert read() == {}
    assert not [one for one in stage.lms.journal.after(0) if one.name == "Roster"]


@pytest.mark.parametrize("manners", ["moodle", "canvas"], indirect=True)
def test_tokens_that_live_a_minute_are_asked_for_each_time(raise_stage, manners):
    stage = raise_stage(replace(PROFILES[manners], token_life=PROFILES[manners].token_life / 60))
    stage.admit()
    link = stage.place()
    for person, share in zip(stage.lms.learners[:2], (0.5, 1.0), strict=True):
        stage.launch(person, link)
        stage.post(person, "work", share)
    stage.deliver()

    assert [stage.points(person)["work"] for person in stage.lms.learners[:2]] == [10.0, 20.0]
