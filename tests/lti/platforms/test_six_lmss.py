"""Registration, launch, deep linking and tokens with the manners of each LMS (lti.md 3)."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from lti_peer.core.models import Activity, LineItem, Person, Platform

pytestmark = pytest.mark.one_database


def rows(stage, table):
    with stage.database.transaction(read_only=True) as session:
        return session.scalars(select(table)).all()


def calls(stage, name):
    return [entry for entry in stage.lms.journal.after(0) if entry.name == name]


def test_the_tool_is_in_the_lms_and_the_lms_in_the_tool(stage):
    (platform,) = rows(stage, Platform)

    assert (platform.issuer, platform.client_id) == (stage.lms.issuer, stage.lms.tool.client_id)
    assert platform.audience == stage.lms.profile.audience
    assert stage.lms.tool.scopes == stage.lms.scopes


def test_an_instructor_adds_an_activity_by_deep_linking(stage, placed):
    (activity,) = rows(stage, Activity)

    assert placed.custom["activity"] == str(activity.id)
    assert [column.tag for column in stage.lms.gradebook.columns] == ["work"]


def test_a_learner_and_the_instructor_are_who_they_are(stage, placed):
    learner = stage.lms.learners[0]
    pages = [stage.launch(person, placed) for person in (learner, stage.lms.instructor)]
    people = {person.subject: person.name for person in rows(stage, Person)}

    assert [page.status_code for page in pages] == [200, 200]
    assert people == {each.id: each.name for each in (learner, stage.lms.instructor)}
    assert "/grades" in pages[1].text
    assert "/grades" not in pages[0].text


def test_a_launch_makes_known_what_the_lms_calls_itself(stage, placed):
    stage.launch(stage.lms.learners[0], placed)
    (platform,) = rows(stage, Platform)

    assert platform.family == stage.lms.profile.product.lower()


def test_the_column_that_came_with_the_activity_is_known_from_its_launch(stage, placed):
    stage.launch(stage.lms.learners[0], placed)
    (item,) = rows(stage, LineItem)
    column = stage.lms.gradebook.columns[0]

    tool = stage.lms.tool
    assert item.url == stage.lms.addresses.line_item("2", column.id, tool.deployment_id)


def test_an_assertion_is_made_for_whom_the_lms_wants(stage, placed):
    stage.launch(stage.lms.learners[0], placed)
    stage.post(stage.lms.learners[0], "work", 0.5)
    stage.deliver()
    asked = {(call.status, call.claims["aud"]) for call in calls(stage, "Access token")}

    wanted = stage.lms.profile.audience or stage.lms.addresses.token
    assert asked == {(200, wanted)}


def test_a_page_that_is_reloaded_goes_on_where_the_lms_lets_it(stage, placed):
    browser = stage.browser(stage.lms.learners[0])
    page = browser.launch(placed.id)

    assert browser.get(page.url).status_code == 200


@pytest.mark.parametrize("manners", ["moodle"], indirect=True)
def test_a_clock_that_is_five_minutes_ahead_is_said_with_the_difference(stage, placed):
    stage.lms.faults.begin("ahead")
    page = stage.launch(stage.lms.learners[0], placed)

    assert page.status_code == 401
    assert "by our clock" in page.text


def test_names_that_the_lms_keeps_to_itself_are_not_missed(stage, placed):
    stage.lms.faults.begin("nameless")
    page = stage.launch(stage.lms.learners[0], placed)

    assert page.status_code == 200
    assert [
        person.name for person in rows(stage, Person) if person.subject != stage.lms.instructor.id
    ] == [""]


def test_a_key_that_the_lms_has_changed_is_fetched_and_believed(stage, placed):
    stage.launch(stage.lms.learners[0], placed)
    stage.lms.rotate_key()

    assert stage.launch(stage.lms.learners[1], placed).status_code == 200


def test_an_lms_that_is_away_lets_people_in_whom_its_known_key_vouches_for(stage, placed):
    stage.launch(stage.lms.learners[0], placed)
    stage.lms.services_down = True

    assert stage.launch(stage.lms.learners[1], placed).status_code == 200


@pytest.mark.parametrize("manners", ["canvas"], indirect=True)
def test_two_client_ids_of_one_issuer_do_not_meet(stage, placed):
    first = stage.lms.tool
    stage.admit()
    second = stage.lms.tool
    stage.launch(stage.lms.learners[0], placed)
    link = stage.place()
    stage.launch(stage.lms.learners[0], link)

    assert (placed.client_id, link.client_id) == (first.client_id, second.client_id)
    assert (
        len({first.client_id, second.client_id, *(one.client_id for one in rows(stage, Platform))})
        == 2
    )
    people = rows(stage, Person)
    assert len([one for one in people if one.subject == stage.lms.learners[0].id]) == 2


@pytest.mark.parametrize("manners", ["canvas"], indirect=True)
def test_a_launch_that_the_lms_gives_once_is_refused_in_words(stage, placed):
    learner = stage.lms.learners[0]
    stage.launch(learner, placed)
    request = calls(stage, "Authentication request")[-1]
    page = stage.browser(learner).get(request.url)

    assert page.status_code == 401
    assert "opened once" in page.text


@pytest.mark.parametrize("manners", ["canvas", "sakai"], indirect=True)
def test_a_login_for_an_lms_with_storage_asks_it_first_and_goes_on(stage, placed):
    stage.launch(stage.lms.learners[0], placed)
    begun = calls(stage, "Login initiation")[-1]

    assert begun.body["lti_storage_target"] == "_parent"


@pytest.mark.parametrize("manners", ["sakai"], indirect=True)
def test_a_variable_that_the_lms_does_not_know_is_no_value(stage, placed):
    odd = replace(placed, custom={**placed.custom, "activity": "$Nothing.known"})
    stage.lms.restore(stage.lms.tools, [odd])

    page = stage.launch(stage.lms.learners[0], odd)
    assert "$Nothing" not in page.text
    assert "Not set up yet" in page.text


@pytest.mark.parametrize("manners", ["brightspace"], indirect=True)
def test_staff_come_from_a_grade_to_the_learners_work(stage, placed):
    learner = stage.lms.learners[0]
    stage.launch(learner, placed)
    page = stage.browser(stage.lms.instructor).get(f"/review/1/{learner.id}")

    assert page.status_code == 200
    assert learner.name in page.text
