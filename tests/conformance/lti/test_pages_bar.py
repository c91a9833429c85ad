"""The security bar for pages that need no real browser: B3, B4, B6, B8, B9."""

import re
from uuid import uuid4

import pytest
from lti.minting import BASE_URL
from sqlalchemy import select

from lti_peer.core.models import Activity
from lti_peer.core.visit import VisitRecord
from lti_peer.web import visits

HEADERS = (
    {"Origin": "https://evil.example"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.fixture
def staff(app, world):
    """An instructor inside a peer review."""
    world.build()
    return world.enter(app, world.teacher)


def writing_routes(app):
    """Return the path below the visit of every route that changes something, ids filled in."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/v/") and "POST" in rule.methods:
            path = rule.rule.removeprefix("/v/<visit:visit_key>")
            yield re.sub(r"<[^>]*>", str(uuid4()), path)


def test_b4_every_form_that_another_site_sends_is_refused(app, staff):
    paths = list(writing_routes(app))
    assert len(paths) > 30
    for path in paths:
        for headers in HEADERS:
            answer = staff.post(path, headers=headers)
            assert (answer.status_code, "forged_form" in answer.text) == (403, True), path


def test_b4_every_form_without_this_visits_own_token_is_refused(app, staff, world):
    other = world.enter(app, world.people[0]).token
    for path in writing_routes(app):
        for token in ("", "x", other):
            answer = staff.post(path, {"csrf_token": token})
            assert (answer.status_code, "forged_form" in answer.text) == (403, True), path


def test_b3_a_page_may_be_framed_by_its_own_lms_alone(staff, world):
    policy = staff.get("/peer_review/").headers["Content-Security-Policy"]
    (framers,) = re.findall(r"frame-ancestors ([^;]+)", policy)
    assert framers == world.course.deployment.platform.issuer
    assert "X-Frame-Options" not in staff.get("/peer_review/").headers


@pytest.mark.parametrize("path", ["/peer_review/", "/peer_review/settings", "/peer_review/nowhere"])
def test_b6_nothing_of_a_visit_stays_in_the_browsers_cache(staff, path):
    kept = staff.get(path).headers["Cache-Control"]
    assert "no-store" in kept


def test_b6_a_visit_that_is_over_shows_nothing(staff, world, database):
    with database.transaction() as session:
        session.scalars(select(VisitRecord)).one().ends_at -= visits.LONGEST
    answer = staff.get("/peer_review/")
    assert (answer.status_code, world.activity.title in answer.text) == (401, False)


def test_b8_what_is_sent_when_the_visit_is_over_changes_nothing_and_says_what_to_do(
    staff, world, database
):
    with database.transaction() as session:
        session.scalars(select(VisitRecord)).one().used_at -= visits.IDLE
    answer = staff.post("/peer_review/settings", {"title": "Changed"})
    assert (answer.status_code, "Open the activity again" in answer.text) == (401, True)
    with database.transaction(read_only=True) as session:
        assert session.scalars(select(Activity)).one().title == world.activity.title


@pytest.mark.parametrize("proof", ["", "x" * 43, "A" * 43])
def test_b9_a_visit_that_somebody_else_chose_is_never_opened(app, proof):
    browser, chosen = app.test_client(), uuid4().hex
    browser.set_cookie(visits.COOKIE + chosen, proof, domain="tool.example", secure=True)
    for path in (f"/v/{chosen}/peer_review/", f"/v/{chosen}~{'A' * 43}/peer_review/"):
        assert browser.get(path, base_url=BASE_URL).status_code == 401


def test_b9_a_launch_takes_no_visit_id_from_the_browser(app, staff, world, database):
    with database.transaction(read_only=True) as session:
        before = {record.id for record in session.scalars(select(VisitRecord))}
    world.enter(app, world.teacher)
    with database.transaction(read_only=True) as session:
        after = {record.id for record in session.scalars(select(VisitRecord))}
    assert len(after - before) == 1
    assert before < after
