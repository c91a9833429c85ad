"""Signed statements: xAPI 1.0.3 part 2, 2.6."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from conformance.xapi.clients import attachment, mixed, part, statement
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from jwt import PyJWS

from xapi.lrs.signatures import USAGE

pytestmark = pytest.mark.one_database

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def signer():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def stranger():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key, issuer_key, name="signer", issuer="issuer"):
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=3650))
        .sign(issuer_key, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


def sign(payload, key, algorithm="RS256", **header):
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    token = PyJWS().encode(data, key, algorithm, headers={"typ": None, **header})
    return token.encode()


def send(lrs, said, token, **more):
    octets = {"usageType": USAGE, "contentType": "application/octet-stream"}
    signature = attachment(token, **{**octets, **more})
    sent = {**said, "attachments": [*said.get("attachments", ()), signature]}
    answer = lrs.ask("POST", "statements", **mixed(sent, part(token)))
    if answer.status_code != 200:
        assert lrs.ids() == []
        assert "signature" in answer.json["message"]
    return answer.status_code


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_xapi_00117_the_three_algorithms_are_accepted(both, signer, algorithm):
    said = statement()
    assert send(both, said, sign(said, signer, algorithm)) == 200


def test_xapi_00117_another_algorithm_is_refused(both):
    said, key = statement(), ec.generate_private_key(ec.SECP256R1())

    assert (
        send(both, said, sign(said, "a secret of some length that protects nothing", "HS256"))
        == 400
    )
    assert send(both, said, sign(said, None, "none")) == 400
    assert send(both, said, sign(said, key, "ES256")) == 400


def test_xapi_00115_a_signature_is_octets(both, signer):
    said = statement()
    assert send(both, said, sign(said, signer), contentType="text/plain; charset=ascii") == 400


def test_xapi_00115_a_signature_comes_with_its_data(both, signer):
    token = sign(statement(), signer)
    signature = attachment(
        token, usageType=USAGE, contentType="application/octet-stream", fileUrl="https://a.example"
    )
    assert both.post(statement(attachments=[signature])).status_code == 400


@pytest.mark.parametrize("token", [b"x", b"", b"a.b.c", b"\xff.\xff.\xff"])
def test_what_is_no_json_web_signature_is_refused(both, token):
    assert send(both, statement(), token) == 400


@pytest.mark.parametrize("payload", [b"{'id'", b"5", b"[]", b"{}", b"\xff", b'{"a": NaN}'])
def test_xapi_00116_the_payload_is_the_statement_as_json(both, signer, payload):
    assert send(both, statement(), sign(payload, signer)) == 400


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0193a5c8-7a10-7cc0-8000-00000000000b"},
        {"verb": {"id": "https://example.org/other"}},
        {"result": {"success": True}},
        {"timestamp": "2026-11-22T06:00:00Z"},
    ],
)
def test_another_statement_than_the_signed_one_is_refused(both, signer, change):
    said = statement()
    assert send(both, {**said, **change}, sign(said, signer)) == 400


def test_what_makes_no_other_statement_makes_no_other_payload(both, signer):
    said = statement()
    renamed = {**said, "actor": {**said["actor"], "name": "Ada"}, "id": said["id"].upper()}

    assert send(both, renamed, sign(said, signer)) == 200


def test_2_0_0_compares_durations_to_a_hundredth_of_a_second(both, signer):
    short, long = ({"duration": f"P1DT12H36M0.{digits}S"} for digits in ("12", "1237"))
    said = statement(result=short)

    assert send(both, {**said, "result": long}, sign(said, signer)) == 200


def test_other_attachments_are_part_of_what_is_signed(both, signer):
    file = attachment(b"one", fileUrl="https://example.org/file")
    said = statement(attachments=[file])

    assert send(both, {**said, "attachments": []}, sign(said, signer)) == 400
    assert send(both, said, sign(said, signer)) == 200


def test_a_certificate_verifies_the_signature(both, signer, stranger):
    said = statement()
    right = certificate(signer, signer)

    assert send(both, said, sign(said, stranger, x5c=[right])) == 400
    assert send(both, said, sign(said, signer, x5c=[right])) == 200


def test_each_certificate_is_issued_by_the_next(both, signer, stranger):
    said = statement()
    root = certificate(stranger, stranger, name="issuer")
    other_root = certificate(signer, signer, name="issuer")
    leaf = certificate(signer, stranger)

    assert send(both, said, sign(said, signer, x5c=[leaf, other_root])) == 400
    assert send(both, said, sign(said, signer, x5c=[leaf, root])) == 200


@pytest.mark.parametrize("chain", [[], "x", 5, [5], ["!"], [base64.b64encode(b"x").decode()], {}])
def test_a_certificate_that_cannot_be_read_is_refused(both, signer, chain):
    said = statement()
    assert send(both, said, sign(said, signer, x5c=chain)) == 400


def test_a_certificate_without_an_rsa_key_is_refused(both, signer):
    said, key = statement(), ec.generate_private_key(ec.SECP256R1())
    assert send(both, said, sign(said, signer, x5c=[certificate(key, signer)])) == 400


def test_a_signature_comes_back_as_it_was_sent(both, signer):
    said = statement()
    token = sign(said, signer)
    send(both, said, token)

    answer = both.get("statements", {"statementId": said["id"], "attachments": "true"})
    assert token in answer.data
