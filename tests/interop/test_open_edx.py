"""Launch, deep linking, tokens and grades with Open edX's LTI consumer, which none of us wrote."""

import pytest
from sqlalchemy import select

from lti_peer.core.grades import Grade, GradeState
from lti_peer.core.models import LineItem, Membership, Person, Platform, Role

pytestmark = pytest.mark.one_database


def rows(found, table):
    with found.database.transaction(read_only=True) as session:
        return session.scalars(select(table)).all()


def test_an_instructor_chooses_an_activity_and_the_platform_takes_it(round_trip):
    page = round_trip.place()
    (item,) = round_trip.platform.told("state")["chosen"]

    assert "1 chosen" in page.text
    assert (item["type"], item["lineItem"]["tag"]) == ("ltiResourceLink", "work")


def test_a_learner_and_staff_launch_what_was_chosen(round_trip):
    round_trip.place()
    pages = [round_trip.open("ada"), round_trip.open("tess", "staff")]

    assert [page.status_code for page in pages] == [200, 200]
    assert all("/peer_review" in page.url for page in pages)
    assert "/grades" in pages[1].text
    assert {person.subject: person.name for person in rows(round_trip, Person)} == {
        "ada": "Ada Example (synthetic)",
        "tess": "Tess Example (synthetic)",
    }


def test_a_role_that_the_platform_calls_instructor_is_staff(round_trip):
    round_trip.place()
    round_trip.open("ivo", "instructor")
    round_trip.open("ada", "student")

    roles = {one.person.subject: one.role for one in rows(round_trip, Membership)}
    assert (roles["ivo"], roles["ada"]) == (Role.INSTRUCTOR, Role.LEARNER)


def test_grades_stand_in_the_columns_of_the_platform(round_trip):
    round_trip.place()
    round_trip.open("ada")
    round_trip.post("ada", 0.75)
    round_trip.post("ada", 0.8, "reviewing")

    scores = round_trip.platform.told("state")["scores"]
    found = {one["line_item__tag"]: (one["user_id"], one["score_given"]) for one in scores}
    assert found == {"work": ("ada", 15.0), "reviewing": ("ada", 4.0)}
    assert {grade.state for grade in rows(round_trip, Grade)} == {GradeState.SENT}


def test_a_later_grade_replaces_an_earlier_one(round_trip):
    round_trip.place()
    round_trip.open("ada")
    for share in (0.25, 0.5, 1.0):
        round_trip.post("ada", share)

    (score,) = round_trip.platform.told("state")["scores"]
    assert (score["score_given"], score["grading_progress"]) == (20.0, "FullyGraded")
    assert score["comment"] == "Well done."


def test_the_column_that_came_with_the_block_is_known_from_its_launch(round_trip):
    round_trip.place()
    round_trip.open("ada")

    (item,) = rows(round_trip, LineItem)
    assert item.url.startswith(f"{round_trip.platform.url}/api/lti_consumer/v1/lti/")


def test_a_second_column_is_made_once(round_trip):
    round_trip.place()
    round_trip.open("ada")
    for share in (0.2, 0.4):
        round_trip.post("ada", share, "reviewing")

    columns = round_trip.platform.told("state")["columns"]
    assert [one["tag"] for one in columns] == ["work", "reviewing"]


def test_the_platform_is_known_by_its_launch_though_it_names_no_family(round_trip):
    round_trip.place()
    (platform,) = rows(round_trip, Platform)
    assert platform.last_launch_at is not None
