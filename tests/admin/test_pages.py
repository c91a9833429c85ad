"""The admin pages: who gets in, what is shown, what each button does."""

import json
import re
from datetime import timedelta

import factories
import pytest
from admin.office import BASE_URL, COOKIE, acts, item, put
from sqlalchemy import select

from lti_peer.admin import pages, sessions
from lti_peer.core.models import Deployment, Platform, Standing
from lti_peer.core.outbox import Channel, Delivery
from lti_peer.lti import checks, keys
from lti_peer.lti.invitations import Invitation
from lti_peer.web import policy
from lti_peer.web.limit import Limit
from lti_peer.web.policy import Access

NEW = {
    "name": "Ours",
    "issuer": "https://lms.example",
    "client_id": "7",
    "auth_url": "https://lms.example/auth",
    "token_url": "https://lms.example/token",
    "jwks_url": "https://lms.example/jwks",
    "deployments": "1 2",
}


@pytest.fixture
def lms(database):
    """A registered LMS with one deployment; change it by keyword."""

    def made(state=Standing.ACTIVE, deployment=Standing.ACTIVE, **over):
        with database.transaction() as session:
            platform = factories.platform(session, state=state, **over)
            part = Deployment(
                platform=platform, deployment_key="27", state=deployment, created_at=factories.NOW
            )
            session.add(part)
        return platform

    return made


@pytest.fixture
def link(database):
    """The path of a one-time link."""
    with database.transaction() as session:
        url, _ = sessions.link(session, BASE_URL, "kim", "root")
    return url.removeprefix(BASE_URL)


def find(database, what, **where):
    with database.transaction(read_only=True) as session:
        return session.scalars(select(what).filter_by(**where)).one()


