import re

import factories
import pytest

from lti_peer.activities import registry
from lti_peer.core.models import Role
from lti_peer.reports import activity, course, taking_part
from lti_peer.reports.shape import Column, Sort, Table

PAGES = ["/reports/", "/reports/course"]


@pytest.fixture
def told(busy, session):
    """The same class, committed."""
    session.commit()
    return busy.deeds


@pytest.mark.parametrize("path", PAGES)
def test_reports_are_for_staff_alone(app, told, path):
    for role in (Role.LEARNER, Role.PREVIEW, Role.DESIGNER):
        inside = told.world.enter(app, told.world.people[0], role)
        assert inside.get(path).status_code == 403


def test_every_picture_of_a_report_has_its_numbers_in_a_table(app, told):
    page = told.world.enter(app, told.world.teacher).get("/reports/").text
    articles = re.findall(r"<article.*?</article>", page, re.DOTALL)
    drawn = [one for one in articles if '<svg class="chart' in one]
    assert len(drawn) >= 6
    assert all("<table" in one and "How this is computed" in one for one in drawn)


def test_a_report_names_the_query_behind_each_figure(app, told):
    page = told.world.enter(app, told.world.teacher).get("/reports/").text
    named = set(re.findall(r"<code>(lti_peer\.reports[\w.]+)</code>", page))
    assert {"lti_peer.reports.reads.facts", "lti_peer.reports.reads.works"} <= named


@pytest.mark.parametrize("kind", [kind.name for kind in registry.KINDS])
def test_every_kind_has_a_report_and_a_link_to_it(app, world, kind):
    staff = (world := world.build(kind)).enter(app, world.teacher)
    home = staff.get(f"/{kind}/", follow_redirects=True).text
    assert f'href="{staff.root}/reports/"' in home
    page = staff.get("/reports/")
    assert page.status_code == 200
    assert f'href="{staff.root}/{kind}/"' in page.text


@pytest.mark.one_database
def test_a_text_in_a_table_is_escaped_whatever_its_column_holds():
    table = Table((Column("a", "A", Sort.TEXT), Column("b", "B")), [("<b>", "<i>"), ("x", 3)])
    assert table.body().count("<b>") + table.body().count("<i>") == 0
    assert '<td class="number">3</td>' in table.body()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("kind", "empty", "never"),
    [("peer_review", {"agreement", "speed"}, "gain"), ("teaching", {"gain"}, "agreement")],
)
def test_a_figure_is_empty_only_where_the_kind_can_have_it(session, world, kind, empty, never):
    visit = factories.Overlook(session, world.build(kind)).visit
    keys = {one.key for mine in activity.figures(session, visit).values() for one in mine}
    assert empty <= keys
    assert never not in keys


def test_a_course_without_learners_has_an_empty_state(app, world):
    staff = world.build(learners=0).enter(app, world.teacher)
    assert "no learners that we know of" in staff.get("/reports/").text
    assert staff.get("/reports/course").status_code == 200


def test_the_course_counts_as_the_activity_does(told, session):
    stages = {label: len(people) for label, people in taking_part.stages(told.facts())}
    figure = course.figures(session, told.visit)[0]
    row = dict(zip([c.key for c in figure.table.columns], figure.table.rows[0], strict=True))
    assert row["opened"] == stages["Opened it"]
    assert row["handed_in"] == stages["Handed in"]
    assert row["tasked"] == stages["Got a review or a partner"]
    assert row["reviewed"] == stages["Reviewed"]
    assert row["rated"] == stages["Rated what they got"]
    assert row["completed"] == stages["Did everything"]
    assert (row["given"], row["words"], row["score_work"]) == (5, 62.0, 0.375)


def test_a_course_does_not_count_another_course(told, session, world):
    other = type(world)(world.database).build(learners=2)
    figure = course.figures(session, told.visit)[0]
    assert [row[0] for row in figure.table.rows] == [told.activity.title]
    assert other.activity.course_id != told.activity.course_id
