"""Reading rosters: pages, what they change, who has left, and when they are read again."""

from datetime import timedelta

import factories
import pytest
from lti.services.conftest import answered
from lti.services.test_services import services
from sqlalchemy import event, select, update

from lti_peer.admin import blocking
from lti_peer.core import db, queries, rosters
from lti_peer.core.models import Course, Membership, Person, Platform, Role, Standing
from lti_peer.core.rosters import Roster
from lti_peer.lti import nrps, roster
from lti_peer.lti.claims import CUSTOM, ROSTER_TYPE, SCOPE_ROSTER
from lti_peer.lti.http import Unreachable

__all__ = ["services"]

MINUTE = timedelta(minutes=1)


def member(subject, role="Learner", status="Active", **more):
    return {"user_id": subject, "roles": [role], "status": status, **more}


def listed(*members, **headers):
    return answered(200, {"id": "x", "members": list(members)}, **headers)


@pytest.fixture
def course(database, world):
    """A course with an instructor and two learners who have come, and a roster to read."""
    world.build(learners=2)
    with database.transaction() as session:
        found = session.get_one(Course, world.course.id)
        found.roster_url = f"{found.deployment.platform.issuer}/members?type_id=1"
        world.course = found
        now = db.now(session)
        session.execute(update(Membership).values(seen_at=now - MINUTE))
        rosters.ask(session, found, now)
    return world


@pytest.fixture
def everybody(course):
    """What a roster says of those who have come."""
    teacher = member(course.teacher.subject, "Instructor")
    return [teacher, *(member(person.subject) for person in course.people)]


@pytest.fixture
def read(database, services, client):
    """Have the next due roster read, with these answers; return whether one was due."""

    def once(*answers):
        client.answers = list(answers)
        return roster.refresh(database, services)

    return once


@pytest.fixture
def members(database, course):
    """The memberships by the people's subjects."""

    def look():
        with database.transaction(read_only=True) as session:
            found = session.scalars(
                select(Membership).where(Membership.course_id == course.course.id)
            )
            return {one.person.subject: one for one in found}

    return look


@pytest.fixture
def row(database, course):
    """How reading goes."""

    def look():
        with database.transaction(read_only=True) as session:
            return session.scalars(select(Roster)).one()

    return look


@pytest.fixture
def later(database):
    """Let time pass for the roster and for those who have come."""

    def pass_by(length):
        with database.transaction() as session:
            found = session.scalars(select(Roster)).one()
            for name in ("due_at", "watch_at", "read_at", "whole_at"):
                if getattr(found, name):
                    setattr(found, name, getattr(found, name) - length)

    return pass_by


def test_a_roster_is_asked_for_with_its_own_scope_and_type(read, client, everybody):
    assert read(listed(*everybody))
    ((method, url, headers, _),) = client.sent
    assert (method, headers["Accept"]) == ("GET", ROSTER_TYPE)
    assert url.endswith("/members?type_id=1&limit=100")
    assert client.asked[0][1]["scope"] == SCOPE_ROSTER


def test_the_people_of_one_link_are_asked_for_by_rlid_and_never_twice(services, client, platform):
    message = {"message_type": "x", CUSTOM: {"group": "7", "odd": 7}}
    url = f"{platform.issuer}/members?rlid=their+own&x="
    client.answers = [listed(member("a", message=[message])), listed(member("b", message="x"))]
    (found,) = nrps.read(services, platform, f"{platform.issuer}/members", link_key="l&1").members
    nrps.read(services, platform, url, link_key="l&1")

    assert found.custom == {"group": "7", "odd": ""}
    assert client.sent[0][1].endswith("/members?limit=100&rlid=l%261")
    assert client.sent[1][1] == f"{url}&limit=100"


def test_learners_are_known_by_name_before_they_come(read, members, everybody):
    read(listed(*everybody, member("new", name="Nia New (synthetic)", email="n@example.org")))
    found = members()["new"]
    assert (found.role, found.active, found.number) == (Role.LEARNER, True, 3)
    assert (found.person.name, found.person.email) == ("Nia New (synthetic)", "n@example.org")


def test_s10_people_of_every_page_are_read_through_moodles_quotation_marks(
    read, members, everybody, client, course
):
    lms = course.course.deployment.platform.issuer
    following = f"<{lms}/members?From=1&limit=100>; rel=“next”"
    read(listed(*everybody, link=following), listed(member("second page")))
    assert "second page" in members()
    assert client.sent[1][1] == f"{lms}/members?From=1&limit=100"


