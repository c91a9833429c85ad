"""How often one person may send what (security.md T22); launches are in lti/test_limits.py."""

import re
from pathlib import Path
from uuid import uuid4

import factories
import pytest
from sqlalchemy import select

import lti_peer
from lti_peer.activities import registry
from lti_peer.core.models import Activity, Person
from lti_peer.demo.platform.page_forms import forms_of
from lti_peer.peerwork.submissions import SubmissionVersion
from lti_peer.web import assets, limit
from lti_peer.web.limit import Limit

WORK = "/peer_review/work/edit"
TYPED = "First line.\r\n\r\n</textarea><b>Second</b> line."


@pytest.fixture
def enter(app, world):
    """Begin a visit of somebody in a class that hands in, where one act each minute is taken."""
    world.build(learners=2)
    with world.database.transaction() as session:
        teacher = session.get_one(Person, world.teacher.id)
        activity = session.get_one(Activity, world.activity.id)
        registry.find("peer_review").prepare(session, factories.visit(teacher, activity))
    app.extensions["act_limit"] = Limit(1, 60)
    return lambda who: world.enter(app, who)


def test_t22_who_floods_waits_and_nobody_else_does(enter, world):
    first, second, teacher = map(enter, [*world.people, world.teacher])
    assert [first.post(WORK).status_code for _ in range(3)] == [422, 429, 429]
    assert second.post(WORK).status_code == 422
    assert {teacher.post("/lms/roster").status_code for _ in range(5)} == {303}
    assert first.get(WORK).status_code == 200


def test_t22_the_refusal_says_when_to_try_again_and_nothing_that_was_typed_is_lost(
    app, enter, world
):
    inside = enter(world.people[0])
    inside.post(WORK)
    page = inside.post(WORK, {"text": TYPED, "version": "3"})
    assert (page.status_code, page.headers["Retry-After"]) == (429, "60")
    assert "Wait 60 seconds, then send it again" in page.text
    (form,) = forms_of(page.text)
    assert dict(form.fields)["text"].splitlines() == TYPED.splitlines()
    assert ("version", "3") in form.fields

    app.extensions["act_limit"] = Limit(1, 60)
    assert inside.post(WORK, dict(form.fields)).status_code == 303
    with world.database.transaction(read_only=True) as session:
        assert session.scalars(select(SubmissionVersion.source)).one() == dict(form.fields)["text"]


def test_t22_a_refused_draft_is_json_and_acts_take_nothing_from_drafts(enter, world, app):
    inside = enter(world.people[0])
    inside.post(WORK)
    drafts = "/peer_review/work/draft"
    assert inside.post(drafts, {"text": "x"}).status_code == 200
    app.extensions["often_limit"] = Limit(1, 60)
    inside.post(drafts, {"text": "x"})
    refused = inside.post(drafts, {"text": "x"}, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json["code"]) == (429, "too_often")


def test_t22_every_page_that_sends_by_itself_has_the_limit_for_that(app):
    pages = "".join(one.read_text() for one in Path(lti_peer.__file__).parent.rglob("*.html"))
    by_itself = re.findall(r'autosave\(url_for\("([\w.]+)"', pages)
    assert len(by_itself) >= 4
    assert all(limit.is_often(app.view_functions[one]) for one in by_itself)


@pytest.mark.one_database
def test_t22_two_windows_that_keep_drafts_as_fast_as_they_do_are_never_refused():
    pause_ms = int(re.search(rb"PAUSE = (\d+)", assets.FILES["autosave.js"].body)[1])
    assert 2 * 60_000 / pause_ms <= limit.OFTEN


def test_t22_500_people_behind_one_address_hand_in_at_once():
    taken = Limit(limit.ACTS, limit.WINDOW_S, lambda: 0.0)
    for person in [str(uuid4()) for _ in range(500)] * 3:
        taken.count(person)
