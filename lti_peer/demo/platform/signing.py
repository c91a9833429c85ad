"""The LMS's own key, and the keys of tools as their addresses publish them."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.journal import Journal
from lti_peer.demo.platform.model import Tool
from lti_peer.demo.platform.reading import finite

_KEY_CACHE = timedelta(minutes=5)
_TIMEOUT = (3.0, 5.0)
_LEEWAY = 10
"""Seconds that the clocks of tool and LMS may differ."""
_LONGEST_TOKEN_LIFE = 3600
"""Seconds; longer-lived tokens of a tool are refused."""


class SigningKey:
    """An RSA key of 2048 bits that signs play, and guards nothing."""

    def __init__(self, pem: str = "") -> None:
        """Read a private key that `pem` wrote, or make a new one: a tenth of a second of work."""
        self._private = (
            _read(pem) if pem else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )
        public: dict[str, Any] = RSAAlgorithm.to_jwk(self._private.public_key(), as_dict=True)
        self._jwk = {"kty": "RSA", "n": public["n"], "e": public["e"], "alg": "RS256", "use": "sig"}
        self.kid = _thumbprint(public)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the claims as a JSON Web Token, RS256, in compact form."""
        return jwt.encode(dict(claims), self._private, "RS256", headers={"kid": self.kid})

    def pem(self) -> str:
        """Return the private key in PKCS 8, not encrypted."""
        return self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    def jwks(self) -> dict[str, Any]:
        """Return the public key as a JSON Web Key Set (RFC 7517)."""
        return {"keys": [{**self._jwk, "kid": self.kid}]}


def _read(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("This is not an RSA key.")
    return key


def _thumbprint(public: Mapping[str, Any]) -> str:
    """Return the key's name by RFC 7638, in hexadecimal."""
    required = {"e": public["e"], "kty": "RSA", "n": public["n"]}
    canonical = json.dumps(required, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


class ToolKeys:
    """The public keys of tools, fetched over HTTP, kept for five minutes. Safe with threads."""

    def __init__(self, journal: Journal, clock: Callable[[], datetime]) -> None:
        """Begin without any key."""
        self._journal = journal
        self._clock = clock
        self._lock = Lock()
        self._sets: dict[str, tuple[datetime, dict[str, jwt.PyJWK]]] = {}

    def verify(self, token: str, tool: Tool, audience: str) -> dict[str, Any]:
        """Return the claims of a token that the tool signed for this audience.

        Required are `iss` = client id, `aud`, `iat` and an `exp` at most an hour later; RS256 only.

        Raises ProtocolError (401 `invalid_client`) for every other token.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(token, tool),
                algorithms=["RS256"],
                audience=audience,
                issuer=tool.client_id,
                options={
                    "require": ["iss", "aud", "iat", "exp"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, requests.RequestException, LookupError) as failure:
            raise ProtocolError(401, "invalid_client", f"Token refused: {failure}") from failure
        self._check_times(claims)
        return claims

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        """Judge by the LMS's clock, which a demonstration may move."""
        issued, ends = finite(claims["iat"]), finite(claims["exp"])
        if issued is None or ends is None:
            raise ProtocolError(
                401, "invalid_client", "Token refused: iat and exp are not numbers."
            )
        now = self._clock().timestamp()
        if ends + _LEEWAY <= now:
            raise ProtocolError(401, "invalid_client", "Token refused: it has expired.")
        if issued - _LEEWAY > now:
            raise ProtocolError(401, "invalid_client", "Token refused: it is from the future.")
        if ends - issued > _LONGEST_TOKEN_LIFE:
            raise ProtocolError(401, "invalid_client", "Token refused: it lives over an hour.")

    def _key(self, token: str, tool: Tool) -> jwt.PyJWK:
        header = jwt.get_unverified_header(token)
        kid = header.get("kid", "")
        with self._lock:
            fetched, keys = self._sets.get(tool.jwks_url, (None, {}))
            if fetched is None or kid not in keys or fetched + _KEY_CACHE < self._clock():
                keys = self._fetch(tool.jwks_url)
                self._sets[tool.jwks_url] = (self._clock(), keys)
        if kid not in keys:
            raise LookupError(f"the tool publishes no key named {kid!r}")
        return keys[kid]

    def _fetch(self, url: str) -> dict[str, jwt.PyJWK]:
        answer = requests.get(url, timeout=_TIMEOUT, headers={"Accept": "application/json"})
        document = answer.json() if answer.ok else {}
        self._journal.record(
            "out", "Tool's public keys", "GET", url, status=answer.status_code, answer=document
        )
        answer.raise_for_status()
        if not isinstance(document, dict):
            raise jwt.PyJWKSetError("the tool's keys are not a JSON object")
        return {key.key_id or "": key for key in jwt.PyJWKSet.from_dict(document).keys}
