"""Tokens that are refused: cases N01 to N32 and N40 to N53 of the conformance list."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import digest

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lti.minting import GONE, jwk, key, sign

from lti_peer.core.visit import VisitRecord
from lti_peer.lti.models import LaunchState, PlatformKeySet

pytestmark = pytest.mark.one_database

PEM = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def posted(wire, change=None, **how):
    """Return the answer to a good launch whose claims were changed, signed in an odd way."""
    login = wire.login()
    return wire.post(login, sign({**wire.claims(login), **(change or {})}, **how))


def signed_by_hand(header, payload=b"{}", signature="c2ln"):
    """Return a token with any header; nobody checks its signature before that."""
    parts = (jwt_part(json.dumps(header).encode()), jwt_part(payload), signature)
    return ".".join(parts)


def jwt_part(raw):
    return urlsafe_b64encode(raw).decode().rstrip("=")


def test_n01_a_token_without_key_id_is_refused(wire):
    wire.refused(posted(wire, kid=GONE), 401, "missing_kid")


def test_n02_an_unknown_key_id_is_refused_after_one_more_fetch(wire):
    wire.refused(posted(wire, kid="k9"), 401, "unknown_kid")
    for _ in range(20):
        posted(wire, kid="k9")
    assert len(wire.net.calls) == 2


@pytest.mark.parametrize("version", ["11.3", "1.1.0", "1.3", 1.3])
def test_n03_another_version_of_lti_is_refused(wire, version):
    wire.refused(wire.launch(version=version), 400, "version")


def test_n04_no_version_of_lti_is_refused(wire):
    wire.refused(wire.launch(version=GONE), 400, "version")


def test_n05_a_token_that_is_no_lti_message_is_refused(wire):
    login = wire.login()
    wire.refused(wire.post(login, sign({"name": "bad"})), 401, "wrong_issuer")


def test_n06_a_token_without_any_of_the_required_claims_is_refused(wire):
    answer = wire.launch(iss=GONE, aud=GONE, sub=GONE, deployment_id=GONE, roles=GONE)
    wire.refused(answer, 401, "wrong_issuer")


def test_n07_a_token_of_1970_is_refused(wire):
    wire.refused(wire.launch(iat=11111, exp=22222), 401, "expired")


def test_n08_a_message_without_type_is_refused(wire):
    wire.refused(wire.launch(message_type=GONE), 400, "bad_claim")


def test_n09_a_message_without_roles_is_refused(wire):
    wire.refused(wire.launch(roles=GONE), 400, "bad_claim")


@pytest.mark.parametrize("deployment", [GONE, ""])
def test_n10_a_message_without_deployment_is_refused(wire, deployment):
    wire.refused(wire.launch(deployment_id=deployment), 400, "bad_claim")


@pytest.mark.parametrize("link", [GONE, {}, {"title": "no id"}, {"id": ""}])
def test_n11_a_message_without_resource_link_is_refused(wire, link):
    wire.refused(wire.launch(resource_link=link), 400, "bad_claim")


def test_n12_an_anonymous_launch_is_refused_politely(wire):
    answer = wire.launch(sub=GONE)
    wire.refused(answer, 403, "anonymous_not_supported")
    assert "did not say who you are" in answer.text


def test_n13_a_foreign_audience_is_refused(wire):
    wire.refused(wire.launch(aud="other"), 401, "wrong_audience")


@pytest.mark.parametrize("audience", [[], None, {}, 7, [["c"]]])
def test_n14_an_empty_or_odd_audience_is_refused(wire, audience):
    wire.refused(wire.launch(aud=audience), 401, "wrong_audience")


def test_n15_two_audiences_need_an_authorised_party(wire):
    wire.refused(wire.launch(aud=[wire.platform.client_id, "x"]), 401, "azp_required")


def test_n16_two_audiences_with_a_foreign_party_are_refused(wire):
    wire.refused(wire.launch(aud=[wire.platform.client_id, "x"], azp="x"), 401, "wrong_azp")


@pytest.mark.parametrize("party", ["x", "", None, 7])
def test_n17_one_audience_with_a_foreign_party_is_refused(wire, party):
    wire.refused(wire.launch(azp=party), 401, "wrong_azp")


@pytest.mark.parametrize("issuer", ["https://evil.example", GONE, None, ["x"]])
def test_n18_a_wrong_or_missing_issuer_is_refused(wire, issuer):
    wire.refused(wire.launch(iss=issuer), 401, "wrong_issuer")


def test_n18_the_issuer_of_another_registration_is_refused(wire):
    with wire.database.transaction() as session:
        other = wire.register(session)
    wire.refused(wire.launch(iss=other.issuer), 401, "wrong_issuer")


def test_n19_a_token_for_another_client_of_the_same_issuer_is_refused(wire):
    with wire.database.transaction() as session:
        other = wire.register(session, issuer=wire.platform.issuer)
    wire.refused(wire.launch(aud=other.client_id), 401, "wrong_audience")


@pytest.mark.parametrize(("issued", "ends"), [(-7200, -3600), (-50, -31)])
def test_n20_a_token_that_is_over_is_refused(wire, issued, ends):
    now = wire.now().timestamp()
    wire.refused(wire.launch(iat=now + issued, exp=now + ends), 401, "expired")


def test_n21_a_token_without_end_is_refused(wire):
    wire.refused(wire.launch(exp=GONE), 401, "missing_exp")


def test_n22_a_token_for_more_than_a_day_is_refused(wire):
    now = int(wire.now().timestamp())
    wire.refused(wire.launch(iat=now, exp=now + 86_401), 401, "lifetime_too_long")


def test_n23_a_token_without_time_of_issue_is_refused(wire):
    wire.refused(wire.launch(iat=GONE), 401, "missing_iat")


@pytest.mark.parametrize(("age", "code"), [(640, "too_old"), (90, "older_than_login")])
def test_n24_an_old_token_is_refused(wire, age, code):
    now = int(wire.now().timestamp())
    wire.refused(wire.launch(iat=now - age, exp=now + 60), 401, code)


def test_n25_a_token_of_the_future_is_refused_and_the_difference_told(wire):
    now = int(wire.now().timestamp())
    answer = wire.launch(iat=now + 3600, exp=now + 7200)
    wire.refused(answer, 401, "from_the_future")
    assert "by 3600 seconds" in answer.text or "by 3599 seconds" in answer.text


@pytest.mark.parametrize("name", ["iat", "exp", "nbf"])
@pytest.mark.parametrize("value", ["1", True, 10**400, [], {}, "NaN"])
def test_n26_a_time_that_is_no_number_is_refused(wire, name, value):
    wire.refused(wire.launch(**{name: value}), 401, "bad_numeric_date")


@pytest.mark.parametrize(("text", "code"), [("1e400", "bad_numeric_date"), ("NaN", None)])
def test_n26_infinity_and_nan_are_no_times(wire, text, code):
    login = wire.login()
    body = json.dumps({**wire.claims(login), "exp": 1234567}).replace("1234567", text)
    answer = wire.post(login, sign(body.encode()))
    wire.refused(answer, 401 if code else 400, code or "malformed_token")


@pytest.mark.parametrize("nonce", [GONE, "", "unknown", None, 7])
def test_n27_n28_a_missing_or_unknown_nonce_is_refused(wire, nonce):
    wire.refused(wire.launch(nonce=nonce), 401, "nonce_mismatch")


def test_n29_the_nonce_of_another_login_of_the_same_browser_is_refused(wire):
    browser = wire.browser()
    first, second = wire.login(browser), wire.login(browser)
    wire.refused(wire.launch(first, nonce=second.nonce), 401, "nonce_mismatch", states=2)


def test_n30_the_same_token_twice_is_refused(launched, wire):
    login, token = launched
    assert wire.post(login, token).status_code == 401
    assert (wire.count(VisitRecord), wire.count(LaunchState)) == (1, 0)


def test_n31_a_second_token_for_the_same_login_is_refused(launched, wire):
    login, _ = launched
    assert wire.launch(login, sub="8").status_code == 401
    assert wire.count(VisitRecord) == 1


def test_n32_the_same_token_from_another_browser_is_refused(launched, wire):
    login, token = launched
    assert wire.post(login, token, browser=wire.browser()).status_code == 401
    assert wire.count(VisitRecord) == 1


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, "HS256"])
def test_l8_n40_other_algorithms_are_refused(wire, algorithm):
    token = signed_by_hand({"alg": algorithm, "kid": "k1"}, signature="")
    wire.refused(wire.post(wire.login(), token), 401, "alg_not_allowed")


def test_l8_n41_the_public_key_as_a_shared_secret_is_refused(wire):
    login = wire.login()
    claims = json.dumps(wire.claims(login)).encode()
    token = signed_by_hand({"alg": "HS256", "kid": "k1"}, claims, "")
    secret = key().public_key().public_bytes(*PEM)
    forged = token + jwt_part(digest(secret, token[:-1].encode(), sha256))
    wire.refused(wire.post(login, forged), 401, "alg_not_allowed")


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_l8_n42_a_good_signature_of_another_algorithm_is_refused(wire, algorithm):
    wire.refused(posted(wire, algorithm=algorithm), 401, "alg_not_allowed")


def test_l8_n42_an_elliptic_curve_is_refused(wire):
    curve = ec.generate_private_key(ec.SECP256R1())
    wire.refused(posted(wire, signer=curve, algorithm="ES256"), 401, "alg_not_allowed")


@pytest.mark.parametrize("cut", [lambda _: "", lambda sig: sig[:-4], lambda sig: sig[::-1]])
def test_n43_a_damaged_signature_is_refused(wire, cut):
    login = wire.login()
    head, _, signature = sign(wire.claims(login)).rpartition(".")
    wire.refused(wire.post(login, f"{head}.{cut(signature)}"), 401, "bad_signature")


def test_n43_the_signature_of_a_foreign_key_is_refused(wire):
    wire.refused(posted(wire, signer=key("other")), 401, "bad_signature")


def test_n44_claims_that_were_changed_after_signing_are_refused(wire):
    login = wire.login()
    head, _, signature = sign(wire.claims(login)).split(".")
    body = jwt_part(json.dumps({**wire.claims(login), "sub": "1"}).encode())
    wire.refused(wire.post(login, f"{head}.{body}.{signature}"), 401, "bad_signature")


def test_n45_a_key_that_the_token_brings_along_is_not_used(wire):
    answer = posted(wire, signer=key("other"), jwk=jwk("other"), x5c=["MII"])
    wire.refused(answer, 401, "bad_signature")
    wire.refused(posted(wire, signer=key("other"), kid=GONE, jwk=jwk("other")), 401,
                 "missing_kid", states=2)  # fmt: skip


@pytest.mark.parametrize("crit", [["x"], [], "x", ["b64"]])
def test_n46_conditions_that_nobody_understands_are_refused(wire, crit):
    token = signed_by_hand({"alg": "RS256", "kid": "k1", "crit": crit})
    wire.refused(wire.post(wire.login(), token), 401, "crit_not_understood")


@pytest.mark.parametrize("kid", ["../../etc/passwd", "x" * 10_000, 7, "", ["k1"], "K1", "k1\0"])
def test_n47_odd_key_ids_are_refused(wire, kid):
    token = signed_by_hand({"alg": "RS256", "kid": kid})
    wire.refused(wire.post(wire.login(), token), 401, "unknown_kid")


@pytest.mark.parametrize(
    "keys",
    [
        [jwk(use="enc")],
        [jwk(alg="RS512")],
        [jwk(key_ops=["encrypt"])],
        [{"kty": "oct", "kid": "k1", "k": "c2VjcmV0"}],
        [{"kty": "EC", "kid": "k1"}],
        [jwk(n="")],
        [jwk(n=7)],
        [jwk(), jwk("other")],
        ["k1", None],
        [],
    ],
)
def test_n48_a_key_that_may_not_sign_is_not_used(wire, keys):
    wire.net.serve(wire.platform.jwks_url, {"keys": keys})
    wire.refused(posted(wire), 401, "unknown_kid")


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_n48_a_key_of_1024_bits_is_not_used(wire):
    wire.net.serve(wire.platform.jwks_url, {"keys": [jwk("short", bits=1024)]})
    wire.refused(posted(wire, signer=key("short", 1024)), 401, "unknown_kid")


@pytest.mark.parametrize(
    ("document", "status"),
    [({"keys": [jwk()]}, 500), ({"error": "x"}, 200), ([], 200), ({"keys": 7}, 200)],
)
def test_n49_an_answer_that_is_no_key_set_is_refused_and_not_kept(wire, document, status):
    wire.net.serve(wire.platform.jwks_url, document, status)
    wire.refused(posted(wire), 502, "keys_unavailable")
    assert wire.count(PlatformKeySet) == 0


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c.d.e", "!.e30.x", "é.é.é", "...", ".."])
def test_n50_what_is_no_signed_token_is_refused(wire, token):
    wire.refused(wire.post(wire.login(), token), 400, "malformed_token")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"7", b"", b"{", b"\xff"])
def test_n51_a_payload_that_is_no_object_is_refused(wire, body):
    wire.refused(wire.post(wire.login(), sign(body)), 400, "malformed_token")


@pytest.mark.parametrize("header", [[], None, "x"])
def test_n51_a_header_that_is_no_object_is_refused(wire, header):
    wire.refused(wire.post(wire.login(), signed_by_hand(header)), 400, "malformed_token")


@pytest.mark.parametrize(
    ("depth", "status", "code"), [(200_000, 413, "too_large"), (40_000, 400, "malformed_token")]
)
def test_n52_deep_nesting_is_refused(wire, depth, status, code):
    answer = wire.post(wire.login(), sign(b'{"a":' + b"[" * depth))
    wire.refused(answer, status, code)


def test_n53_a_token_beyond_64_kilobytes_is_refused(wire):
    wire.refused(wire.launch(**{"https://x.example/x": "x" * 65_536}), 413, "token_too_large")


def test_n53_a_body_beyond_256_kilobytes_is_refused(wire):
    wire.refused(wire.launch(**{"https://x.example/x": "x" * 300_000}), 413, "too_large")
