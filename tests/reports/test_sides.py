from datetime import date, timedelta
from types import SimpleNamespace

import factories
import pytest

from lti_peer.core.copies import ActivityOrigin
from lti_peer.core.errors import Invalid
from lti_peer.core.groups import CourseGroup, CourseGroupMember
from lti_peer.core.models import Membership, Role
from lti_peer.reports import activity, choice, course, runs, taking_part
from lti_peer.reports.choice import Choice


@pytest.fixture
def grouped(busy, session):
    """The same class in two groups: red has the first three, blue the others."""
    deeds, made = busy.deeds, {}
    for name, people in (("blue", deeds.people[3:]), ("red", deeds.people[:3])):
        where = {"deployment_id": deeds.visit.deployment_id}
        group = CourseGroup(**where, course_id=deeds.visit.course.id, key=name, name=name.title())
        session.add(group)
        session.flush()
        session.add_all(
            CourseGroupMember(**where, group_id=group.id, person_id=one.id) for one in people
        )
        made[name] = group
    session.flush()
    return SimpleNamespace(deeds=deeds, **made)


def lines(figure, *keys):
    """Return a figure's rows, of each the first column and some others."""
    places = [[column.key for column in figure.table.columns].index(key) for key in keys]
    return {row[0]: tuple(row[place] for place in places) for row in figure.table.rows}


def test_groups_stand_side_by_side_in_an_activity(grouped, session):
    shown = activity.figures(session, grouped.deeds.visit)[activity.SIDES][0]
    told = lines(shown, "people", "handed_in", "gave", "given", "alone")
    assert told == {"Blue": (3, 1, 1, 1 / 3, 2), "Red": (3, 3, 3, 4 / 3, 0)}
    assert lines(shown, "wait", "score_work")["Red"] == (30, 0.25)


def test_groups_stand_side_by_side_in_a_course(grouped, session):
    shown = course.figures(session, grouped.deeds.visit)[1]
    assert lines(shown, "works", "reviews", "words") == {"Blue": (1, 1, 30), "Red": (3, 4, 70)}


def test_without_groups_and_copies_nothing_stands_beside_nothing(busy, session):
    shown = activity.figures(session, busy.deeds.visit)[activity.SIDES]
    assert [one.key for one in shown] == ["people"]


def test_a_group_is_counted_by_its_own_people_in_both_reports(grouped, session):
    deeds = grouped.deeds
    chosen = choice.read(session, deeds.visit, {"group": "red"})
    stages = {label: len(people) for label, people in taking_part.stages(deeds.facts(chosen))}
    row = lines(course.figures(session, deeds.visit, chosen)[0], "opened", "handed_in", "reviewed")
    assert row[deeds.activity.title] == (3, 3, 3)
    assert (stages["Opened it"], stages["Handed in"], stages["Reviewed"]) == (3, 3, 3)
    assert len(deeds.facts(chosen).names) == 3
    assert [one.key for one in course.figures(session, deeds.visit, chosen)] == ["activities"]


def test_days_leave_out_what_was_done_on_others(busy, session):
    deeds = busy.deeds  # works and one review on the 23rd, four reviews 30 hours later
    first = Choice(first=date(2026, 11, 23), last=date(2026, 11, 23))
    later = Choice(first=date(2026, 11, 24))
    told = [course.figures(session, deeds.visit, one)[0] for one in (first, later)]
    title = deeds.activity.title
    assert [lines(one, "given")[title] for one in told] == [(1,), (4,)]
    assert [len(deeds.facts(one).acts) for one in (first, later)] == [6, 4]
    assert [len(deeds.facts(one).work) for one in (first, later)] == [4, 0]


def test_a_day_is_one_of_the_viewers_zone(busy):
    day = {"first": date(2026, 11, 23), "last": date(2026, 11, 23)}
    there = busy.deeds.facts(Choice(**day, zone="Pacific/Auckland"))
    assert len(there.acts) == 5  # 11:00 in UTC, when one review was sent, is the next day there


@pytest.mark.parametrize(
    "said",
    [{"group": "green"}, {"first": "soon"}, {"last": "9999-12-31"},
     {"first": "2026-12-02", "last": "2026-12-01"}],
)  # fmt: skip
def test_a_choice_that_is_none_is_refused_with_a_sentence(grouped, session, said):
    with pytest.raises(Invalid):
        choice.read(session, grouped.deeds.visit, said)


@pytest.fixture
def copied(busy, session):
    """A copy of the activity in another course, in which the same teacher is staff."""
    deeds = busy.deeds
    there = factories.course(session, deployment=deeds.visit.course.deployment)
    copy = factories.activity(session, there, title="The same again")
    copy.created_at += timedelta(days=1)
    origin = {"activity_id": copy.id, "origin_id": deeds.activity.id}
    where = {"deployment_id": there.deployment_id}
    session.add(ActivityOrigin(**where, **origin, found_at=factories.NOW))
    mine = Membership(**where, course_id=there.id, person_id=deeds.teacher.id, number=0,
                      role=Role.INSTRUCTOR, seen_at=factories.NOW)  # fmt: skip
    session.add(mine)
    session.flush()
    return SimpleNamespace(deeds=deeds, copy=copy, mine=mine)


def test_runs_of_an_activity_stand_side_by_side(copied, session):
    visit = copied.deeds.visit
    shown = runs.runs(session, visit, runs.KEY, [visit.activity.id], Choice())
    assert [row[1] for row in shown.table.rows] == [6, 0]
    assert shown.table.rows[1][0].startswith("The same again")


def test_a_course_shows_the_runs_of_its_activities_and_none_of_those_without_a_copy(
    copied, session
):
    visit = copied.deeds.visit
    alone = factories.activity(session, visit.course, title="Alone")
    shown = course.figures(session, visit)[1]
    assert shown.key == "course-runs"
    assert [row[0].split(",")[0] for row in shown.table.rows] == ["An activity", "The same again"]
    assert alone.title in [row[0] for row in course.figures(session, visit)[0].table.rows]


def test_a_copy_of_a_copy_is_a_run_of_the_first(copied, session):
    visit = copied.deeds.visit
    third = factories.activity(session, visit.course, title="Third")
    origin = {"activity_id": third.id, "origin_id": copied.copy.id}
    where = {"deployment_id": visit.deployment_id}
    session.add(ActivityOrigin(**where, **origin, found_at=factories.NOW))
    session.flush()
    (family,) = runs.related(session, visit, [visit.activity.id, third.id])
    assert {one.id for one in family} == {visit.activity.id, copied.copy.id, third.id}


def test_a_run_in_a_course_of_others_is_not_shown(copied, session):
    visit, copied.mine.role = copied.deeds.visit, Role.LEARNER
    session.flush()
    assert runs.runs(session, visit, runs.KEY, [visit.activity.id], Choice()) is None


def test_a_file_has_what_was_chosen(grouped, app, session):
    session.commit()
    staff = grouped.deeds.world.enter(app, grouped.deeds.world.teacher)
    page = staff.get("/reports/?group=red").text
    assert f"{staff.root}/reports/people.csv?group=red" in page
    assert "Shown: Red" in page
    assert len(staff.get("/reports/people.csv?group=red").text.splitlines()) == 4
    assert staff.get("/reports/people.csv?group=green").status_code == 422
