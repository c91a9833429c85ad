"""Launches that are refused: cases N33 to N39 and N54 to N82 of the conformance list."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from lti.minting import BASE_URL, GONE, LEARNER, TARGET, sign
from sqlalchemy import select, update

from lti_peer.core.models import Course, Deployment, Person, Platform, Standing
from lti_peer.core.visit import VisitRecord
from lti_peer.lti import claims as words
from lti_peer.lti.models import LaunchState, PendingConfirm

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"


def test_n33_of_eight_posts_of_one_token_exactly_one_gets_in(placed, wire):
    login = wire.login()
    token = sign(wire.claims(login))
    cookie = login.answer.headers["Set-Cookie"].partition(";")[0].split("=")

    def post(_):
        browser = wire.browser()
        browser.set_cookie(*cookie, domain="tool.example", secure=True)
        return wire.post(login, token, browser=browser).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(post, range(8))) == [303] + [401] * 7
    assert wire.count(VisitRecord) == 1


def test_n34_a_launch_without_state_is_refused(wire):
    login = wire.login()
    wire.refused(wire.post(login, sign({}), state=GONE), 400, "missing_state")


@pytest.mark.parametrize("state", ["unknown", "state-", "\0", "é" * 500])
def test_n35_an_unknown_state_is_refused(wire, state):
    wire.refused(wire.post(wire.login(), sign({}), state=state), 401, "state_unknown")


def test_n35_a_state_of_more_than_five_minutes_is_refused(wire):
    login = wire.login()
    with wire.database.transaction() as session:
        session.scalars(select(LaunchState)).one().expires_at -= timedelta(minutes=5)
    wire.refused(wire.launch(login), 401, "state_unknown")


def test_n36_the_state_of_another_browser_is_refused(wire):
    login = wire.login()
    victim = wire.login()
    answer = wire.post(login, sign(wire.claims(login)), browser=victim.browser)
    wire.refused(answer, 401, "state_not_bound", states=2)
    assert "Set-Cookie" not in answer.headers


def test_n36_a_cookie_that_the_other_browser_made_up_is_refused(wire):
    login = wire.login()
    name = login.answer.headers["Set-Cookie"].partition("=")[0]
    browser = wire.browser()
    browser.set_cookie(name, "0" * 64, domain="tool.example", secure=True)
    wire.refused(wire.post(login, sign(wire.claims(login)), browser), 401, "state_not_bound")


def test_n37_without_cookies_a_button_begins_anew_in_a_new_window(wire):
    login = wire.login(login_hint='7"><script>')
    answer = wire.post(login, sign(wire.claims(login)), browser=wire.browser())
    wire.refused(answer, 401, "state_not_bound")
    assert 'action="/lti/login" target="_blank"' in answer.text
    assert "Open in a new window" in answer.text
    assert "<script>" not in answer.text
    assert f"form-action 'self' {wire.platform.issuer}" in answer.headers["Content-Security-Policy"]


def test_n37_the_button_leads_to_a_launch_that_is_accepted(placed, wire):
    login = wire.login()
    page = wire.post(login, sign(wire.claims(login)), browser=wire.browser()).text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    fields["lti_message_hint"] = fields["lti_message_hint"].replace("&#34;", '"')
    assert fields == wire.fields()
    assert wire.launch(wire.login(**fields)).status_code == 303


@pytest.mark.parametrize("value", ["", "0" * 64, "é"])
def test_n38_another_value_than_the_stored_one_is_refused(wire, value):
    handle, _ = wire.held()
    wire.refused(wire.confirm(handle, value), 401, "state_not_bound")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_n38_a_confirmation_from_another_page_is_refused(wire, origin):
    wire.refused(wire.confirm(*wire.held(), origin=origin), 401, "foreign_confirm")


def test_n39_a_confirmation_is_taken_once(placed, wire):
    held = wire.held()
    assert wire.confirm(*held).status_code == 303
    assert wire.confirm(*held).status_code == 401
    assert (wire.count(VisitRecord), wire.count(PendingConfirm)) == (1, 0)


def test_n39_a_confirmation_after_a_minute_is_refused(wire):
    held = wire.held()
    with wire.database.transaction() as session:
        session.scalars(select(PendingConfirm)).one().expires_at -= timedelta(seconds=60)
    wire.refused(wire.confirm(*held), 401, "confirm_unknown")


def test_n39_what_waits_for_a_confirmation_is_encrypted(wire):
    wire.held()
    assert "Tess" not in wire.all(PendingConfirm)[0].sealed


@pytest.mark.parametrize("name", ["id_token", "state"])
def test_n54_a_field_that_is_there_twice_is_refused(wire, name):
    login = wire.login()
    token = sign(wire.claims(login))
    twice = {"id_token": token, "state": login.state}
    twice[name] = [twice[name], twice[name]]
    answer = login.browser.post("/lti/launch", data=twice, base_url=BASE_URL)
    wire.refused(answer, 400, "duplicate_param")


def test_n55_a_token_in_a_query_is_refused(wire):
    login = wire.login()
    query = {"id_token": sign(wire.claims(login)), "state": login.state}
    answer = login.browser.get("/lti/launch", query_string=query, base_url=BASE_URL)
    wire.refused(answer, 405, "launch_by_get")
    assert answer.headers["Allow"] == "POST"


def test_n55_a_token_in_the_query_of_a_post_is_not_seen(wire):
    login = wire.login()
    query = {"id_token": sign(wire.claims(login)), "state": login.state}
    answer = login.browser.post("/lti/launch", query_string=query, base_url=BASE_URL)
    wire.refused(answer, 400, "missing_state")


def test_n56_an_error_along_with_a_token_is_an_error(wire):
    login = wire.login()
    answer = wire.post(login, sign(wire.claims(login)), error="server_error")
    wire.refused(answer, 401, "platform_error")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("login_required", "Sign in to your LMS"),
        ("launch_no_longer_valid", "this page was reloaded"),
        ("<script>", "Your LMS refused the launch."),
    ],
)
def test_n57_an_error_of_the_lms_comes_with_advice(wire, error, advice):
    login = wire.login()
    answer = wire.post(login, GONE, error=error, error_description="<script>alert(1)</script>")
    wire.refused(answer, 401, "platform_error")
    assert advice in answer.text
    assert "<script>" not in answer.text
    assert f"frame-ancestors {wire.platform.issuer}" in answer.headers["Content-Security-Policy"]


def test_n58_an_unknown_deployment_is_refused_by_name(wire):
    login = wire.login(lti_deployment_id=GONE)
    answer = wire.launch(login, deployment_id="<b>9")
    wire.refused(answer, 403, "deployment_unknown")
    assert "&lt;b&gt;9" in answer.text


@pytest.mark.parametrize("state", [Standing.PENDING, Standing.DISABLED])
def test_n58_a_deployment_that_is_not_approved_is_refused(wire, state):
    with wire.database.transaction() as session:
        session.execute(update(Deployment).values(state=state))
    wire.refused(wire.launch(), 403, f"deployment_{state}")


def test_n59_the_deployment_of_another_registration_is_refused(wire):
    with wire.database.transaction() as session:
        wire.register(session, key="2")
    login = wire.login(lti_deployment_id=GONE)
    wire.refused(wire.launch(login, deployment_id="2"), 403, "deployment_unknown")


@pytest.mark.parametrize("deployment", ["x" * 256, 1, ["1"], None])
def test_n60_an_odd_deployment_id_is_refused(wire, deployment):
    login = wire.login(lti_deployment_id=GONE)
    wire.refused(wire.launch(login, deployment_id=deployment), 400, "bad_claim")


def test_n60_a_deployment_in_other_letters_is_another(wire):
    with wire.database.transaction() as session:
        session.execute(update(Deployment).values(deployment_key="Ab"))
    login = wire.login(lti_deployment_id=GONE)
    wire.refused(wire.launch(login, deployment_id="aB"), 403, "deployment_unknown")


@pytest.mark.parametrize("name", ["lti_deployment_id", "deployment_id"])
def test_n61_another_deployment_than_the_logins_is_refused(wire, name):
    login = wire.login(**{"lti_deployment_id": GONE, name: "2"})
    wire.refused(wire.launch(login), 401, "deployment_mismatch")


@pytest.mark.parametrize("target", [GONE, "", 7, None])
def test_n62_a_link_without_target_is_refused(wire, target):
    wire.refused(wire.launch(target_link_uri=target), 400, "bad_claim")


@pytest.mark.parametrize("target", [TARGET + "?x=1", BASE_URL, TARGET.upper()])
def test_n63_another_target_than_the_logins_is_refused(wire, target):
    wire.refused(wire.launch(target_link_uri=target), 401, "target_mismatch")


def test_n64_a_target_elsewhere_is_refused_and_nobody_sent_there(wire):
    answer = wire.launch(target_link_uri="https://evil.example/lti/launch")
    wire.refused(answer, 401, "target_mismatch")
    assert "Location" not in answer.headers


@pytest.mark.parametrize("kind", ["Unknown", "ltiresourcelinkrequest", "LtiStartProctoring", ""])
def test_n65_an_unknown_message_is_refused(wire, kind):
    wire.refused(wire.launch(message_type=kind), 400, "message_type")


@pytest.mark.parametrize("subject", ["x" * 256, "", " ", "\t", 7, ["7"], "7\0", "\ud800"])
def test_n66_an_odd_subject_is_refused(wire, subject):
    wire.refused(wire.launch(sub=subject), 400, "bad_claim")


@pytest.mark.parametrize("roles", ["Instructor", [1], [["Instructor"]], {}, ["x"] * 101])
def test_n67_roles_that_are_no_list_of_texts_are_refused(wire, roles):
    wire.refused(wire.launch(roles=roles), 400, "bad_claim")


def test_n68_a_learner_who_is_instructor_as_a_sub_role_is_a_learner(placed, wire):
    wire.launch(roles=[LIS + "membership/Learner#Instructor"])
    assert wire.all(VisitRecord)[0].role == "learner"


@pytest.mark.parametrize(
    "role",
    [
        LIS + "foo#Administrator",
        LIS + "institution/person#Instructor",
        LIS + "system/person#Administrator",
        "http://evil.example/membership#Instructor",
        LIS + "membership#instructor",
        LIS + "membership/Mentor#Instructor",
        "urn:lti:role:ims/lis/Instructor",
    ],
)
def test_n69_other_roles_give_no_privilege_in_the_course(wire, role):
    assert "Nothing to open for you here" in wire.launch(roles=[role]).text
    assert (wire.count(VisitRecord), wire.count(Person)) == (0, 0)


@pytest.mark.parametrize("link", ["9", ["9"], {"id": 9}, {"id": "x" * 300}])
def test_n70_an_odd_resource_link_is_refused(wire, link):
    wire.refused(wire.launch(resource_link=link), 400, "bad_claim")


@pytest.mark.parametrize(
    "context", ["2", {}, {"id": "x" * 256}, {"id": 2}, {"id": "2", "type": "CourseSection"}]
)
def test_n71_an_odd_context_is_refused(wire, context):
    wire.refused(wire.launch(context=context), 400, "bad_claim")


def test_n72_names_and_titles_are_kept_as_text_and_cut(placed, wire):
    script = "<script>alert(1)</script>\0\ud800"
    context = {"id": "2", "title": script + "x" * 10_000}
    assert wire.launch(name=script, context=context).status_code == 303
    assert wire.all(Person)[0].name == "<script>alert(1)</script>?"
    assert len(wire.all(Course)[0].title) == 255


@pytest.mark.parametrize(
    "url",
    [
        GONE,
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://lms.example/return",
        "https://evil.example/return",
        "https://user@lms.example/return",
        "//lms.example/return",
        "https://lms.example\\@evil.example/",
    ],
)
def test_n73_a_deep_linking_return_address_elsewhere_is_refused(wire, url):
    answer = wire.launch(**wire.deep_link(deep_link_return_url=url))
    wire.refused(answer, 400, "deep_link_return_url")


def test_n74_deep_linking_for_content_that_we_do_not_make_reaches_the_picker(wire):
    answer = wire.launch(**wire.deep_link(accept_types=["file"]))
    assert answer.status_code == 303
    assert wire.all(VisitRecord)[0].deep_link["accept_types"] == ["file"]


def test_n75_deep_linking_by_a_learner_is_refused(wire):
    wire.refused(wire.launch(roles=[LEARNER], **wire.deep_link()), 403, "role")


REVIEW = {"message_type": words.SUBMISSION_REVIEW_REQUEST}
COLUMN = {words.AGS: {"lineitem": "https://lms.example/1"}}


@pytest.mark.parametrize(
    "over",
    [
        COLUMN,
        {**COLUMN, "for_user": {}},
        {"for_user": {"user_id": "8"}},
        {words.AGS: {}, "for_user": {"user_id": "8"}},
    ],
)
def test_n76_a_submission_review_without_person_or_column_is_refused(wire, over):
    wire.refused(wire.launch(**REVIEW, **over), 400, "bad_message")


def test_n77_a_submission_review_of_somebody_who_is_not_in_the_course_is_refused(placed, wire):
    answer = wire.launch(**REVIEW, **COLUMN, for_user={"user_id": "8"})
    wire.refused(answer, 404, "review_of_nobody")


def test_n77_a_submission_review_of_an_activity_that_is_not_ours_is_refused(wire):
    answer = wire.launch(**REVIEW, **COLUMN, for_user={"user_id": "8"})
    wire.refused(answer, 404, "review_of_nothing")


PRIVACY = {"message_type": words.DATA_PRIVACY_REQUEST, "resource_link": GONE}


@pytest.mark.parametrize("over", [{"for_user": {"user_id": "8"}}, {"context": GONE}])
def test_n78_a_privacy_launch_with_course_or_without_person_is_refused(wire, over):
    wire.refused(wire.launch(**PRIVACY, **over), 400, "bad_message")


def test_n79_a_registration_that_was_switched_off_meanwhile_is_refused(wire):
    login = wire.login()
    with wire.database.transaction() as session:
        session.get_one(Platform, wire.platform.id).state = Standing.DISABLED
    wire.refused(wire.launch(login), 403, "registration_inactive")


@pytest.mark.parametrize("url", ["http://{host}/s", "https://10.0.0.1/s", "https://evil.example/"])
def test_n80_services_elsewhere_are_not_kept_and_the_launch_goes_on(placed, wire, url):
    url = url.format(host=wire.platform.issuer.removeprefix("https://"))
    services = {
        words.AGS: {"lineitem": url, "lineitems": url},
        words.NRPS: {"context_memberships_url": url},
    }
    assert wire.launch(**services).status_code == 303
    course = wire.all(Course)[0]
    assert (course.roster_url, course.line_items_url) == ("", "")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/x", "vbscript:x", 7])
def test_n81_a_return_address_with_a_script_is_ignored(placed, wire, url):
    presentation = {"return_url": url}
    assert wire.launch(launch_presentation=presentation).status_code == 303
    assert wire.all(VisitRecord)[0].return_url == ""


def test_n82_a_claim_that_is_there_twice_is_refused(wire):
    login = wire.login()
    twice = '{"sub":"1",' + json.dumps(wire.claims(login))[1:]
    wire.refused(wire.post(login, sign(twice.encode())), 400, "malformed_token")
