"""Sandboxes are made once, made anew when the activity changes, and cleared away."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import factories
import pytest
from sqlalchemy import delete, func, select, update

from lti_peer.core import audit, db, news
from lti_peer.core.models import Activity, ActivityState, Membership, Person, Role
from lti_peer.core.outbox import Channel, OutboxItem
from lti_peer.core.rosters import Listing
from lti_peer.jobs import timers
from lti_peer.lti import membership
from lti_peer.lti.nrps import Member
from lti_peer.peerwork import phases
from lti_peer.peerwork.feedback import Feedback
from lti_peer.peerwork.submissions import Submission
from lti_peer.previews import making, service
from lti_peer.previews.models import Sandbox
from lti_peer.rules.phases import Window
from lti_peer.web import visits
from lti_peer.web.visits import Guest


def test_a_preview_comes_back_into_the_sandbox_that_it_left(trial):
    first, second = trial.launch(), trial.launch(days=3)
    assert first.activity.id == second.activity.id
    assert trial.session.scalars(select(Sandbox)).one().used_at > db.now(trial.session)


def test_what_staff_have_changed_since_is_in_a_fresh_sandbox(trial):
    first = trial.launch()
    trial.origin.instructions = "Now write about something else."
    audit.note(trial.session, replace(trial.staff, now=db.now(trial.session)), "changed_settings")
    second = trial.launch()
    assert second.activity.instructions == "Now write about something else."
    assert trial.sandboxes() == {second.course.id} != {first.course.id}


def test_what_staff_do_for_their_people_leaves_a_sandbox_as_it_is(trial):
    first = trial.launch()
    for act in making.ABOUT_PEOPLE:
        audit.note(trial.session, replace(trial.staff, now=db.now(trial.session)), act)
    assert trial.launch().activity.id == first.activity.id


def test_a_sandbox_begins_with_the_dates_of_the_activity(trial):
    made = trial.launch().activity
    assert phases.dates(trial.session, made) == phases.dates(trial.session, trial.origin)
    assert (made.state, made.resource_link_key) == (ActivityState.DRAFT, None)


def test_who_comes_in_the_midst_finds_done_what_is_done_by_then(trial):
    due = phases.dates(trial.session, trial.origin)["submit"].due
    guest = trial.launch(days=(due - db.now(trial.session)).days + 2)
    works = trial.session.scalars(select(Submission).filter_by(activity_id=guest.activity.id)).all()
    assert trial.teacher.id in {one.author_id for one in works}
    made = phases.dates(trial.session, guest.activity)
    assert made == phases.dates(trial.session, trial.origin)


def test_a_stage_that_was_closed_within_seconds_is_played_all_the_same(trial):
    now = db.now(trial.session)
    begun, over = now - timedelta(seconds=9), now - timedelta(seconds=8)
    windows = {"submit": Window(None, begun, begun), "review": Window(begun, over, over)}
    phases.set_dates(trial.session, trial.origin, windows)
    guest = trial.launch()
    given = trial.session.scalars(select(Feedback).filter_by(activity_id=guest.activity.id)).all()
    assert {one.author_id for one in given} - {trial.teacher.id}


def test_two_people_try_the_same_activity_apart(trial):
    one, other = trial.launch(), trial.launch(trial.session.merge(trial.world.people[0]))
    people = select(Membership.person_id).where(Membership.course_id == one.course.id)
    assert one.course.id != other.course.id
    assert other.person.id not in trial.session.scalars(people).all()


def test_two_launches_at_once_come_into_one_sandbox(world, database):
    world.build("teaching")

    def launch(_):
        with database.transaction() as session:
            activity = session.get_one(Activity, world.activity.id)
            teacher = session.get_one(Person, world.teacher.id)
            guest = Guest(teacher, activity.course, Role.PREVIEW, activity)
            return service.admit(session, guest, "https://tool.example").activity.id

    with ThreadPoolExecutor(4) as several:
        assert len(set(several.map(launch, range(4)))) == 1


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_a_sandbox_that_nobody_uses_is_cleared_away_with_its_people(trial):
    people = count(trial.session, Person)
    made = trial.launch().course.id
    later = db.now(trial.session) + making.UNUSED
    assert making.over(trial.session, later - timedelta(minutes=1)) == []
    assert making.over(trial.session, later + timedelta(minutes=1)) == [made]
    making.forget(trial.session, made)
    assert (trial.sandboxes(), count(trial.session, Person)) == (set(), people)


@pytest.mark.parametrize("gone", ["the activity", "the person"])
def test_a_sandbox_goes_with_its_activity_or_its_owner_and_takes_nobody_real_along(trial, gone):
    people = count(trial.session, Person)
    made = trial.launch().course.id
    table, row = (Activity, trial.origin) if gone == "the activity" else (Person, trial.teacher)
    trial.session.execute(delete(table).where(table.id == row.id))
    assert making.over(trial.session, db.now(trial.session)) == [made]
    making.forget(trial.session, made)
    left = people - (gone == "the person")
    assert (trial.sandboxes(), count(trial.session, Person)) == (set(), left)


def test_no_course_of_an_lms_is_ever_forgotten_as_a_sandbox(trial):
    making.forget(trial.session, trial.origin.course_id)
    assert count(trial.session, Activity) == 1


def test_clearing_is_done_with_the_timers(trial, database):
    trial.launch()
    trial.session.commit()
    timers.turn(database, db.now(trial.session) + timedelta(days=8), "https://tool.example")
    assert trial.sandboxes() == set()


def test_who_has_left_the_course_has_left_its_sandbox(trial):
    guest = trial.launch()
    record = visits.begin(trial.session, guest).record
    trial.session.flush()
    begun = db.now(trial.session) + timedelta(seconds=1)
    trial.session.execute(update(Membership).values(seen_at=begun - timedelta(hours=1)))
    gone = Member(trial.teacher.subject, Role.INSTRUCTOR, Listing.INACTIVE)
    membership.keep(trial.session, trial.origin.course, [gone], begun, whole=False)
    trial.session.refresh(record)
    assert record.ends_at == begun


def test_news_of_a_sandbox_is_told_to_nobody(trial):
    inside = trial.launch().course
    for course in (inside, trial.origin.course):
        for channel in Channel:
            news.tell(trial.session, course, channel, f"{channel}", {})
    trial.session.flush()
    assert len(trial.session.scalars(select(OutboxItem)).all()) == 2


def test_nothing_comes_into_the_outbox_but_through_the_gate():
    root = Path(news.__file__).parents[1]
    users = {one.name for one in root.rglob("*.py") if "outbox.put(" in one.read_text()}
    assert users == {"news.py"}


def test_of_two_clicks_on_start_over_at_once_the_second_changes_nothing(trial):
    guest = trial.launch()
    record = visits.begin(trial.session, guest).record
    trial.session.flush()
    visit = replace(factories.visit(guest.person, guest.activity), id=record.id)
    service.start_over(trial.session, visit)
    made = trial.sandboxes()
    service.start_over(trial.session, visit)
    assert trial.sandboxes() == made
