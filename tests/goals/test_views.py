import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_peer.activities import registry
from lti_peer.core.audit import AuditEntry
from lti_peer.core.groups import CourseGroup
from lti_peer.core.models import Activity, Role
from lti_peer.goals import measures
from lti_peer.goals.models import Goal, Metric
from xapi.vocabulary import LAUNCHED

PAST = datetime.now(UTC) - timedelta(hours=2)
"""The pages go by the real clock."""
FORM = {"measure": "reviewed", "amount": "3", "target": "80", "due": "2026-12-04T23:59"}


@pytest.fixture
def staff(app, told):
    """The instructor's client, where five of six have opened the activity."""
    for who in range(5):
        told.say(who, LAUNCHED, at=PAST)
    told.session.commit()
    return told.world.enter(app, told.world.teacher)


@pytest.fixture
def wanted(staff, told):
    """A goal whose date has been: four of five of all have opened it."""
    goal = told.want(Metric.OPENED, 0.8, due=PAST + timedelta(hours=1))
    told.session.commit()
    return goal


def goals(told):
    with told.world.database.transaction(read_only=True) as session:
        return session.scalars(select(Goal)).all()


@pytest.mark.parametrize(
    "path", ["/goals/", "/goals/runs", "/goals/goals.csv", "/goals/new?measure=opened"]
)
def test_goals_are_for_staff_alone(app, told, path):
    told.session.commit()
    for role in (Role.LEARNER, Role.PREVIEW, Role.DESIGNER):
        inside = told.world.enter(app, told.world.people[0], role)
        assert inside.get(path).status_code == 403


@pytest.mark.parametrize("kind", [kind.name for kind in registry.KINDS])
def test_every_kind_has_goals_and_a_form_for_each_measure(app, world, kind):
    staff = (world := world.build(kind)).enter(app, world.teacher)
    assert f'href="{staff.root}/goals/"' in staff.get(f"/{kind}/", follow_redirects=True).text
    page = staff.get("/goals/").text
    assert "Choose below what matters to you" in page
    for metric in measures.offered(kind):
        assert f'href="{staff.root}/goals/new?measure={metric}"' in page
        assert staff.get(f"/goals/new?measure={metric}").status_code == 200


def test_a_goal_is_set_changed_and_removed_and_the_history_keeps_it(staff, told):
    page = staff.post("/goals/new", FORM, follow_redirects=True).text
    assert "At least 80 % of all learners give 3 reviews" in page
    assert "So far 0 of 6 learners, 0\xa0%; most likely between 0\xa0% and 31\xa0%, from 6" in page
    goal = goals(told)[0]
    assert 'value="80"' in staff.get(f"/goals/{goal.id}").text
    staff.post(f"/goals/{goal.id}", {**FORM, "target": "50"})
    assert goals(told)[0].target == 0.5
    staff.post(f"/goals/{goal.id}/remove")
    assert goals(told) == []
    with told.world.database.transaction(read_only=True) as session:
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.at)).all()
    assert acts == ["set_goal", "changed_goal", "removed_goal"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", "0"), ("target", "101"), ("due", "soon"), ("due", "2099-01-01T00:00"),
     ("group", "gone")],
)  # fmt: skip
def test_a_form_with_a_fault_comes_back_with_all_that_was_typed(staff, told, field, value):
    answer = staff.post("/goals/new", {**FORM, "target": "66", field: value})
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert 'value="66"' in answer.text or field == "target"
    assert goals(told) == []


def test_the_same_goal_for_the_same_date_is_not_set_twice(staff, told):
    staff.post("/goals/new", FORM)
    answer = staff.post("/goals/new", {**FORM, "target": "90"})
    assert answer.status_code == 422
    assert "has this goal for that date already" in answer.text
    assert len(goals(told)) == 1


def test_a_group_of_the_lms_can_be_chosen_and_its_name_is_kept(staff, told):
    ours = {"deployment_id": told.visit.deployment_id, "course_id": told.activity.course_id}
    told.session.add(CourseGroup(**ours, key="g1", name="Tuesday"))
    told.session.commit()
    page = staff.get("/goals/new?measure=opened").text
    assert '<option value="g1">Tuesday</option>' in page
    staff.post("/goals/new", {**FORM, "group": "g1"})
    (goal,) = goals(told)
    assert (goal.group_key, goal.group_name) == ("g1", "Tuesday")


def test_a_goal_of_another_activity_is_not_there(staff, told, world):
    other = type(world)(world.database).build(learners=1)
    foreign = told.want(Metric.OPENED, 0.5, activity=told.session.get(Activity, other.activity.id))
    told.session.commit()
    for act in ("", "/remove"):
        assert staff.post(f"/goals/{foreign.id}{act}", FORM).status_code == 404
    assert staff.get("/goals/new?measure=taught").status_code == 404


def test_a_page_of_goals_names_nobody_and_its_picture_has_a_table_and_words(staff, wanted):
    page = staff.get("/goals/").text
    assert "(synthetic)" not in page
    (article,) = re.findall(r"<article.*?</article>", page, re.DOTALL)
    assert '<svg class="chart' in article
    assert "<table" in article
    assert "5 of 6 learners, 83\xa0%; most likely between 50\xa0% and 96\xa0%" in page
    assert "Reached" in page


def test_a_file_has_raw_values(staff, wanted):
    for path in ("/goals/goals.csv", "/goals/runs.csv"):
        row = next(csv.DictReader(io.StringIO(staff.get(path).data.decode("utf-8-sig"))))
        assert (row["Measure"], row["State"]) == ("opened", "reached")
        assert (row["Did it"], row["Out of"]) == ("5", "6")
        assert float(row["Came to"]) == pytest.approx(5 / 6)
