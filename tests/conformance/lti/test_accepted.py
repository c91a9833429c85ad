"""Launches that are accepted: cases P01 to P17 of the conformance list."""

from datetime import timedelta

import pytest
from lti.minting import BASE_URL, GONE, INSTRUCTOR, LEARNER, MEMBERSHIP, jwk, key, sign
from sqlalchemy import select

from lti_peer.core.audit import AuditEntry
from lti_peer.core.models import Deployment, Person, Platform, Standing
from lti_peer.core.visit import VisitRecord
from lti_peer.lti import deployments
from lti_peer.lti.http import Unreachable
from lti_peer.lti.jwks import PlatformKeys
from lti_peer.lti.models import LaunchState, PlatformKeySet

pytestmark = pytest.mark.usefixtures("placed")


def entered(wire, answer):
    """Assert that a launch led into a visit; return the newest visit's record."""
    assert answer.status_code == 303, answer.text
    return max(wire.all(VisitRecord), key=lambda record: record.started_at)


@pytest.mark.parametrize(("role", "given"), [(INSTRUCTOR, "instructor"), (LEARNER, "learner")])
def test_p01_a_launch_with_full_claims_begins_a_visit(wire, role, given):
    assert entered(wire, wire.launch(roles=[role])).role == given


def test_p02_of_several_context_roles_the_strongest_counts(wire):
    assert entered(wire, wire.launch(roles=[LEARNER, INSTRUCTOR])).role == "instructor"


@pytest.mark.parametrize(("role", "given"), [("Instructor", "instructor"), ("Learner", "learner")])
def test_p03_short_names_are_context_roles(wire, role, given):
    assert entered(wire, wire.launch(roles=[role])).role == given


def test_p04_an_unknown_role_beside_a_known_one_changes_nothing(wire):
    roles = ["http://x.example/vocab#Unknown", LEARNER]
    assert entered(wire, wire.launch(roles=roles)).role == "learner"


@pytest.mark.parametrize("roles", [["http://x.example/vocab#Unknown"], [""], []])
def test_p04_p05_without_a_known_role_a_page_says_so_and_nobody_is_stored(wire, roles):
    answer = wire.launch(roles=roles)
    assert answer.status_code == 200
    assert "Nothing to open for you here" in answer.text
    assert (wire.count(Person), wire.count(LaunchState)) == (0, 0)


@pytest.mark.parametrize(
    ("over", "name"),
    [
        ({"name": GONE}, ""),
        ({"email": GONE}, "Tess Teacher (synthetic)"),
        ({"name": GONE, "email": GONE}, ""),
        ({"name": GONE, "given_name": "Ada", "family_name": "Example"}, "Ada Example"),
    ],
)
def test_p06_a_launch_needs_neither_name_nor_address(wire, over, name):
    entered(wire, wire.launch(**over))
    assert [person.name for person in wire.all(Person)] == [name]


def test_p07_without_a_course_a_page_asks_to_open_it_from_one(wire):
    answer = wire.launch(context=GONE)
    assert answer.status_code == 200
    assert "Open this from a course" in answer.text
    assert (wire.count(Person), wire.count(LaunchState)) == (0, 0)


def test_p08_a_list_of_our_client_alone_is_the_audience(wire):
    entered(wire, wire.launch(aud=[wire.platform.client_id], azp=wire.platform.client_id))


def test_p08_an_audience_that_nobody_trusts_is_refused(wire):
    client = wire.platform.client_id
    wire.refused(wire.launch(aud=["x", client], azp=client), 401, "untrusted_audience")


@pytest.mark.parametrize(
    "shift", [{"iat": 20}, {"nbf": 10}, {"exp": -10, "iat": -30}, {"iat": 45}, {"iat": -45}]
)
def test_p09_clocks_may_differ_a_little(wire, shift):
    now = int(wire.now().timestamp())
    entered(wire, wire.launch(**{name: now + seconds for name, seconds in shift.items()}))


def test_p10_unknown_claims_and_headers_are_ignored_and_never_fetched(wire):
    login = wire.login()
    claims = wire.claims(login, **{"https://x.example/claim": {"a": [1]}})
    header = {"typ": "odd", "jku": "https://evil.example/jwks", "x5u": "https://evil.example/x"}
    entered(wire, wire.post(login, sign(claims, **header)))
    assert wire.net.calls == [wire.platform.jwks_url]


def test_p11_a_rotated_key_is_fetched_once(wire):
    entered(wire, wire.launch())
    wire.net.serve(wire.platform.jwks_url, {"keys": [jwk("fresh", "k2")]})
    login = wire.login()
    entered(wire, wire.post(login, sign(wire.claims(login), signer=key("fresh"), kid="k2")))
    assert len(wire.net.calls) == 2


def test_p12_a_known_key_serves_while_the_lms_does_not_answer(wire):
    entered(wire, wire.launch())
    with wire.database.transaction() as session:
        session.scalars(select(PlatformKeySet)).one().fetched_at -= timedelta(hours=2)
    wire.net.answers[wire.platform.jwks_url] = Unreachable("down")
    wire.app.extensions["platform_keys"] = PlatformKeys(wire.database, wire.net)
    entered(wire, wire.launch())
    assert len(wire.net.calls) == 2


def test_p13_two_tabs_launch_in_crossed_order(wire):
    browser = wire.browser()
    first, second = wire.login(browser), wire.login(browser)
    entered(wire, wire.launch(second))
    entered(wire, wire.launch(first))
    assert wire.count(VisitRecord) == 2


def test_p15_without_cookies_the_storage_of_the_lms_vouches(wire):
    answer = wire.confirm(*wire.held())
    assert entered(wire, answer).in_path
    assert "~" in answer.headers["Location"]
    page = wire.browser().get(answer.headers["Location"], base_url=BASE_URL)
    assert page.text == "Tess Teacher (synthetic)|instructor|An activity"


def test_p16_an_lms_that_we_invited_may_place_the_tool_in_a_further_part(wire):
    with wire.database.transaction() as session:
        deployments.remember(session, session.get_one(Platform, wire.platform.id))
    login = wire.login(lti_deployment_id=GONE)
    entered(wire, wire.launch(login, deployment_id="part-2"))
    assert {one.deployment_key: one.state for one in wire.all(Deployment)} == {
        "1": Standing.ACTIVE,
        "part-2": Standing.ACTIVE,
    }
    assert [entry.act for entry in wire.all(AuditEntry)] == ["deployment_approved"]


def test_p16_where_institutions_share_an_issuer_each_part_waits(wire):
    with wire.database.transaction() as session:
        platform = session.get_one(Platform, wire.platform.id)
        platform.issuer = "https://blackboard.com"
        deployments.remember(session, platform)
    wire.platform.issuer = "https://blackboard.com"
    login = wire.login(lti_deployment_id=GONE)
    assert wire.launch(login, deployment_id="other-school").status_code == 403
    assert [one.state for one in wire.all(Deployment) if one.deployment_key != "1"] == ["pending"]


def test_p17_a_variable_that_was_not_filled_in_is_absent(wire):
    custom = {"activity": "$Canvas.assignment.id", "x": "$nothing"}
    entered(wire, wire.launch(custom=custom, roles=[MEMBERSHIP + "Learner"]))
