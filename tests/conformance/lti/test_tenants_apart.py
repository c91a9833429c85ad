"""Another tenant changes nothing that this one sees; no read is without a condition (TN3)."""

import re
from html import unescape

import factories
import pytest
from sqlalchemy import event

from lti_peer.activities import registry
from lti_peer.core.db import Base
from lti_peer.core.models import Course

CANARY = "Canary (synthetic)"
TENANTS = {table.name for table in Base.metadata.sorted_tables if "deployment_id" in table.c}


@pytest.fixture(params=["peer_review", "teaching"])
def kind(request):
    """A kind of activity; each test runs with both."""
    return registry.find(request.param)


@pytest.fixture
def inside(app, world, database, kind):
    """The visits of an instructor and of a learner to an activity with the kind's preset."""
    world.build(kind=kind.name)
    with database.transaction() as session:
        kind.prepare(session, factories.visit(world.teacher, session.merge(world.activity)))
    return [world.enter(app, who) for who in (world.teacher, world.people[0])]


def crawl(visit, kind):
    """Open every page that a visit leads to; return the texts by address."""
    seen, left = {}, [f"/{kind.name}/"]
    while left:
        path = left.pop()
        page = visit.get(path)
        assert page.status_code < 400, path
        if page.mimetype != "text/html":
            seen[path] = ""  # a table to take away, whose page was seen
            continue
        seen[path] = re.sub('data-now="[^"]*"', "", page.text)
        links = {unescape(link) for link in re.findall(rf'href="{visit.root}([^"#]+)', page.text)}
        left += sorted(links - {*seen, *left})
    return seen


def add_twin(database, world, kind):
    """Add another tenant with the same keys everywhere, whose people have the canary's name."""
    with database.transaction() as session:
        mine = session.get_one(Course, world.course.id)
        twin = factories.course(session, context_key=mine.context_key, title=CANARY)
        activity = factories.activity(
            session, twin, kind.name, resource_link_key=world.activity.resource_link_key,
            title=CANARY,
        )  # fmt: skip
        kind.prepare(session, factories.visit(None, activity))
        for number, one in enumerate(world.people, 1):
            factories.person(session, twin, number=number, subject=one.subject, name=CANARY)


def test_tn3_another_tenant_with_the_same_keys_changes_no_page(inside, database, world, kind):
    before = [crawl(visit, kind) for visit in inside]
    add_twin(database, world, kind)
    after = [crawl(visit, kind) for visit in inside]
    assert [len(pages) > 1 for pages in before] == [True, True]
    assert after == before
    assert CANARY not in str(after)


def test_tn3_nothing_is_read_of_a_tenants_table_without_a_condition(inside, database, kind):
    said = []

    def note(*given):
        said.append(given[2])

    event.listen(database.engine, "before_cursor_execute", note)
    for visit in inside:
        crawl(visit, kind)
    event.remove(database.engine, "before_cursor_execute", note)

    reads = [one for one in said if re.search(rf"FROM ({'|'.join(TENANTS)})\b", one)]
    assert len(reads) > 20
    free = [one for one in reads if not re.search(r"WHERE.*_id\b|WHERE.*\.id\b", one, re.DOTALL)]
    assert free == []
