"""The tool's own keys: RSA of 2048 bits, encrypted at rest, loaded once for each process.

OpenSSL's check of a loaded private key takes 37 ms; it is left out, because we made the key
ourselves and the vault authenticates what it gives back (lti.md 1.2).
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from threading import Lock
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.core.keys import Vault
from lti_peer.lti.models import KeyState, ToolKey

KEY_BITS = 2048


class KeyRing:
    """Signs what the tool says to an LMS, and publishes the public halves. Safe with threads."""

    def __init__(self, database: Database, vault: Vault) -> None:
        """Read nothing yet: the key is made, or loaded, when it is needed first."""
        self._database = database
        self._vault = vault
        self._lock = Lock()
        self._signer: tuple[str, RSAPrivateKey] | None = None

    def ensure(self) -> None:
        """Make the first key if there is none.

        It writes in a transaction of its own, so call it while no other is open. Every login does;
        later calls of `sign` and `public_jwks` only read.
        """
        self._current()

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the claims as a JSON Web Token in compact form, RS256, with our `kid`."""
        kid, private = self._current()
        return jwt.encode(dict(claims), private, "RS256", headers={"kid": kid})

    def public_jwks(self) -> dict[str, Any]:
        """Return the key set that LMSs fetch (RFC 7517): the signing key, then retiring ones."""
        self._current()
        with self._database.transaction(read_only=True) as session:
            kept = [(row.kid, self._load(row)) for row in _kept(session)]
        return {"keys": [public_jwk(kid, private) for kid, private in kept]}

    def _current(self) -> tuple[str, RSAPrivateKey]:
        with self._lock:
            if self._signer is None:
                row = self._stored() or self._make()
                self._signer = (row.kid, self._load(row))
            return self._signer

    def _stored(self) -> ToolKey | None:
        with self._database.transaction(read_only=True) as session:
            return _active(session)

    def _make(self) -> ToolKey:
        """Store a new key, unless another process was faster, and return the one in force.

        Two processes that start in the same moment may make one each; both are published.
        """
        private = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        fresh = ToolKey(kid=thumbprint(private), sealed=self._vault.encrypt(_pem(private)))
        with self._database.transaction() as session:
            stored = _active(session)
            if stored is not None:
                return stored
            fresh.created_at = db.now(session)
            session.add(fresh)
        return fresh

    def _load(self, row: ToolKey) -> RSAPrivateKey:
        pem = self._vault.decrypt(row.sealed).encode()
        private = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(private, RSAPrivateKey)  # we stored nothing else
        return private


def thumbprint(private: RSAPrivateKey) -> str:
    """Return the name of a key that follows from the key (RFC 7638), in base64url."""
    members = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    required = {name: members[name] for name in ("e", "kty", "n")}
    canonical = json.dumps(required, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(canonical.encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def public_jwk(kid: str, private: RSAPrivateKey) -> dict[str, str]:
    """Return the public half as a JSON Web Key for RS256 signatures."""
    members = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": kid,
        "n": members["n"],
        "e": members["e"],
    }


def _pem(private: RSAPrivateKey) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _kept(session: Session) -> list[ToolKey]:
    return list(session.scalars(select(ToolKey).order_by(ToolKey.state, ToolKey.created_at)))


def _active(session: Session) -> ToolKey | None:
    return session.scalar(
        select(ToolKey)
        .where(ToolKey.state == KeyState.ACTIVE)
        .order_by(ToolKey.created_at, ToolKey.kid)
        .limit(1)
    )
