"""A copied link offers its settings to staff, with later dates, and never the people (TN5, TN6)."""

from datetime import UTC, datetime, timedelta

import factories
import pytest
from lti.minting import BASE_URL, LEARNER, MEMBERSHIP
from sqlalchemy import select

from lti_peer.activities.peer_review.settings import RUBRIC
from lti_peer.activities.teaching.models import Topic
from lti_peer.core.copies import ActivityOrigin, CourseCopy
from lti_peer.core.models import Activity, ActivityState, Deployment, Membership, Role
from lti_peer.goals.models import Goal, Metric
from lti_peer.lti import copying
from lti_peer.peerwork import feedback, phases
from lti_peer.peerwork.submissions import Submission
from lti_peer.rules.phases import Window

LAST_YEAR = datetime(2025, 11, 24, 22, 59, tzinfo=UTC)


@pytest.fixture
def last_year(wire):
    """Last year's course, with an activity, its people and their work."""
    with wire.database.transaction() as session:
        deployment = session.scalars(select(Deployment)).first()
        return factories.course(session, deployment=deployment, context_key="old-1")


@pytest.fixture
def origin(wire, last_year):
    """Last year's peer review."""
    with wire.database.transaction() as session:
        made = factories.activity(
            session, last_year, title="Essay", instructions="Write.", resource_link_key="old-link",
            settings={"reviews": 4},
        )  # fmt: skip
        dates = {"submit": Window(None, LAST_YEAR), "review": Window(LAST_YEAR, LAST_YEAR)}
        phases.set_dates(session, made, dates)
        feedback.set_rubric(session, made, RUBRIC[:1])
        feedback.set_rubric(session, made, RUBRIC)
        factories.person(session, last_year, name="Olga Old (synthetic)")
        return made


def copied(origin, **more):
    return {"custom": {"activity": str(origin.id), **more}}


def history(origin):
    return copied(origin, context_history="somewhere, old-1")


class Picker:
    """An instructor on the page that a copied link opens."""

    def __init__(self, wire, **over):
        login = wire.login()
        answer = wire.launch(login, **over)
        self.browser, self.where = login.browser, answer.headers["Location"]
        self.page = self.browser.get(self.where, base_url=BASE_URL).text

    def post(self, **fields):
        token = self.page.partition('name="csrf_token" value="')[2].partition('"')[0]
        path = self.where.partition("/deep-linking/")[0] + "/deep-linking/take-over"
        data = {"csrf_token": token, **fields}
        return self.browser.post(path, data=data, base_url=BASE_URL)


def made(wire, origin):
    return next(one for one in wire.all(Activity) if one.id != origin.id)


def test_tn6_a_copied_course_brings_settings_and_rubric_and_nobody(wire, origin):
    picker = Picker(wire, **history(origin))
    assert "Take over “Essay”" in picker.page
    answer = picker.post(weeks="52")

    new = made(wire, origin)
    assert answer.headers["Location"].endswith("/peer_review/settings")
    assert (new.kind, new.instructions, new.settings) == ("peer_review", "Write.", {"reviews": 4})
    assert (new.resource_link_key, new.state) == ("9", ActivityState.PUBLISHED)
    with wire.database.transaction(read_only=True) as session:
        assert feedback.rubric(session, new).parsed == RUBRIC
        assert session.scalars(select(Submission)).all() == []
    assert "Olga" not in picker.page


def test_dates_are_moved_by_whole_weeks_until_the_first_is_to_come(wire, origin):
    picker = Picker(wire, **history(origin))
    weeks = int(picker.page.partition('name="weeks" value="')[2].partition('"')[0])
    picker.post(weeks=str(weeks))

    with wire.database.transaction(read_only=True) as session:
        due = phases.dates(session, made(wire, origin))["submit"].due
    assert due == LAST_YEAR + timedelta(weeks=weeks)
    assert timedelta(0) < due - wire.now() <= timedelta(weeks=1)


def test_a_moved_date_keeps_its_time_of_day_over_the_change_of_clocks():
    winter = datetime(2026, 1, 12, 22, 59, tzinfo=UTC)  # a minute to midnight in Paris
    moved = copying.moved({"submit": Window(None, winter)}, 26, "Europe/Paris")["submit"].due
    assert moved.astimezone(UTC) == datetime(2026, 7, 13, 21, 59, tzinfo=UTC)


def test_moodle_needs_no_history_of_links_and_others_may_tell_one(wire, origin):
    custom = {"link_history": "x,old-link", "context_history": "old-1"}
    assert "Take over “Essay”" in Picker(wire, custom=custom).page


