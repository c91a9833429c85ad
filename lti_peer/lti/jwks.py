"""The public keys of platforms: cached for an hour, shared by all processes through the database.

An unknown key id asks the platform once more, at most once a minute for each address; a platform
that does not answer is forgiven as long as the key is known from before (stale-if-error). One
thread asks, the others wait for it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from sqlalchemy.exc import IntegrityError

from lti_peer.core.db import Database
from lti_peer.lti import checks
from lti_peer.lti.errors import ADMINISTRATOR, LaunchError
from lti_peer.lti.http import Client, EgressError
from lti_peer.lti.models import PlatformKeySet

log = structlog.get_logger()

FRESH = timedelta(hours=1)
ASK_AGAIN = timedelta(minutes=1)
"""How long an unknown key id, or a platform that is down, does not make us ask again."""
ASK_FIRST_AGAIN = timedelta(seconds=5)
"""The same while nothing is known of the platform's keys."""
LARGEST_SET = 64 * 1024
MOST_KEYS = 50
LEAST_BITS = 2048
ACCEPT = {"Accept": "application/json, application/jwk-set+json"}

Keys = Mapping[str, RSAPublicKey]


@dataclass(frozen=True)
class _Entry:
    """The keys behind one address, when they were fetched, and when we asked out of turn."""

    keys: Keys
    fetched_at: datetime | None = None
    asked_at: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        return self.fetched_at is not None and now - self.fetched_at < FRESH

    def may_ask(self, now: datetime) -> bool:
        wait = ASK_FIRST_AGAIN if self.fetched_at is None else ASK_AGAIN
        return self.asked_at is None or now - self.asked_at >= wait


class PlatformKeys:
    """Finds the key that a platform signed with. Safe with threads."""

    def __init__(self, database: Database, client: Client) -> None:
        """Begin with nothing in memory; what other processes fetched is in the database."""
        self._database = database
        self._client = client
        self._entries: dict[str, _Entry] = {}
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)

    def find(self, url: str, kid: str, now: datetime) -> RSAPublicKey:
        """Return the key named `kid` of the set at `url`; call it with no transaction open.

        Raises LaunchError: 401 `unknown_kid`, or 502 `keys_unavailable` when the platform does
        not answer with a key set and nothing is known from before.
        """
        entry = self._entries.get(url)
        if entry is None or not entry.is_fresh(now) or kid not in entry.keys:
            with self._locks[url]:
                entry = self._refresh(url, kid, now)
        if kid in entry.keys:
            return entry.keys[kid]
        if entry.fetched_at is None:
            raise LaunchError(
                "keys_unavailable",
                "Your LMS did not answer when we asked for its keys, so we could not check the "
                "launch.",
                status=502,
                advice="Try again in a minute, from your course page.",
            )
        raise LaunchError(
            "unknown_kid",
            "Your LMS signed this launch with a key that it does not publish.",
            advice=f"Open it again from your course page. If that does not help: {ADMINISTRATOR}",
        )

    def _refresh(self, url: str, kid: str, now: datetime) -> _Entry:
        """Return the best entry there is now; another thread or process may have been faster."""
        entry = self._entries.get(url) or _Entry({})
        if not (entry.is_fresh(now) and kid in entry.keys):
            entry = self._stored(url, entry)
        if not (entry.is_fresh(now) and kid in entry.keys) and entry.may_ask(now):
            entry = self._ask(url, entry, now)
        self._entries[url] = entry
        return entry

    def _stored(self, url: str, entry: _Entry) -> _Entry:
        """Return what another process fetched, if that is newer than `entry`."""
        with self._database.transaction(read_only=True) as session:
            row = session.get(PlatformKeySet, url)
        if row is None or (entry.fetched_at is not None and row.fetched_at <= entry.fetched_at):
            return entry
        return replace(entry, keys=usable(row.document), fetched_at=row.fetched_at)

    def _ask(self, url: str, entry: _Entry, now: datetime) -> _Entry:
        """Return the set as the platform gives it now, or `entry` when it gives none."""
        asked_at = now if entry.fetched_at is not None else None
        try:
            document = self._fetch(url)
        except EgressError as fault:
            log.warning("platform_keys", fault=str(fault))
            checks.keys_failed(self._database, url, str(fault))
            return replace(entry, asked_at=now)
        self._store(url, document, now)
        return _Entry(usable(document), fetched_at=now, asked_at=asked_at)

    def _store(self, url: str, document: dict[str, Any], now: datetime) -> None:
        try:
            with self._database.transaction() as session:
                session.merge(PlatformKeySet(url=url, document=document, fetched_at=now))
        except IntegrityError:
            log.info("platform_keys", fault="Another process stored the same set first.")

    def _fetch(self, url: str) -> dict[str, Any]:
        answer = self._client.get(url, headers=ACCEPT, limit=LARGEST_SET)
        if not answer.ok:
            raise EgressError(f"The key set came with status {answer.status}.")
        document = answer.json()
        if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
            raise EgressError("The key set is not one.")
        return document


def usable(document: Mapping[str, Any]) -> dict[str, RSAPublicKey]:
    """Return by id the keys of a set that may sign a launch: RSA, at least 2048 bits, for RS256.

    A key for encryption, of another sort, without an id or too short is left out, and so are two of
    one id: nobody could say which was meant (RFC 7517, 4.2 to 4.5).
    """
    found: dict[str, RSAPublicKey] = {}
    twice: set[str] = set()
    for jwk in document["keys"][:MOST_KEYS]:
        kid = jwk.get("kid") if isinstance(jwk, dict) else None
        key = _usable(jwk) if isinstance(kid, str) and kid else None
        if key is None or not isinstance(kid, str):
            continue
        if kid in found:
            twice.add(kid)
        found[kid] = key
    return {kid: key for kid, key in found.items() if kid not in twice}


def _usable(jwk: Mapping[str, Any]) -> RSAPublicKey | None:
    if (
        jwk.get("kty") != "RSA"
        or jwk.get("use", "sig") != "sig"
        or jwk.get("alg", "RS256") != "RS256"
        or "verify" not in jwk.get("key_ops", ["verify"])
    ):
        return None
    try:
        key = jwt.PyJWK({name: jwk[name] for name in ("kty", "n", "e")}, "RS256").key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAPublicKey) and key.key_size >= LEAST_BITS else None
