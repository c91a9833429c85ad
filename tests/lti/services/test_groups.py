"""Groups and sets of an LMS, read with the roster."""

import factories
import pytest
from lti.services.conftest import answered
from lti.services.test_roster import course, everybody, listed, member, read, row
from lti.services.test_services import services
from sqlalchemy import select

from lti_peer.core import db, groups, rosters
from lti_peer.core.models import Role
from lti_peer.lti.claims import GROUPS_TYPE, SCOPE_GROUPS
from lti_peer.lti.http import Unreachable

__all__ = ["course", "everybody", "read", "row", "services"]

SETS = answered(200, {"sets": [{"id": 5, "name": "Project"}]})


@pytest.fixture
def grouped(database, course):
    """A course whose LMS has groups."""
    lms = course.course.deployment.platform.issuer
    with database.transaction() as session:
        rosters.keep_groups(session, course.course, f"{lms}/groups", f"{lms}/sets")
    return course


@pytest.fixture
def seen(database, grouped):
    """What a page sees of the groups: set, name and people."""

    def look():
        grouped.activity.course = grouped.course
        visit = factories.visit(grouped.teacher, grouped.activity, Role.INSTRUCTOR)
        with database.transaction(read_only=True) as session:
            found = groups.of(session, visit)
        return [(one.group.set_name, one.group.name, one.people) for one in found]

    return look


def two(*names):
    return answered(200, {"groups": [{"id": n, "name": name, "set_id": 5} for n, name in names]})


def enrolled(person, *keys):
    return member(person.subject, group_enrollments=[{"group_id": key} for key in keys])


def test_groups_and_who_is_in_them_come_with_the_roster(read, client, grouped, everybody, seen):
    one, other = grouped.people
    roster = listed(everybody[0], enrolled(one, 1), enrolled(other, "1", "2"))
    read(roster, SETS, two((1, "Red"), (2, "Blue")))

    assert seen() == [("Project", "Blue", (other.id,)), ("Project", "Red", (one.id, other.id))]
    assert "groups=true" in client.sent[0][1]
    assert client.sent[1][2]["Accept"] == GROUPS_TYPE
    assert SCOPE_GROUPS in [fields["scope"] for _, fields in client.asked]


def test_a_group_that_is_gone_and_one_that_was_renamed(database, read, grouped, everybody, seen):
    roster = listed(everybody[0], enrolled(grouped.people[0], 1, 2))
    read(roster, SETS, two((1, "Red"), (2, "Blue")))
    with database.transaction() as session:
        found = session.scalars(select(rosters.Roster)).one()
        found.due_at = db.now(session)
    read(roster, SETS, two((1, "Rot")))

    assert seen() == [("Project", "Rot", (grouped.people[0].id,))]


@pytest.mark.parametrize("fault", [answered(403), answered(200, {}), Unreachable("away")])
def test_a_roster_without_its_groups_is_kept(read, grouped, everybody, seen, row, fault):
    read(listed(*everybody), SETS, fault)
    assert seen() == []
    assert (row().problem, row().read_at is not None) == ("", True)


def test_an_lms_that_says_nothing_of_members_keeps_its_groups_empty(read, grouped, everybody, seen):
    read(listed(*everybody), SETS, two((1, "Red")))
    assert seen() == [("Project", "Red", ())]