def test_a_copy_notice_is_word_enough(wire, origin, last_year):
    with wire.database.transaction() as session:
        session.add(
            CourseCopy(
                deployment_id=last_year.deployment_id, context_key="2", origin_key="old-1",
                told_at=factories.NOW,
            )
        )  # fmt: skip
    assert "Take over “Essay”" in Picker(wire, **copied(origin)).page


def teach(wire, course, role, **over):
    with wire.database.transaction() as session:
        person = factories.person(session, course, role, subject="7")
        member = session.scalars(select(Membership).where(Membership.person_id == person.id))
        for name, value in over.items():
            setattr(member.one(), name, value)


def test_who_teaches_both_courses_may_take_over_from_one_to_the_other(wire, origin, last_year):
    teach(wire, last_year, Role.INSTRUCTOR)
    assert "Take over “Essay”" in Picker(wire, **copied(origin)).page


@pytest.mark.parametrize("role", [Role.LEARNER, Role.MENTOR, Role.PREVIEW])
def test_tn5_the_id_of_another_course_alone_opens_nothing(wire, origin, last_year, role):
    teach(wire, last_year, role)
    page = Picker(wire, **copied(origin)).page
    assert "Essay" not in page
    assert "copied from another activity" in page


def test_tn5_who_has_left_the_other_course_gets_nothing_from_it(wire, origin, last_year):
    teach(wire, last_year, Role.INSTRUCTOR, active=False)
    assert "Essay" not in Picker(wire, **copied(origin)).page


def test_tn5_another_tenants_activity_is_not_offered_whatever_the_history_says(wire):
    with wire.database.transaction() as session:
        other = factories.course(session, context_key="old-1")
        origin = factories.activity(session, other, title="Secret essay")
    page = Picker(wire, **history(origin)).page
    assert "Secret" not in page
    assert wire.all(ActivityOrigin) == []


def test_tn6_learners_of_a_copied_course_see_neither_the_old_nor_the_new(wire, origin):
    answer = wire.launch(roles=[LEARNER], **history(origin))
    assert answer.status_code == 200
    assert "not set this up yet" in answer.text
    assert "Essay" not in answer.text


def test_a_duplicate_in_the_same_course_offers_the_settings_too(wire, origin, last_year):
    over = {"context": {"id": "old-1"}, **copied(origin)}
    assert "Take over “Essay”" in Picker(wire, **over).page


@pytest.mark.parametrize("weeks", ["", "-1", "521", "x", "9" * 5000, "²"])
def test_a_silly_number_of_weeks_is_refused(wire, origin, weeks):
    assert Picker(wire, **history(origin)).post(weeks=weeks).status_code == 422


def test_what_was_taken_over_once_is_not_offered_again(wire, origin):
    picker = Picker(wire, **history(origin))
    assert picker.post(weeks="0").status_code == 303
    assert picker.post(weeks="0").status_code == 409


def test_goals_come_along_with_later_dates_but_for_those_of_groups(wire, origin):
    wanted = {
        "deployment_id": origin.deployment_id, "activity_id": origin.id, "due_at": LAST_YEAR,
        "metric": Metric.HANDED_IN, "target": 0.8, "created_at": LAST_YEAR,
    }  # fmt: skip
    with wire.database.transaction() as session:
        session.add_all([Goal(**wanted), Goal(**wanted, group_key="g1", group_name="Tuesday")])
    Picker(wire, **history(origin)).post(weeks="52")
    (goal,) = [one for one in wire.all(Goal) if one.activity_id != origin.id]
    assert (goal.target, goal.group_key) == (0.8, "")
    assert goal.due_at == LAST_YEAR + timedelta(weeks=52)


def test_a_teach_back_brings_its_topics(wire, origin):
    with wire.database.transaction() as session:
        found = session.get_one(Activity, origin.id)
        found.kind, found.settings = "teaching", {}
        for position, retired in enumerate((False, True)):
            session.add(
                Topic(
                    deployment_id=found.deployment_id, activity_id=found.id, position=position,
                    title=f"Topic {position}", question="?", options=["a", "b"], right_option=1,
                    retired=retired,
                )
            )  # fmt: skip
    Picker(wire, **history(origin)).post(weeks="1")
    new = made(wire, origin)
    assert [one.title for one in wire.all(Topic) if one.activity_id == new.id] == ["Topic 0"]


def test_a_designer_may_take_over_as_well(wire, origin):
    designer = Picker(wire, roles=[MEMBERSHIP + "ContentDeveloper"], **history(origin))
    assert designer.post(weeks="1").status_code == 303
