"""Every published activity is turned, in a transaction of its own."""

from datetime import timedelta

import factories
import pytest
from flask import Blueprint
from sqlalchemy import select

from lti_peer.activities import registry
from lti_peer.activities.kind import ActivityKind
from lti_peer.core.models import Activity, ActivityState
from lti_peer.jobs import timers

BASE_URL = "https://tool.example"


def mark(_session, activity, now, _base_url):
    """Note in the activity that it was turned, and when; fall over the one called poison."""
    activity.instructions = now.isoformat()
    if activity.title == "poison":
        raise ValueError("a fault in one activity")


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    pages = Blueprint("marked", __name__)
    kind = ActivityKind(
        "marked", "Marked", "", pages, "", "", (), prepare=lambda *_: None, turn=mark
    )
    monkeypatch.setattr(registry, "KINDS", (kind,))


@pytest.fixture
def activities(database):
    """Store activities of a course, one for each title."""

    def store(*titles, kind="marked", state=ActivityState.PUBLISHED):
        with database.transaction() as session:
            where = factories.course(session)
            for number, title in enumerate(titles):
                at = factories.NOW + timedelta(seconds=number)
                activity = factories.activity(session, where, kind, title=title)
                activity.state, activity.created_at = state, at

    return store


@pytest.fixture
def turned(database):
    """Read which activities were turned, by their titles."""

    def read():
        with database.transaction(read_only=True) as session:
            return {one.title for one in session.scalars(select(Activity)) if one.instructions}

    return read


def test_every_published_activity_is_turned(database, activities, turned):
    activities("a", "b")
    assert timers.turn(database, factories.NOW, BASE_URL) == 2
    assert turned() == {"a", "b"}


@pytest.mark.parametrize("state", [ActivityState.DRAFT, ActivityState.ARCHIVED])
def test_a_draft_and_an_archived_activity_stay_as_they_are(database, activities, turned, state):
    activities("a", state=state)
    timers.turn(database, factories.NOW, BASE_URL)
    assert turned() == set()


def test_a_fault_in_one_activity_stops_no_other_and_leaves_nothing(database, activities, turned):
    activities("a", "poison", "b")
    assert timers.turn(database, factories.NOW, BASE_URL) == 2
    assert turned() == {"a", "b"}


def test_an_activity_of_a_kind_that_this_version_has_not_is_left_alone(
    database, activities, turned
):
    activities("a", kind="from_the_future")
    assert timers.turn(database, factories.NOW, BASE_URL) == 0
    assert turned() == set()
