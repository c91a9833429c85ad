"""What staff tell the tool to do with their LMS, from a page."""

import factories
import pytest
from sqlalchemy import select

from lti_peer.core import grades
from lti_peer.core.audit import AuditEntry
from lti_peer.core.grades import Grade, GradeState
from lti_peer.core.models import Course
from lti_peer.core.outbox import Delivery, OutboxItem
from lti_peer.core.rosters import Roster


@pytest.fixture
def staff(app, world, database):
    """An instructor's visit to a course with a roster."""
    world.build()
    with database.transaction() as session:
        session.get_one(Course, world.course.id).roster_url = "https://lms.example/members"
    return world.enter(app, world.teacher)


@pytest.fixture
def changed(world, database, staff):
    """A grade that somebody changed in the LMS."""
    with database.transaction() as session:
        grade = grades.post(session, world.activity, world.people[0].id, "work", 0.5)
        grade.state, grade.found_share = GradeState.CHANGED, 0.9
        session.scalars(select(OutboxItem)).one().state = Delivery.DEAD
        return grade.id


def test_staff_have_the_roster_read(staff, database):
    answer = staff.post("/lms/roster")
    assert (answer.status_code, "/peer_review/?done=roster" in answer.location) == (303, True)
    with database.transaction(read_only=True) as session:
        assert session.scalars(select(Roster)).one().read_at is None


def test_staff_stop_and_resume_the_sending_and_that_is_audited(staff, database, world):
    staff.post("/lms/grades/stop")
    staff.post("/lms/grades/stop")
    with database.transaction(read_only=True) as session:
        assert grades.is_stopped(session, world.activity.id)
    staff.post("/lms/grades/resume")
    with database.transaction(read_only=True) as session:
        assert not grades.is_stopped(session, world.activity.id)
        assert set(session.scalars(select(AuditEntry.act))) == {"stopped_grades", "resumed_grades"}


def test_staff_send_their_grade_over_a_change(staff, database, changed):
    assert staff.post(f"/lms/grades/{changed}/insist").status_code == 303
    with database.transaction(read_only=True) as session:
        grade = session.get_one(Grade, changed)
        assert (grade.state, grade.known_share) == (GradeState.WAITING, 0.9)
        assert session.scalars(select(OutboxItem)).one().state is Delivery.PENDING
    assert staff.post(f"/lms/grades/{changed}/insist").status_code == 409


def test_a_grade_of_another_activity_is_not_there(app, staff, database, changed):
    with database.transaction() as session:
        other = factories.activity(session, factories.course(session))
        session.get_one(Grade, changed).activity_id = other.id
    assert staff.post(f"/lms/grades/{changed}/insist").status_code == 404


@pytest.mark.parametrize("path", ["/lms/roster", "/lms/grades/stop", "/lms/grades/resume"])
def test_learners_do_not_steer(app, staff, world, path):
    assert world.enter(app, world.people[0]).post(path).status_code == 403


@pytest.mark.parametrize(
    ("then", "where"),
    [
        ("peer_review.show_grades", "/peer_review/"),
        ("peer_review.person", "/peer_review/"),
        ("peer_review.settings", "/peer_review/settings"),
        ("//evil.example", "/peer_review/"),
        ("teaching.home", "/peer_review/"),
    ],
)
def test_the_way_back_leads_to_a_page_of_the_kind(staff, then, where):
    answer = staff.post("/lms/roster", {"then": then})
    assert answer.location.partition("?")[0].endswith(where)