def of(text):
    """Return the words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def paths(app):
    """Return every admin page's method and an address of it."""
    filled = {"<uuid:": "00000000-0000-4000-8000-000000000000", "<word>": "approve"}
    for rule in app.url_map.iter_rules():
        if policy.of(app.view_functions[rule.endpoint]).access is Access.ADMIN:
            path = re.sub(r"<uuid:[^>]+>", filled["<uuid:"], rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield method, path.replace("<word>", filled["<word>"])


def test_nobody_sees_or_does_anything_without_signing_in(app, database):
    for method, path in paths(app):
        answer = app.test_client().open(path, method=method, base_url=BASE_URL)
        assert answer.status_code == 401, path
        assert "lti-peer admin link" in answer.text
    assert acts(database) == []


def test_an_admin_route_outside_the_admin_pages_is_guarded_as_well(app):
    app.add_url_rule("/elsewhere", "elsewhere", policy.admin(lambda: "secret"))
    answer = app.test_client().get("/elsewhere")
    assert answer.status_code == 401
    assert "secret" not in answer.text


def test_b4_nothing_is_done_by_a_form_of_somebody_else(app, signed_in, database):
    for method, path in paths(app):
        if method == "POST":
            answer = signed_in.post(path.removeprefix("/admin"), 403, token="forged")
            assert "forged_form" in answer.text
    assert [act for _, act in acts(database)] == ["admin_link_made", "admin_signed_in"]


def test_a_link_asks_for_a_click_so_that_looking_at_it_uses_nothing_up(app, link):
    browser = app.test_client()
    for _ in range(3):
        assert "Sign in to administer" in browser.get(link, base_url=BASE_URL).text
    answer = browser.post(link, base_url=BASE_URL)
    assert answer.headers["Location"] == "/admin/"
    assert app.test_client().post(link, base_url=BASE_URL).status_code == 403


def test_b3_the_cookie_goes_nowhere_else_and_no_page_frames_ours(app, link):
    answer = app.test_client().post(link, base_url=BASE_URL)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Max-Age=28800" in cookie
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_site_cannot_sign_anybody_in(app, link, headers):
    answer = app.test_client().post(link, headers=headers, base_url=BASE_URL)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_whoever_tries_too_often_waits(app, link):
    app.extensions["admin_limit"] = Limit(pages.ATTEMPTS, pages.WINDOW_S, lambda: 0.0)
    browser = app.test_client()
    for _ in range(20):
        assert browser.get("/admin/sign-in/nothing", base_url=BASE_URL).status_code == 403
    answer = browser.get(link, base_url=BASE_URL)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3"


def test_signing_out_ends_the_session_in_the_server_too(signed_in):
    answer = signed_in.post("/sign-out", 200)
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    signed_in.client.set_cookie(COOKIE, "x", domain="tool.example", secure=True)
    signed_in.get("/", 401)


def test_an_empty_tool_says_what_to_do_first(signed_in):
    text = of(signed_in.get("/"))
    assert "Your LMSs will be here." in text
    assert "Invite an LMS" in text
    assert "Nothing was refused." in of(signed_in.get("/deliveries"))
    assert "Nothing waits." in of(signed_in.get("/deliveries?state=pending"))
    assert "The tool's keys will be here." in of(signed_in.get("/keys")).replace("&#39;", "'")


def test_what_waits_for_somebody_comes_first(signed_in, lms, database):
    lms(name="Alpha", last_launch_at=factories.NOW)
    lms(Standing.PENDING, name="Omega")
    text = of(signed_in.get("/"))
    assert "Omega waits for your approval." in text
    assert text.rindex("Omega") < text.rindex("Alpha")


def test_a_part_that_waits_is_said_to(signed_in, lms):
    lms(deployment=Standing.PENDING, name="Alpha")
    assert "A part of Alpha waits for your approval." in of(signed_in.get("/"))


def test_trouble_of_an_lms_is_said_in_words(signed_in, lms, database):
    one = lms(name="Alpha")
    checks.token_failed(database, one.id, "The LMS gave no access token (401).")
    text = of(signed_in.get("/"))
    assert "Alpha has trouble." in text
    assert "The LMS gave no access token (401)." in text


def test_what_was_refused_and_what_is_late_is_said(signed_in, lms, database):
    lms()
    dead = put(database, error="No.")
    assert "One delivery was refused." in of(signed_in.get("/"))
    signed_in.post(f"/deliveries/{dead}/retry")
    with database.transaction() as session:
        session.get_one(type(item(database, dead)), dead).sequence -= timedelta(minutes=7)
    assert "The oldest has waited for 7 minutes." in of(signed_in.get("/"))


def test_an_lms_is_approved_and_disabled(signed_in, lms, database):
    one = lms(Standing.PENDING, name="Omega")
    assert "May people come from Omega?" in of(signed_in.get(f"/platforms/{one.id}"))
    signed_in.post(f"/platforms/{one.id}/approve")
    assert find(database, Platform, id=one.id).state is Standing.ACTIVE
    signed_in.post(f"/platforms/{one.id}/disable")
    assert "Nobody can come from here." in of(signed_in.get(f"/platforms/{one.id}"))
    done = [each for each in acts(database) if each[1].startswith("platform")]
    assert done == [("kim, admin page", f"platform_{act}") for act in ("approved", "disabled")]


def test_disabling_an_lms_closes_the_pages_of_its_people_alone(signed_in, app, world, database):
    inside = world.build().enter(app, world.teacher)
    other = factories.World(database).build()
    elsewhere = other.enter(app, other.teacher)
    signed_in.post(f"/platforms/{world.course.deployment.platform_id}/disable")
    assert inside.get("/peer_review/").status_code == 401
    assert elsewhere.get("/peer_review/").status_code == 200


def test_disabling_a_deployment_closes_the_pages_of_its_people(signed_in, app, world):
    inside, part = world.build().enter(app, world.teacher), world.course.deployment
    signed_in.post(f"/platforms/{part.platform_id}/deployments/{part.id}/disable")
    assert inside.get("/peer_review/").status_code == 401


def test_a_deployment_is_approved_and_disabled(signed_in, lms, database):
    one = lms(deployment=Standing.PENDING)
    part = find(database, Deployment, deployment_key="27")
    path = f"/platforms/{one.id}/deployments/{part.id}"
    for word, standing in (("approve", Standing.ACTIVE), ("disable", Standing.DISABLED)):
        signed_in.post(f"{path}/{word}")
        assert find(database, Deployment, id=part.id).state is standing
    signed_in.post(f"{path}/explode", 422)


def test_tn4_administrators_have_no_tenant_but_an_lms_has_only_its_own_deployments(
    signed_in, lms, database
):
    lms()
    part = find(database, Deployment, deployment_key="27")
    signed_in.post(f"/platforms/{lms().id}/deployments/{part.id}/disable", 404)
    assert find(database, Deployment, id=part.id).state is Standing.ACTIVE


def test_a_deployment_and_a_host_are_approved_by_name(signed_in, lms, database):
    one = lms()
    signed_in.post(f"/platforms/{one.id}/deployments", deployment=" 9 ")
    signed_in.post(f"/platforms/{one.id}/hosts", host="files.example.org")
    assert find(database, Deployment, deployment_key="9").state is Standing.ACTIVE
    assert find(database, Platform, id=one.id).hosts == ["files.example.org"]


@pytest.mark.parametrize("host", ["", "https://files.example.org", "a b"])
def test_a_host_that_is_none_is_refused_with_a_way_back(signed_in, lms, database, host):
    one = lms()
    answer = signed_in.post(f"/platforms/{one.id}/hosts", 422, host=host)
    assert f'href="/admin/platforms/{one.id}"' in answer.text
    assert find(database, Platform, id=one.id).hosts == []


def test_a_host_does_not_let_a_waiting_lms_in_by_the_way(signed_in, lms, database):
    one = lms(Standing.PENDING)
    signed_in.post(f"/platforms/{one.id}/hosts", 409, host="files.example.org")
    signed_in.post(f"/platforms/{one.id}/deployments", 409, deployment="1")
    assert find(database, Platform, id=one.id).state is Standing.PENDING


def test_an_lms_that_is_not_there_is_not_found(signed_in):
    text = signed_in.get("/platforms/00000000-0000-4000-8000-000000000000", 404)
    assert "Back to the LMSs" in text


def test_an_invitation_is_shown_once_and_kept_nowhere(signed_in, database):
    answer = signed_in.post("/platforms/invite", 200, name="Ours", activate="yes")
    url = re.search(r'value="(https://tool\.example/lti/register/[^"]+)"', answer.text)[1]
    assert answer.headers["Cache-Control"] == "no-store, private"
    made = find(database, Invitation)
    assert (made.name, made.activate) == ("Ours", True)
    assert url.rpartition("/")[2] not in signed_in.get("/")
    assert "may be used at once" in of(signed_in.get("/"))


def test_an_lms_is_added_by_hand(signed_in, database):
    answer = signed_in.post("/platforms/new", **NEW)
    made = find(database, Platform, name="Ours")
    assert answer.headers["Location"] == f"/admin/platforms/{made.id}"
    assert find(database, Deployment, deployment_key="2").platform_id == made.id
    assert acts(database)[-1] == ("kim, admin page", "platform_added")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "http://lms.example"),
        ("token_url", "https://root@lms.example/token"),
        ("jwks_url", ""),
        ("client_id", "x" * 256),
        ("hosts", "a/b"),
        ("deployments", "x" * 256),
    ],
)
def test_what_is_wrong_with_an_lms_stands_beside_its_field(signed_in, database, name, value):
    answer = signed_in.post("/platforms/new", 422, **{**NEW, name: value})
    assert f'href="#f-{name}"' in answer.text
    assert f'id="f-{name}-error"' in answer.text
    assert 'value="https://lms.example/auth"' in answer.text
    with database.transaction(read_only=True) as session:
        assert session.scalars(select(Platform)).all() == []


