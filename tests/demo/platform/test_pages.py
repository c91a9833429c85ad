from datetime import UTC, datetime

import pytest
from flask import Blueprint, render_template

from lti_peer.demo.platform import Lms, create_lms
from lti_peer.demo.platform.model import LineItem, ResourceLink, Score, Tool

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.fixture
def lms(lms_key):
    """An LMS with one tool, one graded activity, and a grade for the first learner."""
    lms = Lms("http://127.0.0.1:1", learners=3, key=lms_key)
    tool = lms.add_tool(
        Tool(
            client_id="",
            deployment_id="",
            name="<Tool>",
            login_url="http://localhost:2/login",
            redirect_uris=("http://localhost:2/launch",),
            jwks_url="http://localhost:2/jwks",
            target_link_uri="http://localhost:2/launch",
            deep_linking_url="http://localhost:2/launch",
        )
    )
    link = lms.add_link(
        ResourceLink(id="", client_id=tool.client_id, title="Essay <1>", url=tool.target_link_uri)
    )
    lms.gradebook.add(
        LineItem(id="", client_id=tool.client_id, label="Work", maximum=20, link_id=link.id)
    )
    score(lms, lms.learners[0], 8)
    return lms


def score(lms, person, given):
    lms.gradebook.accept(
        Score(
            line_item_id=lms.gradebook.columns[0].id,
            person_id=person.id,
            given=given,
            maximum=10,
            comment="<b>Good</b>",
            activity_progress="Completed",
            grading_progress="FullyGraded",
            at=NOW,
            received_at=NOW,
        )
    )


@pytest.fixture
def client(lms):
    return create_lms(lms).test_client()


def as_learner(client, lms, number=0):
    client.post("/you", data={"person": lms.learners[number].id})


@pytest.mark.parametrize("path", ["/", "/activities/1", "/grades", "/people", "/journal"])
@pytest.mark.parametrize("role", ["instructor", "learner"])
def test_every_page_opens_for_everybody(client, lms, path, role):
    if role == "learner":
        as_learner(client, lms)

    page = client.get(path)

    assert page.status_code == 200
    assert page.text.count("<h1>") == 1
    assert "<1>" not in page.text


@pytest.mark.parametrize("path", ["/tools", "/tools/add", "/activities/add"])
def test_pages_of_the_instructor_are_closed_to_learners(client, lms, path):
    assert client.get(path).status_code == 200

    as_learner(client, lms)

    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/activities/9", "/grades/9/3", "/grades/1/99", "/nowhere"])
def test_what_is_not_there_is_a_page_in_words(client, path):
    page = client.get(path)

    assert page.status_code == 404
    assert "This did not work" in page.text


def test_switching_keeps_the_page_and_sets_a_cookie_of_its_own_name(client, lms):
    answer = client.post("/you", data={"person": lms.learners[1].id, "back": "/grades"})

    assert (answer.status_code, answer.location) == (303, "/grades")
    assert answer.headers["Set-Cookie"].startswith("demo_lms_user=4;")


@pytest.mark.parametrize("back", ["//evil.invalid/", "https://evil.invalid/", "/\\evil.invalid"])
def test_switching_never_leads_to_another_site(client, lms, back):
    answer = client.post("/you", data={"person": lms.learners[1].id, "back": back})

    assert answer.location == "/"


def test_nobody_can_be_a_person_who_is_not_there(client):
    assert client.post("/you", data={"person": "99"}).status_code == 400


def test_the_tool_is_framed_with_what_it_may_use(client):
    page = client.get("/activities/1")

    assert 'src="/launch/1"' in page.text
    assert 'allow="fullscreen; microphone"' in page.text
    assert 'data-tool-origin="http://localhost:2"' in page.text
    assert "frame-src 'self' http://localhost:2;" in page.headers["Content-Security-Policy"]


def test_the_grade_book_shows_points_comment_and_time(client):
    page = client.get("/grades").text

    assert ">16</a>" in page
    assert "&lt;b&gt;Good&lt;/b&gt;" in page
    assert "Sun 22 Nov, 08:30 UTC" in page


def test_a_learner_sees_no_grade_of_another(client, lms):
    as_learner(client, lms, 1)

    assert ">16</a>" not in client.get("/grades").text
    assert client.get(f"/grades/1/{lms.learners[0].id}").status_code == 403


def test_a_grade_leads_to_every_score_behind_it(client, lms):
    page = client.get(f"/grades/1/{lms.learners[0].id}").text

    assert '8 <span class="of">of 10</span>' in page
    assert "2026-11-22T08:30:00+00:00" in page


def test_people_are_found_by_a_part_of_the_name(client):
    page = client.get("/people?q=bEN").text

    assert 'value="4" aria-label' in page
    assert 'value="3" aria-label' not in page


def test_the_switch_stays_short_and_has_the_visitor_in_it():
    lms = Lms("http://127.0.0.1:1", learners=300)
    client = create_lms(lms).test_client()
    as_learner(client, lms, 299)

    page = client.get("/").text

    assert page.count("<option") == 62
    assert f'value="{lms.learners[299].id}" selected' in page


def test_an_empty_lms_says_what_to_do():
    client = create_lms(Lms("http://127.0.0.1:1", learners=0)).test_client()

    assert "Add a tool" in client.get("/").text
    assert "No tool yet" in client.get("/tools").text
    assert "No columns yet" in client.get("/grades").text
    assert client.get("/deep-linking").status_code == 404


def test_further_pages_join_the_menu(lms):
    clock = Blueprint("clock", __name__)
    clock.add_url_rule("/clock", view_func=lambda: render_template("lms/layout.html"))
    app = create_lms(lms, extra_nav=[("Clock", "/clock")], blueprints=[clock])

    page = app.test_client().get("/clock")

    assert '<a href="/clock" aria-current="page">Clock</a>' in page.text


def test_pages_allow_scripts_and_styles_of_the_lms_only(client):
    page = client.get("/")

    assert "default-src 'none'; script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<style" not in page.text
    assert "style=" not in page.text


def test_the_course_page_of_three_hundred_people_stays_light():
    app = create_lms(Lms("http://127.0.0.1:1", learners=300))

    assert len(app.test_client().get("/").data) < 10_000


def test_a_question_to_the_journal_must_be_a_number(client):
    assert client.get("/journal.json?after=x").status_code == 400


def test_the_journal_shows_entries_to_people(client, lms):
    client.get("/launch/1")

    page = client.get("/journal/entries?after=0").text

    assert "Login initiation" in page
    assert "http://localhost:2/login" in page
