"""The security bar for launches: L1 to L22, where no case of the conformance list says it all."""

import itertools
from datetime import timedelta

import pytest
from lti.minting import BASE_URL, GONE, LEARNER, TARGET, jwk, key, sign
from sqlalchemy import select

from lti_peer.admin import blocking
from lti_peer.core import db
from lti_peer.core.models import Course, Deployment, Person, Standing
from lti_peer.core.visit import VisitRecord
from lti_peer.lti import claims as words
from lti_peer.lti.errors import LaunchError
from lti_peer.lti.http import Unreachable
from lti_peer.lti.jwks import PlatformKeys
from lti_peer.lti.models import LaunchState

MINUTE = 60


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_l1_a_launch_begins_a_visit_of_its_own(placed, wire, method):
    browser = wire.browser()
    for _ in range(2):
        assert wire.launch(wire.login(browser, method)).status_code == 303
    assert len({record.id for record in wire.all(VisitRecord)}) == 2


def test_l2_a_used_launch_opens_nothing_in_any_browser_however_late(launched, wire):
    login, token = launched
    cookie = login.answer.headers["Set-Cookie"].partition(";")[0].split("=", 1)
    other = wire.browser()
    other.set_cookie(*cookie, domain="tool.example", secure=True)
    answers = [wire.post(login, token), wire.post(login, token, wire.browser())]
    answers.append(wire.post(login, token, other))

    assert {answer.status_code for answer in answers} == {401}
    assert wire.count(VisitRecord) == 1


def test_l4_the_state_of_one_login_and_the_nonce_of_another_are_no_launch(placed, wire):
    browser = wire.browser()
    first, second = wire.login(browser), wire.login(browser)
    answer = wire.post(first, sign(wire.claims(second)))
    wire.refused(answer, 401, "nonce_mismatch", states=2)


def test_l5_without_the_browsers_proof_no_cookie_of_a_visit_is_set(placed, wire):
    login = wire.login()
    answer = wire.post(login, sign(wire.claims(login)), wire.browser())
    wire.refused(answer, 401, "state_not_bound")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "name",
    ["iss", "aud", "sub", "exp", "iat", "nonce", "message_type", "version", "deployment_id",
     "target_link_uri", "resource_link", "roles"],
)  # fmt: skip
def test_l6_a_launch_without_a_required_claim_is_refused_in_words(placed, wire, name):
    answer = wire.launch(**{name: GONE})
    assert answer.status_code in {400, 401, 403}
    assert "Traceback" not in answer.text
    assert wire.count(VisitRecord) == 0


def test_l6_no_roles_at_all_are_no_role(placed, wire):
    answer = wire.launch(roles=[])
    assert (answer.status_code, wire.count(VisitRecord)) == (200, 0)


@pytest.mark.parametrize(
    "times",
    [(-200, -MINUTE), (2 * MINUTE, 9 * MINUTE), (0, 25 * 3600), (-11 * MINUTE, MINUTE)],
)
def test_l7_a_launch_of_another_time_is_refused(placed, wire, times):
    login = wire.login()
    now = int(wire.now().timestamp())
    answer = wire.launch(login, iat=now + times[0], exp=now + times[1])
    assert (answer.status_code, wire.count(VisitRecord)) == (401, 0)


def test_l9_a_key_that_the_token_brings_along_is_never_fetched(placed, wire):
    login = wire.login()
    own = {"jku": "https://evil.example/k", "x5u": "https://evil.example/x", "jwk": jwk("attacker")}
    token = sign(wire.claims(login), signer=key("attacker"), **own)
    assert wire.post(login, token).status_code == 401
    assert wire.net.calls == [wire.platform.jwks_url]


@pytest.mark.parametrize("audience", [str, lambda client: [client]])
def test_l11_our_client_alone_is_the_audience(placed, wire, audience):
    client = wire.platform.client_id
    assert wire.launch(aud=audience(client), azp=client).status_code == 303


def test_l12_a_token_for_another_client_of_the_same_issuer_is_refused(placed, wire):
    with wire.database.transaction() as session:
        other = wire.register(session, issuer=wire.platform.issuer)
    login = wire.login()
    assert wire.launch(login, aud=other.client_id).status_code == 401
    assert wire.count(VisitRecord) == 0


def test_l13_an_unknown_deployment_is_named_and_not_made(wire):
    login = wire.login(lti_deployment_id=GONE)
    answer = wire.launch(login, deployment_id="part-77")
    assert (answer.status_code, "part-77" in answer.text) == (403, True)
    states = [one.state for one in wire.all(Deployment)]
    assert (states.count(Standing.ACTIVE), wire.count(Course)) == (1, 0)


@pytest.mark.slow
@pytest.mark.one_database
def test_l14_ten_thousand_unknown_keys_ask_the_lms_twice(wire):
    keys = PlatformKeys(wire.database, wire.net)
    now = wire.now()
    for number in range(10_000):
        with pytest.raises(LaunchError):
            keys.find(wire.platform.jwks_url, f"k{number}-flood", now)
    assert len(wire.net.calls) <= 2