def test_roles_are_told_apart_here_whatever_the_lms_was_asked(read, members, everybody):
    lis = "http://purl.imsglobal.org/vocab/lis/v2/"
    roles = {
        "ta": lis + "membership/Instructor#TeachingAssistant",
        "faculty": lis + "institution/person#Faculty",
        "test": lis + "system/person#TestUser",
        "mentor": "Mentor",
    }
    read(listed(*everybody, *(member(name, role) for name, role in roles.items())))
    found = members()
    assert found["ta"].role is Role.TA
    assert not {"faculty", "test", "mentor"} & set(found)


def test_s20_a_roster_without_names_takes_no_name_away(read, members, everybody, course):
    read(listed(*everybody, member("nameless")))
    found = members()
    assert found[course.people[0].subject].person.name == "Person 1 (synthetic)"
    assert found["nameless"].person.name == ""


@pytest.mark.parametrize("listed_as", ["Learner", "Mentor"])
def test_whoever_came_as_staff_stays_staff_whatever_the_roster_says(
    read, members, everybody, course, listed_as
):
    everybody[0] = member(course.teacher.subject, listed_as)
    read(listed(*everybody))
    assert members()[course.teacher.subject].role is Role.INSTRUCTOR


def test_whom_the_roster_called_staff_and_calls_a_learner_now_is_a_learner(
    read, members, everybody, course, later
):
    read(listed(*everybody))
    later(timedelta(days=2))
    read(listed(member(course.teacher.subject), *everybody[1:]))
    assert members()[course.teacher.subject].role is Role.LEARNER


def test_who_is_staff_no_more_loses_the_pages_that_are_open_as_staff(
    app, read, everybody, course, later
):
    staff = course.enter(app, course.teacher, Role.INSTRUCTOR)
    read(listed(*everybody))
    assert staff.get("/peer_review/").status_code == 200
    later(timedelta(days=2))
    read(listed(member(course.teacher.subject), *everybody[1:]))
    assert staff.get("/peer_review/").status_code == 401


def test_whoever_came_as_staff_after_the_roster_was_asked_for_stays_staff(
    database, read, members, everybody, course, later
):
    read(listed(*everybody))
    later(timedelta(days=2))

    def launch_meanwhile():
        with database.transaction() as session:
            mine = Membership.person_id == course.teacher.id
            session.execute(update(Membership).where(mine).values(seen_at=db.now(session)))
        return listed(member(course.teacher.subject), *everybody[1:])

    read(launch_meanwhile)
    assert members()[course.teacher.subject].role is Role.INSTRUCTOR


def test_whoever_has_not_come_is_what_the_roster_says_now(read, members, everybody, later):
    read(listed(*everybody, member("ada")))
    later(timedelta(days=2))
    read(listed(*everybody, member("ada", "Instructor")))
    assert members()["ada"].role is Role.INSTRUCTOR


@pytest.fixture
def opened(database, app, course):
    """A learner's visit that is open, and the same browser's next request."""
    inside = course.enter(app, course.people[0])
    assert inside.get("/peer_review/").status_code == 200
    return inside


@pytest.mark.parametrize("status", ["Inactive", "Deleted", "absent"])
def test_s19_who_leaves_keeps_their_work_and_loses_access_at_once(
    read, members, everybody, course, opened, status
):
    gone = course.people[0].subject
    rest = [one for one in everybody if one["user_id"] != gone]
    read(listed(*rest, *([] if status == "absent" else [member(gone, status=status)])))

    assert not members()[gone].active
    assert opened.get("/peer_review/").status_code == 401
    assert members()[course.people[1].subject].active


def test_s19_who_is_enrolled_again_is_active_again(read, members, everybody, course, later):
    gone = course.people[0].subject
    read(listed(*[one for one in everybody if one["user_id"] != gone]))
    later(timedelta(days=2))
    read(listed(*everybody))
    assert members()[gone].active


