"""Previews act in a sandbox: Canvas's test student, Moodle's "switch role to" (T14, A8)."""

import re
from datetime import UTC, datetime
from html import unescape
from uuid import UUID

import factories
import pytest
from lti.minting import BASE_URL, INSTRUCTOR, LEARNER
from sqlalchemy import select

from lti_peer.activities import registry
from lti_peer.admin import registrations
from lti_peer.core import queries
from lti_peer.core.audit import AuditEntry
from lti_peer.core.db import Base
from lti_peer.core.grades import Grade
from lti_peer.core.models import Activity, Deployment, LineItem, Person
from lti_peer.core.outbox import OutboxItem
from lti_peer.goals.models import Goal
from lti_peer.lti import registration, roles
from lti_peer.previews.models import Sandbox
from lti_peer.reports import across
from lti_peer.web import visits

TEST_STUDENT = [LEARNER, roles.TEST_USER[1]]
LAUNCHES = {
    "canvas": {"sub": "test-student", "roles": TEST_STUDENT},
    "moodle": {"roles": [LEARNER]},
}
STAGES = {
    "peer_review": ("submit", "review", "feedback"),
    "teaching": ("sign_up", "meet", "results"),
}
TIMES = {"seen_at", "last_launch_at"}
"""What every launch may change."""


@pytest.fixture(params=["peer_review", "teaching"])
def kind(request):
    """A kind of activity; each test runs with both."""
    return registry.find(request.param)


@pytest.fixture
def activity(wire, kind):
    """An activity at the link of launches, begun by two learners; its teacher has been there."""
    with wire.database.transaction() as session:
        deployment = session.scalars(select(Deployment)).first()
        course = factories.course(session, deployment=deployment, context_key="2")
        made = factories.activity(session, course, kind.name, resource_link_key="9")
        people = [factories.person(session, course, number=number) for number in (1, 2)]
        kind.prepare(session, factories.visit(people[0], made))
        kind.rehearsal.play(session, factories.visit(people[0], made), people)
    wire.launch(roles=[INSTRUCTOR])
    return made


class Preview:
    """A browser in the visit that a launch began."""

    def __init__(self, wire, **claims):
        self.wire, self.browser = wire, wire.browser()
        self.subject = claims.get("sub", "7")
        answer = wire.launch(wire.login(self.browser), **claims)
        self.first = answer.headers["Location"]
        self.root = "/".join(self.first.split("/")[:3])

    def get(self, path):
        return self.browser.get(path, base_url=BASE_URL)

    def read(self):
        """Return the first page, with the banner on it."""
        page = self.get(self.first)
        assert "made-up classmates. Nothing here counts." in page.text
        return page.text

    def post(self, path, **form):
        """Send a form; return where it leads to."""
        name = f"{visits.COOKIE}{self.root.removeprefix('/v/')}"
        proof = next(one.value for one in self.browser._cookies.values() if one.key == name)
        form["csrf_token"] = self.wire.app.extensions["vault"].sign("csrf", proof)
        answer = self.browser.post(path, data=form, base_url=BASE_URL)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def stage(self, key):
        return self.post(f"{self.root}/preview/stage", stage=key)

    def crawl(self):
        """Open every page that the pages lead to; return their texts by address."""
        seen, left = {}, [self.first]
        while left:
            path = left.pop()
            seen[path] = self.get(path).text
            found = re.findall(r'href="([^"]+)"', seen[path])
            links = {unescape(link).partition("#")[0] for link in found}
            left += [one for one in links if self.root in one and one not in {*seen, *left}]
        return seen


@pytest.fixture
def preview(wire, activity):
    """A preview as Moodle begins it; the case T14 has both."""
    return Preview(wire, **LAUNCHES["moodle"])


def walk_peer_review(preview):
    """Hand in, review somebody, read what was said."""
    home = preview.first
    preview.post(f"{home}work/edit", text="My own words.")
    preview.stage("review")
    duty = preview.post(f"{home}reviews")
    page = preview.get(duty).text
    marks = dict.fromkeys(re.findall(r'name="(mark-\w+)"', page), "1")
    preview.post(duty, comment="Good.", **marks)
    preview.stage("feedback")
    preview.post(f"{home}feedback/read")
    assert preview.get(f"{home}feedback").text.count("Synthetic review.") >= 3
    assert "Synthetic answer" in preview.read()


