"""The tool's own keys: RSA of 2048 bits, encrypted at rest, loaded once for each process.

A key is published at once and signs only later, when every LMS has had time to fetch it; the one
before it stays published until nobody can hold anything alive that it signed. So a rotation is
noticed by no LMS (security.md T21, S2; lti.md S09). Which key does what follows from its times.

OpenSSL's check of a loaded private key takes 37 ms; it is left out, because we made the key
ourselves and the vault authenticates what it gives back (lti.md 1.2).
"""

import hashlib
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
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
from lti_peer.core.errors import Conflict, Invalid
from lti_peer.core.keys import Vault
from lti_peer.lti.models import ToolKey

KEY_BITS = 2048
REREAD_S = 60.0
"""Seconds for which a process signs with the key that it knows before it looks again."""
WAIT = timedelta(hours=24)
"""How long a new key is published before it signs, unless somebody says otherwise. We let LMSs
keep our key set for minutes; some keep it for longer than they were told."""
SHORTEST_WAIT = timedelta(minutes=10)
"""Twice as long as our key set may be kept."""
LONGEST_WAIT = timedelta(days=30)
ALIVE = timedelta(hours=1)
"""How long the old key stays published after it has signed last: what we sign lives five minutes,
a process may be late by a minute, and an LMS's clock by more."""


class KeyPhase(StrEnum):
    """What a key does at a moment."""

    WAITING = "waiting"
    """Published, and not used yet."""
    SIGNING = "signing"
    RETIRING = "retiring"
    """Published for what it has signed."""
    ENDED = "ended"


@dataclass(frozen=True)
class KeyLine:
    """One key as it is shown: nothing of it is secret."""

    kid: str
    phase: KeyPhase
    published_from: datetime
    signs_from: datetime
    signs_until: datetime | None
    """None while no key is there to follow it."""
    published_until: datetime | None


class KeyRing:
    """Signs what the tool says to an LMS, and publishes the public halves. Safe with threads."""

    def __init__(
        self, database: Database, vault: Vault, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Read nothing yet: the key is made, or loaded, when it is needed first.

        `clock` counts seconds.
        """
        self._database = database
        self._vault = vault
        self._clock = clock
        self._lock = Lock()
        self._signer: tuple[str, RSAPrivateKey] | None = None
        self._reread_at = 0.0

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
        """Return the key set that LMSs fetch (RFC 7517): the signing key, then the others."""
        self._current()
        with self._database.transaction(read_only=True) as session:
            moment, rows = db.now(session), _stored(session)
            signer = _signer(rows, moment)
            kept = sorted(
                (row for row in rows if not _is_over(row, moment)),
                key=lambda row: row is not signer,
            )
            loaded = [(row.kid, self._load(row)) for row in kept]
        return {"keys": [public_jwk(kid, private) for kid, private in loaded]}

    def _current(self) -> tuple[str, RSAPrivateKey]:
        with self._lock:
            if self._signer is None or self._clock() >= self._reread_at:
                row = self._find()
                if row is None and self._signer is None:
                    row = self._make()
                if row is not None and (self._signer is None or row.kid != self._signer[0]):
                    self._signer = (row.kid, self._load(row))
                self._reread_at = self._clock() + REREAD_S
            assert self._signer is not None  # read, made or kept from before
            return self._signer

    def _find(self) -> ToolKey | None:
        with self._database.transaction(read_only=True) as session:
            return _signer(_stored(session), db.now(session))

    def _make(self) -> ToolKey:
        """Store a new key, unless another process was faster, and return the one in force.

        Two processes that start in the same moment may make one each; both are published.
        """
        fresh = _fresh(self._vault)
        with self._database.transaction() as session:
            moment = db.now(session)
            stored = _signer(_stored(session), moment)
            if stored is not None:
                return stored
            fresh.created_at = fresh.signs_from = moment
            session.add(fresh)
        return fresh

    def _load(self, row: ToolKey) -> RSAPrivateKey:
        pem = self._vault.decrypt(row.sealed).encode()
        private = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(private, RSAPrivateKey)  # we stored nothing else
        return private


def rotate(
    session: Session, vault: Vault, *, wait: timedelta = WAIT, compromised: bool = False
) -> list[KeyLine]:
    """Publish a new key, which signs after `wait`, and return all keys as they are then.

    The key that signs now goes on until then, and is published for an hour more. When it is
    `compromised` there is no overlap: it is gone at once, and an LMS that keeps our key set for
    longer refuses grades and answers until it fetches the set again. What is over is deleted.

    Raises Invalid when `wait` is not 10 minutes to 30 days, and Conflict while a new key waits.
    """
    if not SHORTEST_WAIT <= wait <= LONGEST_WAIT:
        raise Invalid(
            "A new key waits from 10 minutes to 30 days.", {"wait": "must be 10 minutes to 30 days"}
        )
    rows = _stored(session, locked=True)
    moment = db.now(session)
    if not compromised and any(row.signs_from > moment for row in rows):
        raise Conflict(
            "A new key is published already and signs soon; nothing was changed.", code="key_waits"
        )
    signs_from = moment if compromised else moment + wait
    for row in rows:
        if compromised or _is_over(row, moment):
            session.delete(row)
        elif row.ends_at is None:
            row.ends_at = signs_from + ALIVE
    fresh = _fresh(vault)
    fresh.created_at, fresh.signs_from = moment, signs_from if rows else moment
    session.add(fresh)
    session.flush()
    return lines(session)


def lines(session: Session) -> list[KeyLine]:
    """Return every key that is kept, newest first, with what it does now."""
    moment, rows = db.now(session), _stored(session)
    signer = _signer(rows, moment)
    newest = sorted(rows, key=lambda row: (row.signs_from, row.kid), reverse=True)
    return [
        KeyLine(
            row.kid,
            _phase(row, signer, moment),
            row.created_at,
            row.signs_from,
            newest[place - 1].signs_from if place and row.ends_at else None,
            row.ends_at,
        )
        for place, row in enumerate(newest)
    ]


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


def _fresh(vault: Vault) -> ToolKey:
    """Return a new key, without its times."""
    private = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return ToolKey(kid=thumbprint(private), sealed=vault.encrypt(_pem(private)))


def _stored(session: Session, *, locked: bool = False) -> Sequence[ToolKey]:
    query = select(ToolKey).order_by(ToolKey.created_at, ToolKey.kid)
    return session.scalars(query.with_for_update() if locked else query).all()


def _signer(rows: Sequence[ToolKey], now: datetime) -> ToolKey | None:
    """Return the key that signs: of those that may, the one that began last."""
    able = [row for row in rows if row.signs_from <= now and not _is_over(row, now)]
    return max(able, key=lambda row: (row.signs_from, row.kid), default=None)


def _is_over(row: ToolKey, now: datetime) -> bool:
    return row.ends_at is not None and row.ends_at <= now


def _phase(row: ToolKey, signer: ToolKey | None, now: datetime) -> KeyPhase:
    if _is_over(row, now):
        return KeyPhase.ENDED
    if row is signer:
        return KeyPhase.SIGNING
    return KeyPhase.WAITING if row.signs_from > now else KeyPhase.RETIRING
