"""Registration, deep linking and grades with an LMS that none of our LTI code had a hand in."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from lti_peer.core.grades import Grade, GradeState
from lti_peer.core.models import Activity, ActivityState
from lti_peer.lti.content_items import HISTORY


def activity(stage):
    with stage.database.transaction(read_only=True) as session:
        return session.scalars(select(Activity)).one()


def states(stage):
    with stage.database.transaction(read_only=True) as session:
        return {(grade.state, grade.problem) for grade in session.scalars(select(Grade))}


def test_the_lms_registers_the_tool_in_its_frame(stage):
    page = stage.register()

    assert page.status_code == 200
    assert f'data-close-origins="{stage.lms.issuer}"' in page.text
    assert stage.lms.tool.name == "Peer learning"
    assert stage.lms.tool.jwks_url == f"{stage.tool_url}/lti/jwks.json"


def test_dr2_a_tool_that_waits_for_approval_cannot_be_launched(stage):
    stage.register(activate=False)

    assert stage.browser(stage.lms.instructor).deep_link().status_code == 403


def test_an_activity_is_a_draft_until_it_is_launched_from_the_course(stage, placed):
    assert activity(stage).state is ActivityState.DRAFT
    assert placed.custom == {"activity": str(activity(stage).id), **HISTORY}

    assert stage.launch(stage.lms.learners[0], placed).status_code == 200
    assert activity(stage).state is ActivityState.PUBLISHED


def test_the_last_look_names_the_columns_that_come_later(stage):
    stage.register()
    browser = stage.browser(stage.lms.instructor)
    settings = browser.submit(browser.deep_link(), form="choose-peer_review")
    page = browser.get(settings.url.split("/peer_review")[0] + "/deep-linking/confirm")

    assert "One column of 20 points in the grade book" in page.text
    assert "More columns come with their first grades: reviewing" in page.text


@pytest.mark.parametrize("form", ["link", "html"])
def test_a_plain_link_opens_the_activity_and_its_grades_get_a_column(stage, form):
    one = stage.lms.learners[0]
    stage.lms.profile = replace(stage.lms.profile, accepts=(form,), takes_columns=False)
    stage.register()
    link = stage.place()
    assert (link.url.rpartition("/")[0], stage.points(one)) == (f"{stage.tool_url}/lti/open", {})
    assert stage.launch(one, link).status_code == 200
    assert activity(stage).state is ActivityState.PUBLISHED
    stage.post(one, "work", 0.75)
    stage.deliver()
    assert stage.points(one) == {"work": 15.0}


def test_a_dropped_choice_places_nothing_and_is_never_shown(stage):
    stage.register()
    browser = stage.browser(stage.lms.instructor)
    page = browser.submit(browser.deep_link(), form="cancel")

    assert page.url.startswith(stage.lms.issuer)
    assert stage.lms.links == ()


def test_grades_stand_in_the_columns_of_their_components(stage, placed):
    one, two, _ = stage.lms.learners
    for person in (one, two):
        stage.launch(person, placed)
    stage.post(one, "work", 0.75)
    stage.post(two, "work", 0.5)
    stage.post(one, "reviewing", 0.8)
    stage.deliver()

    assert stage.points(one) == {"work": 15.0, "reviewing": 4.0}
    assert stage.points(two) == {"work": 10.0, "reviewing": None}
    assert states(stage) == {(GradeState.SENT, "")}


def test_a_further_column_does_not_take_the_first_out_of_the_launch(stage, placed):
    one, two, _ = stage.lms.learners
    stage.launch(one, placed)
    stage.post(one, "reviewing", 0.8)
    stage.deliver()
    stage.launch(two, placed)
    stage.post(two, "work", 1.0)
    stage.deliver()

    assert stage.points(two)["work"] == 20.0
    assert len(stage.lms.gradebook.columns) == 2


def test_five_grades_within_a_second_end_with_the_last(stage, placed):
    stage.lms.gradebook._whole_seconds = True
    one = stage.lms.learners[0]
    stage.launch(one, placed)
    for share in (0.1, 0.2, 0.3, 0.4, 0.5):
        stage.post(one, "work", share)
        stage.deliver()

    assert stage.points(one) == {"work": 10.0}
    assert len(stage.lms.gradebook.history("1", one.id)) == 5


def test_grades_wait_while_the_lms_is_away_and_arrive_afterwards(stage, placed):
    one = stage.lms.learners[0]
    stage.launch(one, placed)
    stage.post(one, "work", 0.5)
    stage.lms.services_down = True
    stage.deliver()
    assert stage.points(one) == {"work": None}
    assert {state for state, _ in states(stage)} == {GradeState.WAITING}

    stage.lms.services_down = False
    stage.send._resting.clear()
    stage.post(one, "work", 0.6)
    stage.deliver()
    assert stage.points(one) == {"work": 12.0}


def test_a_deleted_column_is_shown_and_the_grade_is_kept(stage, placed):
    one = stage.lms.learners[0]
    stage.launch(one, placed)
    stage.lms.gradebook.remove("1")
    stage.post(one, "work", 0.5)
    stage.deliver()

    ((state, problem),) = states(stage)
    assert state is GradeState.REFUSED
    assert "not in the LMS any more" in problem


def test_a_token_that_the_lms_has_forgotten_is_asked_for_anew(stage, placed):
    one = stage.lms.learners[0]
    stage.launch(one, placed)
    stage.post(one, "work", 0.5)
    stage.deliver()
    stage.lms.access_tokens._kept.clear()
    stage.post(one, "work", 0.9)
    stage.deliver()

    assert stage.points(one) == {"work": 18.0}
