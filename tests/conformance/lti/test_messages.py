"""The further messages: submission review, data privacy (P14, L18, N77, N78)."""

import factories
import pytest
from lti.minting import BASE_URL, GONE, LEARNER
from sqlalchemy import select

from lti_peer.core.models import Course, Deployment, LineItem, Person, Role
from lti_peer.core.visit import VisitRecord
from lti_peer.lti import claims as words
from lti_peer.lti import roles

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"


@pytest.fixture
def review(wire):
    """A peer review at the link of launches, a learner, and the claims that open their part."""
    with wire.database.transaction() as session:
        deployment = session.scalars(select(Deployment)).first()
        course = factories.course(session, deployment=deployment, context_key="2")
        activity = factories.activity(session, course, resource_link_key="9")
        url = f"{deployment.platform.issuer}/column?type_id=1"
        session.add(
            LineItem(
                deployment_id=deployment.id, activity_id=activity.id, component="work",
                label="Essay", url=url,
            )
        )  # fmt: skip
        learner = factories.person(session, course, subject="8")
    claims = {
        "message_type": words.SUBMISSION_REVIEW_REQUEST,
        words.AGS: {"lineitem": url},
        "for_user": {"user_id": "8"},
    }
    return learner, claims


def test_p14_staff_open_one_learners_part_from_the_grade_book(wire, review):
    learner, claims = review
    login = wire.login()
    answer = wire.launch(login, **claims)
    assert answer.headers["Location"].endswith(f"/peer_review/people/{learner.id}")
    page = login.browser.get(answer.headers["Location"], base_url=BASE_URL)
    assert (page.status_code, "Person 1 (synthetic)" in page.text) == (200, True)


def test_p14_the_column_alone_names_the_activity(wire, review):
    learner, claims = review
    answer = wire.launch(**claims, resource_link=GONE)
    assert answer.headers["Location"].endswith(f"/peer_review/people/{learner.id}")


def test_l18_a_learner_sees_their_own_whoever_the_message_names(wire, review):
    _, claims = review
    answer = wire.launch(roles=[LEARNER], **claims)
    assert answer.headers["Location"].endswith("/peer_review/")


def test_t14_a_preview_of_a_grade_opens_a_sandbox_and_nobodys_part(wire, review):
    login = wire.login()
    answer = wire.launch(login, **{**review[1], "roles": [LEARNER, roles.TEST_USER[0]]})
    page = login.browser.get(answer.headers["Location"], base_url=BASE_URL)
    assert ("Nothing here counts." in page.text, "Person 1" in page.text) == (True, False)


def test_n77_an_instructor_is_nobody_whose_work_is_reviewed(wire, review):
    _, claims = review
    with wire.database.transaction() as session:
        course = session.scalars(select(Course)).one()
        factories.person(session, course, Role.INSTRUCTOR, 2, subject="10")
    answer = wire.launch(**{**claims, "for_user": {"user_id": "10"}})
    assert (answer.status_code, "review_of_nobody" in answer.text) == (404, True)


@pytest.fixture
def privacy():
    """The claims of a privacy message about person 8."""
    return {
        "message_type": words.DATA_PRIVACY_REQUEST,
        "resource_link": GONE,
        "context": GONE,
        "for_user": {"user_id": "8"},
    }


@pytest.mark.parametrize("who", ["themselves", "an administrator"])
def test_p14_what_is_kept_is_told_to_the_person_and_to_administrators(wire, review, privacy, who):
    runs_it = {"roles": [LIS + "institution/person#Administrator"]}
    more = {"sub": "8"} if who == "themselves" else runs_it
    answer = wire.launch(**privacy, **more)
    assert (answer.status_code, wire.count(VisitRecord)) == (200, 0)
    assert "e-mail address that the LMS sends is kept" in answer.text
    assert '<span class="num">1</span> courses' in answer.text
    assert "(synthetic)" not in answer.text


@pytest.mark.parametrize("roles", [[], [LEARNER], [LIS + "membership#Administrator"]])
def test_n78_nobody_else_learns_what_is_kept_of_somebody(wire, review, privacy, roles):
    answer = wire.launch(**privacy, roles=roles)
    assert (answer.status_code, "privacy_of_another" in answer.text) == (403, True)


def test_p14_of_a_stranger_nothing_is_kept(wire, privacy):
    answer = wire.launch(**privacy, sub="8")
    assert (answer.status_code, "Nothing is kept" in answer.text) == (200, True)
    assert wire.count(Person) == 0


def test_n78_a_privacy_message_about_nobody_is_refused(wire, privacy):
    answer = wire.launch(**{**privacy, "for_user": {"name": "x"}}, sub="8")
    wire.refused(answer, 400, "bad_claim")