def test_l21_no_roster_brings_back_who_is_blocked(database, read, members, everybody, course):
    one = course.people[0]
    with database.transaction() as session:
        blocking.block(session, "kim", session.get_one(Person, one.id))
        platform = session.get_one(Platform, one.platform_id)
        stranger = Person(
            platform=platform, subject="77", created_at=factories.NOW,
            blocked_at=factories.NOW,
        )  # fmt: skip
        session.add(stranger)
    read(listed(*everybody, member("77")))
    found = members()
    assert [found[key].active for key in (one.subject, "77", course.people[1].subject)] == [
        False, False, True,
    ]  # fmt: skip


def test_who_launches_while_the_roster_is_read_stays(database, read, members, everybody, course):
    late = course.people[0]

    def launch_meanwhile():
        with database.transaction() as session:
            found = session.scalars(select(Membership).where(Membership.person_id == late.id))
            found.one().seen_at = db.now(session)
        return listed(*[one for one in everybody if one["user_id"] != late.subject])

    read(launch_meanwhile)
    assert members()[late.subject].active


def test_an_administrator_whom_no_roster_names_keeps_access(read, members, everybody, course):
    read(listed(*everybody[1:]))
    assert members()[course.teacher.subject].active


def test_an_instructor_whom_a_roster_named_and_names_no_more_has_left(
    read, members, everybody, course, later
):
    read(listed(*everybody))
    later(timedelta(days=2))
    read(listed(*everybody[1:]))
    assert not members()[course.teacher.subject].active


def test_an_empty_list_changes_nothing_and_says_so(read, members, row):
    read(listed())
    assert all(one.active for one in members().values())
    assert "nobody in it" in row().problem


@pytest.mark.parametrize(
    "broken", [answered(500), answered(200, b"<html>"), answered(200, {"members": {}})]
)
def test_half_a_roster_is_none(read, members, everybody, row, course, broken):
    following = f'<{course.course.deployment.platform.issuer}/members?from=1>; rel="next"'
    read(listed(*everybody[:1], member("new"), link=following), broken)
    assert "new" not in members()
    assert all(one.active for one in members().values())
    assert (row().faults, row().read_at, row().leased_until) == (1, None, None)


@pytest.mark.parametrize(
    "junk",
    [
        None,
        7,
        {},
        {"user_id": 7},
        {"user_id": ""},
        {"user_id": "x" * 256},
        {"user_id": "a\0b"},
        {"user_id": "r", "roles": "Learner"},
    ],
)
def test_what_names_nobody_is_passed_over(read, members, everybody, junk):
    before = set(members())
    read(listed(junk, *everybody))
    assert set(members()) == before


def test_only_what_has_changed_is_asked_for_where_the_lms_offers_it(
    read, members, everybody, client, course, later, opened
):
    lms = course.course.deployment.platform.issuer
    since = f'<{lms}/members?Since=A1>; rel="differences"'
    read(listed(*everybody, link=since))
    later(12 * 60 * MINUTE)
    gone = member(course.people[0].subject, status="Deleted")
    read(listed(gone, member("new")))

    assert client.sent[1][1] == f"{lms}/members?Since=A1"
    assert not members()[course.people[0].subject].active
    assert members()["new"].active
    assert members()[course.people[1].subject].active


def test_everybody_is_read_where_the_differences_are_refused(
    read, members, everybody, client, course, later, opened
):
    lms = course.course.deployment.platform.issuer
    read(listed(*everybody, link=f'<{lms}/members?since=A1>; rel="differences"'))
    later(12 * 60 * MINUTE)
    read(answered(410), listed(*everybody, member("new")))
    assert "new" in members()
    assert "since" not in client.sent[2][1]


def test_a_course_in_use_is_read_every_ten_minutes_and_a_quiet_one_is_not(
    read, everybody, later, opened
):
    read(listed(*everybody))
    later(9 * MINUTE)
    assert not read()
    later(2 * MINUTE)
    assert read(listed(*everybody))


def test_a_course_that_nobody_has_open_is_read_once_a_day(database, read, everybody, later):
    read(listed(*everybody))
    later(timedelta(hours=23))
    assert not read()
    later(timedelta(hours=1))
    assert read(listed(*everybody))


def test_asking_reads_at_once_but_not_twice_in_half_a_minute(
    database, read, everybody, course, later
):
    read(listed(*everybody))

    def ask():
        with database.transaction() as session:
            rosters.ask(session, course.course, db.now(session))

    ask()
    assert not read()
    later(MINUTE)
    ask()
    assert read(listed(*everybody))