def test_an_lms_that_is_known_is_not_added_twice(signed_in):
    signed_in.post("/platforms/new", **NEW)
    assert "registered already" in signed_in.post("/platforms/new", 409, **NEW).text


def test_deliveries_are_listed_by_state_and_channel(signed_in, database):
    put(database, Channel.AGS, {"grade": "1"}, error="Not a learner.")
    put(database, error="No verb.")
    both = of(signed_in.get("/deliveries"))
    assert "Not a learner." in both
    assert "No verb." in both
    grades = of(signed_in.get("/deliveries?channel=ags"))
    assert "No verb." not in grades
    assert "Nothing waits." in of(signed_in.get("/deliveries?state=pending"))


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=99999999999", "channel=x&state=x"])
def test_a_silly_page_number_is_no_error(signed_in, database, query):
    put(database, error="No.")
    signed_in.get(f"/deliveries?{query}")


def test_an_item_is_shown_without_what_it_says_until_somebody_asks(signed_in, database):
    dead = put(database, error="No verb.")
    said = item(database, dead).payload["actor"]["account"]["homePage"]
    assert said not in signed_in.get(f"/deliveries/{dead}")
    assert said in signed_in.post(f"/deliveries/{dead}/read", 200).text
    assert acts(database)[-1] == ("kim, admin page", "delivery_read")


