from datetime import timedelta

import jwt
import pytest
from demo.platform.conftest import AGS, NRPS

SCORE = AGS + "score"


def test_a_token_is_given_for_the_granted_scopes(registered):
    answer = registered.token(f"{SCORE} {NRPS} https://unknown.invalid/scope")

    assert answer.status_code == 200
    assert set(answer.json()["scope"].split()) == {SCORE, NRPS}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3600)


def test_a_scope_that_was_not_granted_gives_no_token(registered):
    answer = registered.token("https://unknown.invalid/scope")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_an_assertion_works_once(registered):
    assertion = registered.assertion()

    assert registered.token(SCORE, assertion).status_code == 200
    assert registered.token(SCORE, assertion).status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"sub": "somebody"},
        {"iss": "somebody"},
        {"aud": "https://other.invalid/token"},
        {"exp": 1_000_000_000},
        {"jti": ""},
        {"jti": 7},
    ],
)
def test_a_wrong_assertion_gives_no_token(registered, changed):
    answer = registered.token(SCORE, registered.assertion(**changed))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_of_another_key_gives_no_token(registered, other_key):
    registered.signer = other_key

    assert registered.token(SCORE).status_code == 401


def test_a_new_key_of_the_tool_is_fetched_when_it_is_first_named(registered, other_key):
    registered.token(SCORE)
    registered.key = registered.signer = other_key
    registered.kid = "k2"

    assert registered.token(SCORE).status_code == 200


def test_a_key_that_the_tool_withdrew_is_forgotten_within_minutes(lms, registered, other_key):
    registered.token(SCORE)
    (url, (fetched, keys)), *_ = lms.tool_keys._sets.items()
    lms.tool_keys._sets[url] = (fetched - timedelta(minutes=6), keys)
    registered.key = other_key

    assert registered.token(SCORE).status_code == 401


def test_a_token_of_no_algorithm_is_refused(registered):
    claims = jwt.decode(registered.assertion(), options={"verify_signature": False})

    unsigned = jwt.encode(claims, None, "none", headers={"kid": "k1"})

    assert registered.token(SCORE, unsigned).status_code == 401


def test_a_tool_whose_keys_cannot_be_read_gets_no_token(registered):
    registered.jwks_answer = "<html>", 500

    assert registered.token(SCORE).status_code == 401


def test_a_call_without_a_token_is_refused(lms, service, registered):
    answer = service(
        "GET", lms.addresses.memberships("2", "1"), NRPS, headers={"Authorization": ""}
    )

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_opens_only_its_own_services(lms, service):
    assert service("GET", lms.addresses.memberships("2", "1"), SCORE).status_code == 403


def test_a_service_address_without_its_query_is_refused(lms, service):
    address = lms.addresses.memberships("2", "1").partition("?")[0]

    assert service("GET", address, NRPS).status_code == 400


def test_switched_off_services_ask_to_come_back(lms, registered):
    lms.services_down = True

    answer = registered.token(SCORE)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
