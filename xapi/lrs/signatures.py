"""Signed statements: a JSON web signature as an attachment (part 2, 2.6; RFC 7515).

A signature without a certificate is well formed when its payload is the statement: nothing in it
says whose key would verify it. With certificates (`x5c`) it is verified by the first, and each must
have been issued by the next; which authorities a reader trusts is the reader's to say.
"""

import base64
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWS
from jwt.exceptions import PyJWTError

from xapi.lrs.asking import read_json
from xapi.lrs.refusal import RequestRefused, refuse
from xapi.sameness import digest
from xapi.statement import StatementJson, Version
from xapi.validate import check

USAGE: Final = "http://adlnet.gov/expapi/attachments/signature"
_CONTENT_TYPE: Final = "application/octet-stream"
_ALGORITHMS: Final = ["RS256", "RS384", "RS512"]


def demand(
    statements: Iterable[StatementJson], data: Mapping[str, bytes], version: Version
) -> None:
    """Raise RequestRefused unless the signatures of valid statements are sound."""
    for statement in statements:
        for attachment in statement.get("attachments", ()):
            if attachment["usageType"] == USAGE:
                _check(statement, attachment, data, version)


def _check(
    statement: StatementJson,
    attachment: Mapping[str, Any],
    data: Mapping[str, bytes],
    version: Version,
) -> None:
    if attachment["contentType"] != _CONTENT_TYPE:
        refuse(f"A signature's contentType is {_CONTENT_TYPE}.")
    token = data.get(attachment["sha2"].lower())
    if token is None:
        refuse("A signature comes with its data.")
    header, payload = _open(token)
    if not _same(statement, payload, version):
        refuse("A signature's payload is not the statement that it is attached to.")
    if "x5c" in header:
        _verify(token, header)


def _open(token: bytes) -> tuple[Mapping[str, Any], Any]:
    """Return the header and the payload of a signature that is not verified yet."""
    try:
        opened = PyJWS().decode_complete(token, options={"verify_signature": False})
    except PyJWTError as error:
        refuse(f"A signature is no JSON web signature: {error}.")
    header: Mapping[str, Any] = opened["header"]
    if header.get("alg") not in _ALGORITHMS:
        refuse("A signature's algorithm is RS256, RS384 or RS512.")
    try:
        return header, read_json(opened["payload"])
    except RequestRefused:
        return refuse("A signature's payload is no JSON.")


def _same(statement: StatementJson, payload: Any, version: Version) -> bool:
    """Say whether the payload is the statement before its signature was added."""
    if check(payload, version):
        return False
    one, other = _unsigned(statement), _unsigned(payload)
    if "id" in one and "id" in other and one["id"].lower() != other["id"].lower():
        return False
    return digest(one) == digest(other)


def _unsigned(statement: StatementJson) -> StatementJson:
    rest = [one for one in statement.get("attachments", ()) if one["usageType"] != USAGE]
    plain = {name: value for name, value in statement.items() if name != "attachments"}
    return {**plain, "attachments": rest} if rest else plain


def _verify(token: bytes, header: Mapping[str, Any]) -> None:
    try:
        chain = [_certificate(text) for text in header["x5c"]]
        for one, issuer in pairwise(chain):
            one.verify_directly_issued_by(issuer)
        key = chain[0].public_key()
        if not isinstance(key, RSAPublicKey):
            refuse("A signature's certificate has no RSA key.")
        PyJWS().decode_complete(token, key, algorithms=_ALGORITHMS)
    except (PyJWTError, InvalidSignature, ValueError, TypeError, LookupError) as error:
        refuse(f"A signature does not fit its certificate: {type(error).__name__}.")


def _certificate(text: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
