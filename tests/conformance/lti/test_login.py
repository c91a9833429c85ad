"""Login initiation: cases L01 to L16 of the conformance list."""

import pytest
from lti.minting import BASE_URL, GONE, TARGET

from lti_peer.core.models import Platform, Standing
from lti_peer.lti.models import LaunchState

NINE = {
    "scope": "openid",
    "response_type": "id_token",
    "response_mode": "form_post",
    "prompt": "none",
    "redirect_uri": TARGET,
    "login_hint": "7",
    "lti_message_hint": '{"id":1}',
}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_l01_a_login_leads_to_the_lms_with_every_parameter(wire, method):
    login = wire.login(method=method)
    assert login.answer.status_code == 302
    assert login.answer.headers["Location"].startswith(f"{wire.platform.auth_url}?")
    assert NINE.items() <= login.sent.items()
    assert login.sent["client_id"] == wire.platform.client_id
    assert len(login.state) > 42
    assert len(login.nonce) > 42


def test_l02_a_login_without_issuer_is_refused(wire):
    wire.refused(wire.login(iss=GONE).answer, 400, "login_missing_param", states=0)


def test_l03_a_login_without_hint_is_refused(wire):
    wire.refused(wire.login(login_hint=GONE).answer, 400, "login_missing_param", states=0)


def test_l04_a_login_without_target_is_refused(wire):
    wire.refused(wire.login(target_link_uri=GONE).answer, 400, "login_missing_param", states=0)


def test_l05_an_unknown_issuer_is_refused_and_not_echoed(wire):
    answer = wire.login(iss="https://evil.example/<b>").answer
    wire.refused(answer, 403, "unknown_registration", states=0)
    assert "evil" not in answer.text


def test_l06_an_unknown_client_of_a_known_issuer_is_refused(wire):
    wire.refused(wire.login(client_id="stranger").answer, 403, "unknown_registration", states=0)


def test_l07_without_client_the_only_registration_is_meant(wire):
    assert wire.login(client_id=GONE).sent["client_id"] == wire.platform.client_id


def test_l08_without_client_two_registrations_are_ambiguous(wire):
    with wire.database.transaction() as session:
        wire.register(session, issuer=wire.platform.issuer)
    answer = wire.login(client_id=GONE).answer
    wire.refused(answer, 400, "ambiguous_registration", states=0)


def test_l08_a_deployment_that_one_registration_knows_decides(wire):
    with wire.database.transaction() as session:
        other = wire.register(session, issuer=wire.platform.issuer, key="2")
    login = wire.login(client_id=GONE, lti_deployment_id="2")
    assert login.sent["client_id"] == other.client_id


@pytest.mark.parametrize("state", [Standing.PENDING, Standing.DISABLED])
def test_l09_a_registration_that_is_not_active_is_refused(wire, state):
    with wire.database.transaction() as session:
        session.get_one(Platform, wire.platform.id).state = state
    wire.refused(wire.login().answer, 403, "registration_inactive", states=0)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/lti/launch",
        "https://tool.example.evil/lti/launch",
        "https://tool.example@evil.example/",
        "https://user@tool.example/",
        "https://tool.example:444/",
        "http://tool.example/",
        "//tool.example/",
        "https:tool.example/",
        "https://tool.example\\@evil.example/",
        "https://tool.example/\r\nSet-Cookie: a=b",
        "https://töol.example/",
        "javascript:alert(1)//https://tool.example/",
        "https://tool.example:x/",
        "https://[tool.example/",
        TARGET + "?" + "a" * 2000,
    ],
)
def test_l10_a_target_elsewhere_is_refused(wire, target):
    wire.refused(wire.login(target_link_uri=target).answer, 400, "foreign_target", states=0)


def test_l10_our_own_host_in_capitals_with_its_default_port_is_ours(wire):
    login = wire.login(target_link_uri="https://TOOL.example:443/lti/launch")
    assert login.answer.status_code == 302


def test_l11_an_auth_address_with_a_query_keeps_it(wire):
    with wire.database.transaction() as session:
        session.get_one(Platform, wire.platform.id).auth_url = "https://lms.example/auth?x=1"
    login = wire.login()
    assert login.answer.headers["Location"].startswith("https://lms.example/auth?x=1&scope=")


@pytest.mark.parametrize("where", ["query_string", "data"])
def test_l12_two_issuers_are_refused(wire, where):
    fields = wire.fields()
    fields["iss"] = [fields["iss"], fields["iss"]]
    answer = wire.browser().open("/lti/login", method="POST", base_url=BASE_URL, **{where: fields})
    wire.refused(answer, 400, "duplicate_param", states=0)


def test_l12_an_issuer_in_query_and_body_is_there_twice(wire):
    fields = wire.fields()
    answer = wire.browser().post(
        "/lti/login", data=fields, query_string={"iss": "a"}, base_url=BASE_URL
    )
    wire.refused(answer, 400, "duplicate_param", states=0)


def test_l13_a_slash_after_the_issuer_makes_another_issuer(wire):
    answer = wire.login(iss=wire.platform.issuer + "/").answer
    wire.refused(answer, 403, "unknown_registration", states=0)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_l14_a_message_hint_comes_back_letter_by_letter(wire, method):
    hint = '{"a": "b+c & d=ü/%20", "e": "\\u00e9 \'"}'
    assert wire.login(method=method, lti_message_hint=hint).sent["lti_message_hint"] == hint


def test_l15_with_platform_storage_a_page_puts_the_value_and_goes_on(wire):
    answer = wire.login(lti_storage_target="_parent").answer
    assert answer.status_code == 200
    assert 'data-act="put" data-target="_parent"' in answer.text
    assert f'data-origin="{wire.platform.issuer}"' in answer.text
    assert f'href="{wire.platform.auth_url}?scope=openid&amp;' in answer.text
    assert "Partitioned" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("target", ['x"><script>', "a b", "x" * 65])
def test_l15_a_storage_target_that_is_no_frame_name_is_ignored(wire, target):
    assert wire.login(lti_storage_target=target).answer.status_code == 302


def test_l16_a_hint_of_eight_kilobytes_comes_back(wire):
    assert len(wire.login(login_hint="x" * 8192).sent["login_hint"]) == 8192


def test_l16_a_longer_hint_is_too_large(wire):
    wire.refused(wire.login(login_hint="x" * 10_240).answer, 413, "hint_too_large", states=0)


def test_l16_a_body_of_a_megabyte_is_too_large(wire):
    wire.refused(wire.login(login_hint="x" * 1_000_000).answer, 413, "too_large", states=0)
    assert wire.count(LaunchState) == 0