def test_two_workers_do_not_read_the_same_roster(database, services, client, read, everybody):
    answers = []

    def meanwhile():
        answers.append(roster.refresh(database, services))
        return listed(*everybody)

    client.answers = [meanwhile]
    assert roster.refresh(database, services)
    assert answers == [False]


def test_a_worker_that_dies_while_reading_is_followed_by_another(
    database, services, client, read, everybody
):
    client.answers = [SystemExit()]
    with pytest.raises(SystemExit):
        roster.refresh(database, services)
    assert not read()
    with database.transaction() as session:
        session.scalars(select(Roster)).one().leased_until -= roster.LEASE
    assert read(listed(*everybody))


@pytest.mark.parametrize(
    ("fault", "minutes"),
    [(Unreachable("away"), 1), (answered(503), 1), (answered(429, retry_after="180"), 3)],
)
def test_an_lms_that_is_away_is_asked_again_soon(database, read, row, fault, minutes):
    read(fault)
    with database.transaction(read_only=True) as session:
        wait = row().due_at - db.now(session)
    assert minutes * 60 - 5 <= wait.total_seconds() <= minutes * 60
    assert row().problem == roster.AWAY


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_s07_a_tool_that_may_not_read_rosters_says_so_and_does_not_hammer(
    database, read, row, status
):
    read(answered(status), answered(status))
    assert "Names and Role" in row().problem
    assert row().due_at - row().watch_at == timedelta(0)
    with database.transaction(read_only=True) as session:
        assert row().due_at - db.now(session) > timedelta(hours=5)


def test_s07_an_lms_that_gives_no_token_for_rosters_is_named(client, read, row):
    client.tokens = [answered(400, {"error": "invalid_scope"})]
    read()
    assert "(400)" in row().problem


def test_n4_a_roster_on_a_foreign_host_gets_no_request(database, client, read, row, course):
    with database.transaction() as session:
        session.get_one(Course, course.course.id).roster_url = "https://evil.example/members"
    read()
    assert (client.asked, client.sent) == ([], [])
    assert "evil.example" in row().problem


def test_the_roster_of_an_lms_that_is_switched_off_is_not_read(database, client, read, row):
    with database.transaction() as session:
        session.scalars(select(Platform)).one().state = Standing.DISABLED
    read()
    assert (client.sent, row().problem) == ([], roster.INACTIVE)


def test_a_page_sees_how_many_are_expected_and_how_old_that_is(database, read, everybody, course):
    course.activity.course = course.course
    visit = factories.visit(course.teacher, course.activity, Role.INSTRUCTOR)
    read(listed(*everybody, *(member(f"n{n}") for n in range(22))))
    with database.transaction(read_only=True) as session:
        seen = rosters.view(session, visit)
        assert len(queries.learners(session, visit)) == 24
    assert (seen.learners, seen.not_yet_here, seen.problem) == (24, 22, "")
    assert (seen.available, seen.reading) == (True, False)


def test_a_course_of_an_lms_without_rosters_says_that_there_is_none(database, world):
    world.build()
    visit = factories.visit(world.teacher, world.activity, Role.INSTRUCTOR)
    with database.transaction() as session:
        rosters.ask(session, world.course, db.now(session))
        seen = rosters.view(session, visit)
    assert (seen.available, seen.reading, seen.read_at) == (False, False, None)


def test_tn1_the_same_person_in_two_lms_is_two_people(database, read, everybody, course, members):
    with database.transaction() as session:
        other = factories.course(session)
        factories.person(session, other, subject="twin", name="Somebody else (synthetic)")
    read(listed(*everybody, member("twin", name="Twin (synthetic)")))
    with database.transaction(read_only=True) as session:
        named = {
            one.name for one in session.scalars(select(Person).where(Person.subject == "twin"))
        }
    assert named == {"Twin (synthetic)", "Somebody else (synthetic)"}


def test_a_roster_of_two_thousand_is_kept_with_few_statements(database, read, everybody):
    seen = []

    def note(*said):
        seen.append(said[2])

    event.listen(database.engine, "before_cursor_execute", note)
    read(listed(*everybody, *(member(f"p{number}") for number in range(2_000))))
    event.remove(database.engine, "before_cursor_execute", note)
    assert len(seen) < 60
