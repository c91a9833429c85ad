"""Around every request: one transaction, the policy, the forged-form check, one page for errors."""

import factories
import pytest
from flask import Response, redirect
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from lti_peer.core import db
from lti_peer.core.errors import Invalid, NotAllowed
from lti_peer.core.models import Course, Platform, Role
from lti_peer.web import policy, visits


def rename(title):
    """Rename the visit's course."""
    db.session().get_one(Course, visits.current().course.id).title = title


def done():
    rename("Renamed")
    return redirect("/", 303)


def refused():
    rename("Renamed")
    return Response("No.", 422)


def not_allowed():
    rename("Renamed")
    raise NotAllowed("Reviewing closed on 1 May.", advice="Ask your instructor.")


def invalid():
    raise Invalid("This mark does not exist.", {"clarity": "Choose one of the levels."})


def broken():
    rename("Renamed")
    raise ZeroDivisionError("a secret of the inside")


def raced():
    """Break a constraint in a way that shows at the commit alone."""
    names = {"issuer": "https://lms.example", "client_id": "1", "created_at": factories.NOW}
    urls = {"auth_url": "x", "token_url": "x", "jwks_url": "x"}
    db.session().add_all([Platform(**names, **urls), Platform(**names, **urls)])
    return redirect("/", 303)


def clashed():
    """Break a constraint within the view, as most races show."""
    raced()
    db.session().flush()


def busy():
    raise OperationalError("INSERT …", {}, Exception("database is locked"))


def look():
    return visits.current().course.title


VIEWS = (done, refused, not_allowed, invalid, broken, raced, clashed, busy, look)


@pytest.fixture
def app(app):
    """The application with a few routes for these tests."""
    for view in VIEWS:
        marked = policy.allow(policy.EVERYBODY)(lambda view=view: view())
        rule = f"/v/<visit:visit_key>/try/{view.__name__}"
        app.add_url_rule(rule, f"try_{view.__name__}", marked, methods=["GET", "POST"])
    staff = policy.allow(policy.STAFF)(lambda: "For staff.")
    app.add_url_rule("/v/<visit:visit_key>/try/staff", "try_staff", staff)
    return app


@pytest.fixture
def learner(app, world):
    """A browser of a learner, inside a visit."""
    world.build()
    return world.enter(app, world.people[0])


@pytest.fixture
def title(database, world):
    """Read the course's title as it is stored."""

    def read():
        with database.transaction(read_only=True) as session:
            return session.get_one(Course, world.course.id).title

    return read


def test_what_was_done_is_committed(learner, title):
    assert learner.post("/try/done").status_code == 303
    assert title() == "Renamed"


@pytest.mark.parametrize("view", ["refused", "not_allowed", "broken"])
def test_nothing_is_kept_of_what_was_refused(learner, title, view):
    before = title()
    assert learner.post(f"/try/{view}").status_code >= 400
    assert title() == before


def test_a_get_that_writes_is_a_fault_of_ours_and_keeps_nothing(learner, title):
    before = title()
    assert learner.get("/try/done").status_code == 500
    assert title() == before


@pytest.mark.parametrize("view", ["raced", "clashed"])
def test_a_race_is_a_conflict_wherever_it_shows(learner, database, view):
    answer = learner.post(f"/try/{view}")
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_busy_database_is_said_to_be(learner):
    answer = learner.post("/try/busy")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "nothing was changed" in answer.text


def test_an_error_speaks_to_the_person(learner):
    page = learner.post("/try/not_allowed").text
    assert "Reviewing closed on 1 May." in page
    assert "Ask your instructor." in page


def test_a_fault_of_ours_shows_nothing_of_the_inside(learner):
    page = learner.post("/try/broken").text
    assert "Something went wrong on our side" in page
    assert "secret" not in page
    assert "Traceback" not in page


def test_a_script_gets_errors_as_json(learner):
    answer = learner.post("/try/invalid", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json["fields"] == {"clarity": "Choose one of the levels."}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "none"},
    ],
)
def test_a_form_from_elsewhere_changes_nothing(learner, title, headers):
    before = title()
    assert learner.post("/try/done", headers=headers).status_code == 403
    assert title() == before


@pytest.mark.parametrize("token", ["", "0" * 64, "käse"])
def test_a_form_without_the_visits_token_changes_nothing(learner, title, token):
    before = title()
    assert learner.post("/try/done", {"csrf_token": token}).status_code == 403
    assert title() == before


def test_the_token_of_another_visit_does_not_do(app, world, learner):
    other = world.enter(app, world.people[1])
    assert learner.post("/try/done", {"csrf_token": other.token}).status_code == 403


def test_our_own_page_may_send_its_form(learner):
    own = {"Origin": "https://tool.example", "Sec-Fetch-Site": "same-origin"}
    assert learner.post("/try/done", headers=own).status_code == 303


def test_a_script_may_send_the_token_in_a_header(learner):
    header = {"X-CSRF-Token": learner.token}
    assert learner.post("/try/done", {"csrf_token": ""}, headers=header).status_code == 303


def test_a_page_for_staff_is_closed_to_learners(learner):
    answer = learner.get("/try/staff")
    assert answer.status_code == 403
    assert "This page is for instructors." in answer.text


def test_a_page_for_staff_opens_for_staff(app, world):
    teacher = world.build().enter(app, world.teacher)
    assert teacher.get("/try/staff").text == "For staff."


def test_a_role_without_rights_opens_nothing(app, world):
    nobody = world.build().enter(app, world.people[0], Role.NONE)
    assert nobody.get("/try/look").status_code == 403


def test_an_address_that_is_not_there_is_a_page(app):
    answer = app.test_client().get("/no/such/page")
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text


def test_a_method_that_is_not_taken_is_a_page(app):
    assert app.test_client().delete("/healthz").status_code == 404


def test_too_large_a_request_is_refused_in_plain_words(learner):
    answer = learner.post("/try/done", {"text": "x" * 300_000})
    assert answer.status_code == 413
    assert "larger than we take" in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/no/such/page"])
def test_every_answer_has_the_strict_headers(app, path):
    headers = app.test_client().get(path).headers
    rules = headers["Content-Security-Policy"]
    assert "default-src 'none'" in rules
    assert "unsafe" not in rules
    assert "frame-ancestors 'none'" in rules
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store, private"


def test_what_others_keep_in_the_record_store_is_no_page_of_ours(app):
    rules = app.test_client().get("/xAPI/about").headers["Content-Security-Policy"]
    assert rules.split("; ") == ["default-src 'none'", "frame-ancestors 'none'", "sandbox"]


@pytest.mark.parametrize("path", ["/try/look", "/no/such/page"])
def test_a_refusal_within_a_visit_can_be_read_in_any_frame(app, learner, path):
    """The LMS's frame would be blank otherwise; the page shows nothing of anybody."""
    address = learner.root + path
    answer = app.test_client().get(address)
    assert answer.status_code in {401, 404}
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors *")


def test_a_page_of_a_visit_may_be_framed_by_its_lms_alone(learner, world):
    rules = learner.get("/try/look").headers["Content-Security-Policy"]
    lms = world.course.deployment.platform.issuer
    assert f"frame-ancestors {lms}" in rules
    assert rules.endswith(lms)


def test_each_request_has_a_session_of_its_own_that_ends_with_it(learner, database):
    learner.get("/try/look")
    with pytest.raises(LookupError):
        db.session()
    with database.transaction() as session:  # nobody holds SQLite's one writer
        session.execute(text("DELETE FROM phase"))
        assert session.scalars(select(Course)).all()
