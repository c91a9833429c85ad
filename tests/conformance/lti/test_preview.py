"""Previews touch nothing: Canvas's test student, Moodle's "switch role to" (T14, A8)."""

import re
from html import unescape
from uuid import uuid4

import factories
import pytest
from lti.minting import BASE_URL, INSTRUCTOR, LEARNER
from sqlalchemy import select

from lti_peer.activities import registry
from lti_peer.core import queries
from lti_peer.core.db import Base
from lti_peer.core.models import Deployment
from lti_peer.core.outbox import OutboxItem
from lti_peer.core.visit import Visit
from lti_peer.lti import roles
from lti_peer.web import visits

TEST_STUDENT = [LEARNER, roles.TEST_USER[1]]
KINDS = ("peer_review", "teaching")


@pytest.fixture(params=KINDS)
def kind(request):
    """A kind of activity; each test runs with both."""
    return registry.find(request.param)


@pytest.fixture
def activity(wire, kind):
    """An activity with the kind's preset at the link of launches, with two learners."""
    with wire.database.transaction() as session:
        deployment = session.scalars(select(Deployment)).first()
        course = factories.course(session, deployment=deployment, context_key="2")
        made = factories.activity(session, course, kind.name, resource_link_key="9")
        for number in (1, 2):
            factories.person(session, course, number=number)
        kind.prepare(session, factories.visit(None, made))
        return made


@pytest.fixture(params=["the test student of Canvas", "a teacher who switched role in Moodle"])
def preview(request, wire, activity):
    """A browser in a preview, and the address of its first page."""
    browser = wire.browser()
    if "Canvas" in request.param:
        answer = wire.launch(wire.login(browser), sub="test-student", roles=TEST_STUDENT)
    else:
        wire.launch(roles=[INSTRUCTOR])
        with wire.database.transaction() as session:
            session.query(OutboxItem).delete()
        answer = wire.launch(wire.login(browser), roles=[LEARNER])
    return browser, answer.headers["Location"]


def everything(database):
    """Return every row of every table but the visits, whose last use is noted."""
    with database.transaction(read_only=True) as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in {"visit", "launch_state"}
        }


def crawl(browser, first):
    """Open every page that the pages of a visit lead to; return their texts by address."""
    root, seen, left = first.split("/")[2], {}, [first]
    while left:
        path = left.pop()
        page = browser.get(path, base_url=BASE_URL)
        seen[path] = page.text
        assert page.status_code < 400, path
        found = re.findall(r'href="([^"]+)"', page.text)
        links = {unescape(link).partition("#")[0] for link in found}
        left += [link for link in links if f"/v/{root}/" in link and link not in {*seen, *left}]
    return seen


def test_t14_a_preview_sees_every_page_of_a_learner_and_changes_nothing(wire, preview):
    before = everything(wire.database)
    pages = crawl(*preview)
    assert everything(wire.database) == before
    assert len(pages) > 1
    assert wire.all(OutboxItem) == []


def test_t14_nothing_that_a_preview_sends_changes_anything(wire, preview, kind):
    browser, first = preview
    before = everything(wire.database)
    root = first.split(f"/{kind.name}/")[0]
    token = wire.app.extensions["vault"].sign("csrf", _proof(browser))
    for rule in wire.app.url_map.iter_rules():
        if rule.rule.startswith("/v/") and "POST" in rule.methods:
            path = re.sub(r"<[^>]*>", str(uuid4()), rule.rule.partition(">")[2])
            form = {"csrf_token": token, "title": "x", "text": "x"}
            answer = browser.post(root + path, data=form, base_url=BASE_URL)
            assert answer.status_code in {200, 403}, path
            assert "forged_form" not in answer.text  # its own token: the role is what forbids it
    assert everything(wire.database) == before


def test_a8_a_preview_is_no_learner_of_the_course(wire, preview, activity):
    with wire.database.transaction(read_only=True) as session:
        visit = Visit(
            id=uuid4(), person=None, course=activity.course, role=None, now=factories.NOW,
            base_url=BASE_URL, chosen=activity,
        )  # fmt: skip
        learners = {one.person.name for one in queries.learners(session, visit)}
    assert learners == {"Person 1 (synthetic)", "Person 2 (synthetic)"}


def _proof(browser):
    """Return the proof of the browser's one visit, from its cookie."""
    return next(cookie.value for cookie in browser._cookies.values() if visits.COOKIE in cookie.key)