def test_a_grade_can_be_read_and_not_mended(signed_in, database):
    dead = put(database, Channel.AGS, {"grade": "1"}, error="No.")
    assert "<textarea" not in signed_in.post(f"/deliveries/{dead}/read", 200).text
    signed_in.post(f"/deliveries/{dead}/mend", 409, payload="{}")


def test_a_statement_is_mended_and_sent_again(signed_in, database):
    statement = factories.statement()
    dead = put(database, payload={**statement, "verb": {}}, error="No verb.")
    wrong = json.dumps({**statement, "verb": {"id": "<b>"}})
    answer = signed_in.post(f"/deliveries/{dead}/mend", 422, payload=wrong)
    assert "$.verb.id" in answer.text
    assert "&lt;b&gt;" in answer.text
    assert item(database, dead).state is Delivery.DEAD
    signed_in.post(f"/deliveries/{dead}/mend", payload=json.dumps(statement))
    assert item(database, dead).payload == statement
    assert "It is sent by itself" in of(signed_in.get(f"/deliveries/{dead}"))


def test_all_of_one_channel_are_sent_again(signed_in, database):
    grade = put(database, Channel.AGS, {"grade": "1"}, error="No.")
    statement = put(database, error="No.")
    answer = signed_in.post("/deliveries/retry", channel="ags")
    assert answer.headers["Location"] == "/admin/deliveries?state=pending&channel=ags"
    assert item(database, grade).state is Delivery.PENDING
    assert item(database, statement).state is Delivery.DEAD


def test_keys_are_replaced_and_shown(signed_in, database, app):
    app.extensions["key_ring"].ensure()
    signed_in.post("/keys/rotate", hours=24)
    text = of(signed_in.get("/keys"))
    assert "A new key signs in 23 hours." in text
    assert "Publish a new key" not in text
    assert signed_in.post("/keys/rotate", 409, hours=24)
    signed_in.post("/keys/rotate", compromised="yes")
    with database.transaction(read_only=True) as session:
        assert len(keys.lines(session)) == 1


@pytest.mark.parametrize("hours", ["", "x", "0", "-5", "99999999999999"])
def test_hours_that_are_none_replace_nothing(signed_in, database, hours):
    signed_in.post("/keys/rotate", 422, hours=hours)
    assert acts(database)[-1][1] == "admin_signed_in"


def test_no_page_prints_a_private_key(signed_in, app):
    app.extensions["key_ring"].ensure()
    assert "PRIVATE" not in signed_in.get("/keys")