def test_l15_without_any_key_the_lms_is_said_not_to_answer(placed, wire):
    wire.net.answers[wire.platform.jwks_url] = Unreachable("down")
    answer = wire.launch()
    assert answer.status_code in {502, 503}
    assert "did not answer" in answer.text


HOSTS = (
    "evil.example",
    "tool.example.evil.example",
    "evil.example:443",
    "EVIL.example",
    "127.0.0.1",
    "[::1]",
    "tооl.example",
    "xn--tl-fkaa.example",
    "tool.example@evil.example",
    "tool.example:8443",
)
FORMS = (
    "https://{}/lti/launch",
    "//{}/lti/launch",
    "\\\\{}\\lti",
    "https:{}",
    "http://{}/lti/launch",
    "https:///{}/",
    "https://{}#@tool.example",
    "https://{}?https://tool.example",
    "ftp://{}/",
    "https:\\\\{}/",
    "javascript://{}/%0aalert(1)",
    "data:text/html,{}",
    "/\t/{}/",
    "\r\nLocation: https://{}",
    "https://tool.example\\@{}/",
    "https://{}\0tool.example",
    "HTTPS://{}",
    " https://{}",
    "///{}",
    "{}",
)
TARGETS = [form.format(host) for form, host in itertools.product(FORMS, HOSTS)]


def test_l17_two_hundred_targets_elsewhere_lead_nowhere(placed, wire):
    assert len(TARGETS) == 200
    for target in TARGETS:
        login = wire.login(target_link_uri=target)
        assert (login.answer.status_code, "Location" in login.answer.headers) == (400, False), (
            target
        )


def test_l17_nor_do_they_when_the_token_names_them(placed, wire):
    login = wire.login()
    for target in TARGETS:
        answer = wire.post(login, sign(wire.claims(login, target_link_uri=target)))
        assert (answer.status_code, "Location" in answer.headers) == (401, False), target
    assert wire.launch(login, target_link_uri=TARGET).headers["Location"].startswith("/v/")


@pytest.mark.parametrize("message", ["LtiStartProctoring", "LtiEulaRequest", "", "x" * 999])
def test_l18_a_message_that_we_do_not_know_is_refused(placed, wire, message):
    wire.refused(wire.launch(message_type=message), 400, "message_type")


def test_l19_a_launch_that_says_nothing_of_anybody_works(placed, wire):
    login = wire.login()
    answer = wire.launch(login, name=GONE, email=GONE, context={"id": "2"}, roles=[LEARNER])
    page = login.browser.get(answer.headers["Location"], base_url=BASE_URL)
    assert (page.status_code, wire.all(Person)[0].name, wire.all(Course)[0].title) == (
        200,
        "",
        "Peer Learning 101",
    )


@pytest.mark.parametrize("skew", [-45, 45])
def test_l20_clocks_may_differ_by_three_quarters_of_a_minute(placed, wire, skew):
    now = int(wire.now().timestamp())
    assert wire.launch(iat=now + skew, exp=now + skew + MINUTE).status_code == 303


@pytest.mark.parametrize("skew", [-600, 600])
def test_l20_a_clock_that_is_wrong_is_told_by_how_much(placed, wire, skew):
    now = int(wire.now().timestamp())
    answer = wire.launch(iat=now + skew, exp=now + skew + MINUTE)
    assert answer.status_code == 401
    assert any(f"{seconds} seconds" in answer.text for seconds in range(538, 604))


def test_l21_who_is_blocked_in_the_tool_is_not_let_in_by_a_valid_token(placed, wire):
    wire.launch()
    with wire.database.transaction() as session:
        blocking.block(session, "kim", session.scalars(select(Person)).one())
    answer = wire.launch()
    assert answer.status_code == 403
    assert "closed for you" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert wire.count(VisitRecord) == 1


def test_l22_logins_that_lead_nowhere_do_not_pile_up(wire):
    for _ in range(60):
        wire.login()
    with wire.database.transaction() as session:
        for row in session.scalars(select(LaunchState)):
            row.expires_at = db.now(session) - timedelta(seconds=1)
    wire.login()
    assert wire.count(LaunchState) == 1


def test_l22_nothing_is_stored_for_an_issuer_that_nobody_registered(wire):
    for number in range(30):
        assert wire.login(iss=f"https://evil-{number}.example").answer.status_code == 403
    assert wire.count(LaunchState) == 0


def test_p18_a_claim_from_lti_1_1_is_ignored(placed, wire):
    migration = {"user_id": "old", "oauth_consumer_key": "k", "oauth_consumer_key_sign": "forged"}
    assert wire.launch(**{words.LTI + "lti1p1": migration}).status_code == 303
    assert wire.all(Person)[0].subject == "7"
