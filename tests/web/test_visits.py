"""A visit belongs to a launch: its id stands in the path, its proof in a cookie of its own."""

from datetime import timedelta

import pytest
from flask import Response
from sqlalchemy import select

from lti_peer.core.models import Role
from lti_peer.core.visit import VisitRecord
from lti_peer.web import policy, visits

TOOL = "https://tool.example"


@pytest.fixture
def app(app):
    """The application with a page that says who looks at it."""
    view = policy.allow(policy.EVERYBODY)(lambda: str(visits.current().person.id))
    app.add_url_rule("/v/<visit:visit_key>/who", "who", view)
    return app


@pytest.fixture
def learner(app, world):
    """A browser of a learner, inside a visit."""
    world.build()
    return world.enter(app, world.people[0])


@pytest.fixture
def age(database):
    """Let the visits be so much older."""

    def move(**over):
        with database.transaction() as session:
            for record in session.scalars(select(VisitRecord)):
                record.started_at -= timedelta(**over)
                record.used_at -= timedelta(**over)
                record.ends_at -= timedelta(**over)

    return move


@pytest.fixture
def begin(database, world):
    """Begin a visit of the first learner."""

    def start(**more):
        guest = visits.Guest(world.people[0], world.course, Role.LEARNER, world.activity)
        with database.transaction() as session:
            return visits.begin(session, guest, **more)

    return start


def test_a_visit_opens_for_who_shows_its_proof(learner, world):
    assert learner.get("/who").text == str(world.people[0].id)


def test_an_address_alone_opens_nothing(app, learner):
    stranger = app.test_client().get(f"{learner.root}/who", base_url=TOOL)
    assert stranger.status_code == 401
    assert "Open the activity again from your course page." in stranger.text


def test_the_proof_of_another_visit_opens_nothing(app, learner, world):
    other = world.enter(app, world.people[1])
    assert other.client.get(f"{learner.root}/who", base_url=TOOL).status_code == 401


def test_two_people_in_one_browser_do_not_disturb_each_other(app, learner, world):
    other = world.enter(app, world.people[1])
    cookie = other.client.get_cookie(visits.COOKIE + other.root[3:], domain="tool.example")
    learner.client.set_cookie(cookie.key, cookie.value, domain="tool.example", secure=True)
    assert learner.get("/who").text == str(world.people[0].id)
    second = learner.client.get(f"{other.root}/who", base_url=TOOL)
    assert second.text == str(world.people[1].id)


def test_a_visit_ends_after_two_idle_hours(learner, age):
    age(hours=1, minutes=59)
    assert learner.get("/who").status_code == 200
    age(hours=2)
    answer = learner.get("/who")
    assert answer.status_code == 401
    assert "You have been away for a while" in answer.text


def test_who_has_left_the_course_is_told_so(learner, database):
    with database.transaction() as session:
        for record in session.scalars(select(VisitRecord)):
            record.ends_at = visits.db.now(session)

    answer = learner.get("/who")

    assert answer.status_code == 401
    assert "you are not in this course any more" in answer.text


def test_looking_at_a_page_keeps_a_visit_open(learner, age):
    for _ in range(3):
        age(hours=1, minutes=30)
        assert learner.get("/who").status_code == 200


def test_a_visit_ends_after_eight_hours_whatever_happens(learner, age):
    for _ in range(5):
        age(hours=1, minutes=30)
        learner.get("/who")
    age(hours=1)
    assert learner.get("/who").status_code == 401


def test_the_cookie_is_the_only_sort_that_a_frame_on_another_site_keeps(app, world, begin):
    world.build()
    begun = begin()
    answer = Response()
    context = app.test_request_context("/", base_url=TOOL)
    with context, world.database.open() as session, visits.db.using(session):
        visits.mark(answer, begun)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    words = {word.strip() for word in cookie.split(";")}
    assert words >= {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"}
    assert cookie.startswith(f"__Host-peer-visit-{begun.record.id.hex}={begun.proof}")


def test_the_cookies_of_visits_that_are_over_are_taken_back(app, world, begin):
    world.build()
    over, begun = "__Host-peer-visit-" + "0" * 32, begin()
    answer = Response()
    context = app.test_request_context("/", base_url=TOOL, headers={"Cookie": f"{over}=x; other=1"})
    with context, world.database.open() as session, visits.db.using(session):
        visits.mark(answer, begun)
    names = [cookie.split("=")[0] for cookie in answer.headers.getlist("Set-Cookie")]
    assert over in names
    assert "other" not in names


def test_a_browser_without_cookies_shows_the_proof_in_the_path(app, world, begin):
    world.build()
    begun = begin(in_path=True)
    root = f"/v/{begun.record.id.hex}~{begun.proof}"
    answer = app.test_client().get(f"{root}/who", base_url=TOOL)
    assert answer.text == str(world.people[0].id)
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_proof_in_the_path_ends_after_half_an_idle_hour(app, world, begin, age):
    world.build()
    begun = begin(in_path=True)
    age(minutes=31)
    root = f"/v/{begun.record.id.hex}~{begun.proof}"
    assert app.test_client().get(f"{root}/who", base_url=TOOL).status_code == 401


def test_the_proof_of_a_cookie_does_not_do_in_the_path(app, world, begin):
    world.build()
    begun = begin()
    root = f"/v/{begun.record.id.hex}~{begun.proof}"
    assert app.test_client().get(f"{root}/who", base_url=TOOL).status_code == 401


def test_the_server_keeps_a_hash_of_the_proof_alone(database, world, begin):
    world.build()
    begun = begin()
    with database.transaction(read_only=True) as session:
        stored = session.scalars(select(VisitRecord)).one()
    assert begun.proof not in {str(value) for value in vars(stored).values()}


def test_visits_that_are_over_are_forgotten_at_the_next_launch(database, world, begin, age):
    world.build()
    begin()
    age(hours=9)
    begin()
    with database.transaction(read_only=True) as session:
        assert len(session.scalars(select(VisitRecord)).all()) == 1
