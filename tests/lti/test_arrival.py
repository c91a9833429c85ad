"""What a launch leaves behind: course, person, membership, activity, grade column, record."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import factories
import pytest
from lti.minting import BASE_URL, GONE, INSTRUCTOR, LEARNER, MEMBERSHIP
from sqlalchemy import select, update

from lti_peer.core.models import (
    Activity,
    ActivityState,
    Course,
    Deployment,
    LineItem,
    Membership,
    Person,
    Platform,
    Role,
)
from lti_peer.core.outbox import Channel, OutboxItem
from lti_peer.core.rosters import Roster
from lti_peer.core.visit import VisitRecord
from lti_peer.lti import claims as words
from lti_peer.lti import enrolment
from lti_peer.previews.models import Sandbox

TEST_USER = "http://purl.imsglobal.org/vocab/lis/v2/system/person#TestUser"
ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"


@pytest.fixture
def course(wire):
    """The course that launches name, before anybody has launched from it."""
    with wire.database.transaction() as session:
        deployment = session.scalars(select(Deployment)).first()
        return factories.course(session, deployment=deployment, context_key="2")


def add(wire, course, **over):
    """Store an activity of the test kind in the course; at link 9 unless that is said."""
    with wire.database.transaction() as session:
        given = {"resource_link_key": "9", **over}
        return factories.activity(session, course, given.pop("kind", "probe"), **given)


def member(wire):
    """Return the only membership in the course that the LMS names."""
    real = [one.id for one in wire.all(Course) if not one.is_sandbox]
    return next(one for one in wire.all(Membership) if one.course_id in real)


def test_the_first_launch_adds_course_person_and_membership(wire):
    wire.launch()
    (course,), (person,) = wire.all(Course), wire.all(Person)
    assert (course.context_key, course.title, course.label) == ("2", "Peer", "PL")
    assert (person.subject, person.name) == ("7", "Tess Teacher (synthetic)")
    assert (member(wire).role, member(wire).number, member(wire).active) == (
        Role.INSTRUCTOR,
        1,
        True,
    )


def test_members_are_numbered_as_they_come(wire, course):
    add(wire, course)
    for subject in ("a", "b", "a", "c"):
        wire.launch(sub=subject, roles=[LEARNER])
    assert sorted(one.number for one in wire.all(Membership)) == [1, 2, 3]


def test_a_later_launch_brings_names_up_to_date_and_an_absent_name_changes_nothing(wire):
    wire.launch(name="Old (synthetic)", context={"id": "2", "title": "Old"})
    wire.launch(name="New (synthetic)", context={"id": "2", "title": "New"})
    wire.launch(name=GONE, email=GONE, context={"id": "2"})
    assert (wire.all(Person)[0].name, wire.all(Person)[0].email) == (
        "New (synthetic)",
        "tess@example.org",
    )
    assert wire.all(Course)[0].title == "New"


def test_staff_who_switch_to_the_role_of_a_learner_are_learners_in_a_sandbox(wire, course):
    add(wire, course)
    wire.launch()
    wire.launch(roles=[LEARNER])
    assert member(wire).role is Role.INSTRUCTOR
    (sandbox,) = wire.all(Sandbox)
    assert {(visit.course_id, visit.role) for visit in wire.all(VisitRecord)} == {
        (course.id, Role.INSTRUCTOR), (sandbox.course_id, Role.LEARNER)
    }  # fmt: skip


@pytest.mark.parametrize("roles", [[TEST_USER], [LEARNER, TEST_USER], [INSTRUCTOR, TEST_USER]])
def test_the_test_user_of_an_lms_is_a_preview_in_the_course(wire, course, roles):
    add(wire, course)
    wire.launch(roles=roles)
    assert member(wire).role is Role.PREVIEW
    assert wire.all(VisitRecord)[0].course_id == wire.all(Sandbox)[0].course_id


def test_a_learner_who_became_an_assistant_is_one_from_then_on(wire, course):
    add(wire, course)
    wire.launch(roles=[LEARNER])
    wire.launch(roles=[ASSISTANT, INSTRUCTOR])
    assert member(wire).role is Role.TA


def test_who_had_left_the_course_is_back_with_a_launch(wire, course):
    add(wire, course)
    wire.launch(roles=[LEARNER])
    with wire.database.transaction() as session:
        session.execute(update(Membership).values(active=False))
    wire.launch(roles=[LEARNER])
    assert member(wire).active


def test_the_same_subject_of_another_platform_is_another_person(wire):
    with wire.database.transaction() as session:
        other = wire.register(session, issuer=wire.platform.issuer)
    wire.launch()
    login = wire.login(client_id=other.client_id)
    wire.launch(login, aud=other.client_id)
    assert len({person.platform_id for person in wire.all(Person)}) == 2
    assert wire.count(Course) == 2


def test_family_and_last_launch_of_the_platform_are_kept(wire):
    wire.launch(tool_platform={"product_family_code": "Moodle"})
    (platform,) = wire.all(Platform)
    assert platform.family == "moodle"
    assert platform.last_launch_at is not None


def test_the_visit_has_language_zone_and_way_back(wire, course):
    add(wire, course)
    presentation = {"locale": "de_AT", "return_url": "https://lms.example/back?sesskey=x"}
    wire.launch(launch_presentation=presentation, zoneinfo="Europe/Vienna")
    (visit,) = wire.all(VisitRecord)
    assert (visit.locale, visit.zone) == ("de-AT", "Europe/Vienna")
    assert visit.return_url == "https://lms.example/back?sesskey=x"


@pytest.mark.parametrize("zone", ["../etc/passwd", "Nowhere/Land", "/etc/localtime", 7, "x" * 100])
def test_a_zone_that_is_none_is_utc(wire, course, zone):
    add(wire, course)
    wire.launch(zoneinfo=zone, launch_presentation={"locale": "<x>"})
    assert (wire.all(VisitRecord)[0].zone, wire.all(VisitRecord)[0].locale) == ("UTC", "en")


def test_services_on_the_platforms_hosts_are_kept_and_an_absent_one_stays(wire, course):
    host = wire.platform.issuer
    add(wire, course)
    wire.launch(
        **{
            words.NRPS: {"context_memberships_url": f"{host}/roster?x=1"},
            words.AGS: {"lineitems": f"{host}/columns?x=1", "lineitem": f"{host}/column?x=1"},
        }
    )
    wire.launch()
    (kept,) = wire.all(Course)
    assert (kept.roster_url, kept.line_items_url) == (f"{host}/roster?x=1", f"{host}/columns?x=1")


@pytest.mark.parametrize(
    ("subject", "role", "asks_again"),
    [("8", INSTRUCTOR, True), ("8", LEARNER, False), ("7", LEARNER, True)],
)
def test_a_roster_is_read_when_it_is_new_and_when_staff_come_in_whichever_role(
    wire, course, subject, role, asks_again
):
    add(wire, course)
    wire.launch(sub="7")
    roster = {words.NRPS: {"context_memberships_url": f"{wire.platform.issuer}/roster"}}
    wire.launch(roles=[LEARNER], **roster)
    with wire.database.transaction() as session:
        row = session.scalars(select(Roster)).one()
        row.read_at = row.due_at - timedelta(minutes=5)
        row.due_at += timedelta(days=1)

    wire.launch(roles=[role], sub=subject, **roster)
    (row,) = wire.all(Roster)
    assert (row.due_at <= wire.now()) is asks_again


def test_the_column_of_the_link_belongs_to_the_first_component(wire, course):
    activity = add(wire, course)
    url = f"{wire.platform.issuer}/column?type_id=1"
    wire.launch(**{words.AGS: {"lineitem": url}})
    wire.launch(**{words.AGS: {"lineitems": f"{wire.platform.issuer}/columns"}})
    (item,) = wire.all(LineItem)
    assert (item.activity_id, item.component, item.url) == (activity.id, "work", url)


def test_a_draft_is_bound_to_the_link_that_names_it_and_published(wire, course):
    draft = add(wire, course, resource_link_key=None, state=ActivityState.DRAFT)
    answer = wire.launch(roles=[LEARNER], custom={"activity": str(draft.id)})
    (activity,) = wire.all(Activity)
    assert answer.status_code == 303
    assert (activity.resource_link_key, activity.state) == ("9", ActivityState.PUBLISHED)


def test_who_comes_a_moment_after_the_draft_was_bound_finds_it_too(wire, course, monkeypatch):
    draft = add(wire, course, resource_link_key=None, state=ActivityState.DRAFT)
    named = {"activity": str(draft.id)}
    wire.launch(roles=[LEARNER], custom=named)
    seen = enrolment.known
    monkeypatch.setattr(  # as if this launch had read just before the other was committed
        enrolment, "known", lambda *launch: replace(seen(*launch), activity=None)
    )
    assert wire.launch(sub="2", roles=[LEARNER], custom=named).status_code == 303


def copies(wire, course):
    """Return custom parameters that come along with a copied link."""
    with wire.database.transaction() as session:
        elsewhere = factories.activity(
            session, factories.course(session), "probe", resource_link_key=None
        )
    bound = add(wire, course, resource_link_key="1")
    return [str(bound.id), str(elsewhere.id), "00000000-0000-0000-0000-000000000000", "x"]


@pytest.mark.parametrize("which", range(4))
def test_a_copied_link_leads_learners_to_a_neutral_page(wire, course, which):
    custom = {"activity": copies(wire, course)[which]}
    answer = wire.launch(roles=[LEARNER], custom=custom)
    assert answer.status_code == 200
    assert "Your instructor has not set this up yet" in answer.text
    assert wire.count(VisitRecord) == 0


@pytest.mark.parametrize("which", range(4))
def test_a_copied_link_leads_staff_to_the_picker_with_a_notice(wire, course, which):
    answer = wire.launch(custom={"activity": copies(wire, course)[which]})
    assert answer.headers["Location"].endswith("/deep-linking/?copied=1")
    fresh = next(one for one in wire.all(Activity) if one.resource_link_key == "9")
    assert (fresh.kind, fresh.state, fresh.title) == ("", ActivityState.DRAFT, "Peer review")


def test_a_bare_link_leads_staff_to_the_picker_every_time_until_they_choose(wire):
    for _ in range(2):
        assert wire.launch().headers["Location"].endswith("/deep-linking/")
    assert wire.count(Activity) == 1


@pytest.mark.parametrize("by_staff_before", [False, True])
def test_a_bare_link_leads_learners_to_a_neutral_page(wire, by_staff_before):
    if by_staff_before:
        wire.launch()
    answer = wire.launch(sub="8", roles=[LEARNER])
    assert "Your instructor has not set this up yet" in answer.text


def test_a_draft_at_a_link_is_not_shown_to_learners(wire, course):
    add(wire, course, state=ActivityState.DRAFT)
    assert "not set this up yet" in wire.launch(roles=[LEARNER]).text
    assert wire.launch(sub="1").status_code == 303


def test_a_kind_that_this_version_does_not_have_is_a_problem_page(wire, course):
    add(wire, course, kind="gone")
    wire.refused(wire.launch(), 404, "unknown_kind")


def test_a_mentor_has_nothing_to_open(wire):
    assert "Nothing to open for you here" in wire.launch(roles=[MEMBERSHIP + "Mentor"]).text


def test_the_launch_is_recorded_without_a_name(wire, course):
    activity = add(wire, course)
    wire.launch(roles=[LEARNER])
    (item,) = wire.all(OutboxItem)
    assert item.channel is Channel.XAPI
    assert item.payload["verb"]["id"].endswith("/launched")
    assert item.payload["object"]["id"] == f"{BASE_URL}/activities/{activity.id}"
    assert "Tess" not in str(item.payload)


def test_a_preview_leaves_no_record(wire, course):
    add(wire, course)
    wire.launch(roles=[LEARNER, TEST_USER])
    assert wire.count(OutboxItem) == 0


def test_deep_linking_leads_to_the_picker_with_the_settings(wire):
    answer = wire.launch(**wire.deep_link(data="opaque<>", title="T", unknown="x"))
    (visit,) = wire.all(VisitRecord)
    assert answer.headers["Location"].endswith("/deep-linking/")
    assert visit.deep_link["data"] == "opaque<>"
    assert visit.deep_link["deep_link_return_url"].endswith("?sesskey=x")
    assert "unknown" not in visit.deep_link


def test_deep_linking_without_data_sends_none_back(wire):
    wire.launch(**wire.deep_link())
    assert "data" not in wire.all(VisitRecord)[0].deep_link


@pytest.mark.parametrize("data", [7, "x" * 10_001])
def test_deep_linking_data_that_cannot_be_kept_whole_is_refused(wire, data):
    wire.refused(wire.launch(**wire.deep_link(data=data)), 400, "bad_claim")


def test_a_return_address_on_an_approved_host_is_taken(wire):
    with wire.database.transaction() as session:
        session.get_one(Platform, wire.platform.id).hosts = ["uni.example"]
    answer = wire.launch(**wire.deep_link(deep_link_return_url="https://uni.example/x"))
    assert answer.status_code == 303


def test_a_course_of_thirty_launches_at_once_without_loss(wire, course):
    add(wire, course)
    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(lambda n: wire.launch(sub=f"s{n}", roles=[LEARNER]), range(30))
        assert {answer.status_code for answer in answers} == {303}
    assert sorted(one.number for one in wire.all(Membership)) == list(range(1, 31))