def walk_teaching(preview):
    """Sign up, meet whom one learns from, see what it brought."""
    home = preview.first
    preview.post(f"{home}sign-up", teach="any", learn="any")
    preview.stage("meet")
    meetings = sorted(set(re.findall(rf"{home}meetings/[\w-]+", preview.read())))
    pages = {one: preview.get(one).text for one in meetings}
    learns = next(one for one, page in pages.items() if "Learn “" in page)
    preview.post(f"{learns}/check", option="0")
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M}"
    preview.post(f"{learns}/propose", starts_at=now, minutes="30", place="Here")
    held = re.search(rf'"({home}times/[\w-]+/held)"', preview.get(learns).text)[1]
    preview.post(held)
    preview.post(f"{learns}/check", option="1")
    rate = re.search(rf'"({learns}/rate/[\w-]+)"', preview.get(learns).text)[1]
    marks = dict.fromkeys(re.findall(r'name="(mark-\w+)"', preview.get(rate).text), "2")
    preview.post(rate, comment="Plain.", **marks)
    preview.stage("results")
    assert "Synthetic answer" in preview.get(f"{home}results").text


WALKS = {"peer_review": walk_peer_review, "teaching": walk_teaching}


def parted(database):
    """Return all rows that belong to no sandbox, by table, and the ids that those of one name."""
    inside, named, real = set(), set(), {}
    with database.transaction(read_only=True) as session:
        inside |= set(session.scalars(select(Sandbox.course_id)))
        for table in Base.metadata.sorted_tables:
            if table.name in {"visit", "launch_state", "sandbox"}:
                continue
            real[table.name] = []
            for row in session.execute(select(table)).mappings():
                ids = {value for value in row.values() if isinstance(value, UUID)}
                if str(row.get("subject")).startswith("sandbox:"):
                    continue
                if not ids & inside:
                    real[table.name].append({name: row[name] for name in row if name not in TIMES})
                    continue
                named |= ids
                inside |= {row["id"]} if "id" in row else set()
    return real, named


@pytest.mark.parametrize("lms", sorted(LAUNCHES))
def test_t14_a_preview_acts_as_a_learner_and_touches_nothing_real(wire, kind, activity, lms):
    preview = Preview(wire, **LAUNCHES[lms])
    real, _ = parted(wire.database)
    WALKS[kind.name](preview)

    after, named = parted(wire.database)
    assert after == real
    people = {row["id"]: row["subject"] for row in real["person"]}
    assert {people[one] for one in named & people.keys()} == {preview.subject}
    assert not any(map(wire.count, (Grade, LineItem, Goal, AuditEntry)))


def test_a8_no_list_of_the_course_or_of_the_institution_has_a_preview_in_it(wire, kind, activity):
    def seen():
        with wire.database.transaction(read_only=True) as session:
            inside = factories.visit(None, session.get_one(Activity, activity.id))
            return (
                [one.person.name for one in queries.learners(session, inside)],
                len(queries.members(session, inside)),
                registration.courses_of(session, wire.platform.id),
                [one.courses for one in registrations.overview(session)],
                across.courses(session, wire.platform.id, BASE_URL),
            )

    before = seen()
    Preview(wire, **LAUNCHES["moodle"]).stage(STAGES[kind.name][-1])
    assert seen() == before
    assert before[0] == ["Person 1 (synthetic)", "Person 2 (synthetic)"]


def test_a_preview_opens_every_page_of_a_learner_and_none_of_staff(preview, kind):
    for key in STAGES[kind.name]:
        preview.stage(key)
        pages = preview.crawl()
        assert all("Nothing here counts." in page for page in pages.values())
    assert "Person 1" not in str(pages)
    assert preview.get(f"{preview.root}/reports/").status_code == 403


def test_what_is_left_undone_before_a_stage_is_done_for_the_preview(preview, kind):
    preview.stage(STAGES[kind.name][-1])
    words = {"peer_review": "Synthetic review.", "teaching": "Synthetic answer"}[kind.name]
    assert any(words in page for page in preview.crawl().values())


def test_a_preview_starts_over_with_nobody_left_of_before(wire, preview, kind):
    begun, people = preview.read(), wire.count(Person)
    preview.stage(STAGES[kind.name][-1])
    preview.post(f"{preview.root}/preview/start-over")
    assert without_tokens(preview.read()) == without_tokens(begun)
    assert wire.count(Person) == people


def without_tokens(page):
    return re.sub(r'data-now="[^"]+"', "", page)


def test_tn5_no_launch_opens_what_stands_in_a_sandbox(wire, preview):
    (copy,) = [one for one in wire.all(Activity) if not one.resource_link_key]
    link = {"resource_link": {"id": "10"}, "roles": [LEARNER], "sub": "8"}
    by_id = wire.launch(custom={"activity": str(copy.id)}, **link)
    address = {"target_link_uri": f"{BASE_URL}/lti/open/{copy.id}"}
    by_address = wire.launch(wire.login(**address), **address, **link)
    assert "has not set this up yet" in by_id.text
    assert (by_address.status_code, wire.count(Sandbox)) == (404, 1)


def test_launches_are_told_of_real_visits_alone(wire, preview):
    told = [one for one in wire.all(OutboxItem) if "/launched" in str(one.payload)]
    assert len(told) == 1
