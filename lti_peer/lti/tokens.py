"""Access tokens for an LMS's services: asked for once, shared by all processes, dropped when over.

OAuth 2 client credentials with a signed assertion (1EdTech Security Framework 1.0, 4.1). A token is
kept for one registration and one set of scopes: two registrations of one issuer never share one
(security.md, fact 2).
"""

import math
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from lti_peer.core import db
from lti_peer.core.db import Base, Database
from lti_peer.core.keys import Vault
from lti_peer.core.models import Platform
from lti_peer.lti import checks
from lti_peer.lti.http import Answer, Client, EgressError, Refused

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = timedelta(minutes=5)
DEFAULT_LIFE = timedelta(minutes=5)
"""Of a token whose life the LMS does not say (RFC 6749, 5.1, leaves it to us)."""
LONGEST_LIFE = timedelta(days=1)
EARLY = timedelta(seconds=60)
"""A token is not used in its last minute: it could end under way."""


class Signer(Protocol):
    """What signs for the tool: `lti.keys.KeyRing`."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the claims as a signed token."""


class TokenRefused(Exception):
    """The LMS gave no token; `status` is its answer's."""

    def __init__(self, answer: Answer) -> None:
        """Keep the status and how long it asked us to wait, in seconds, if it did."""
        super().__init__(f"The LMS gave no access token ({answer.status}).")
        self.status = answer.status
        self.retry_after = answer.retry_after


class AccessToken(Base):
    """A token that an LMS gave us, encrypted."""

    __tablename__ = "access_token"

    platform_id: Mapped[UUID] = mapped_column(
        ForeignKey("platform.id", ondelete="CASCADE"), primary_key=True
    )
    scopes: Mapped[str] = mapped_column(String(600), primary_key=True)
    """Sorted, with spaces between."""
    sealed: Mapped[str] = mapped_column(Text)
    """The token, encrypted by `core.keys.Vault`."""
    expires_at: Mapped[datetime]
    """When we stop using it: a minute before the LMS does."""


class Tokens:
    """Gives the access token of a platform. Safe with threads: of many that need one, one asks."""

    def __init__(self, database: Database, vault: Vault, signer: Signer, client: Client) -> None:
        """Keep tokens in `database`, encrypted by `vault`; ask for them with `client`."""
        self._database = database
        self._vault = vault
        self._signer = signer
        self._client = client
        self._locks: dict[tuple[UUID, str], Lock] = {}

    def get(self, platform: Platform, scopes: Iterable[str]) -> str:
        """Return a token for these scopes, from the database or from the LMS.

        No transaction may be open. Raises TokenRefused when the LMS gives none, and EgressError
        when it does not answer, or not as OAuth 2 says.
        """
        key = (platform.id, " ".join(sorted(scopes)))
        with self._locks.setdefault(key, Lock()):
            return self._kept(key) or self._ask(platform, key)

    def drop(self, platform: Platform, scopes: Iterable[str], token: str) -> None:
        """Forget `token`, which the LMS takes no more; a newer one that is kept meanwhile stays."""
        key = (platform.id, " ".join(sorted(scopes)))
        with self._database.transaction() as session:
            row = session.get(AccessToken, key)
            if row is not None and self._vault.decrypt(row.sealed) == token:
                session.delete(row)

    def _kept(self, key: tuple[UUID, str]) -> str:
        with self._database.transaction(read_only=True) as session:
            row = session.get(AccessToken, key)
            if row is None or row.expires_at <= db.now(session):
                return ""
            return self._vault.decrypt(row.sealed)

    def _ask(self, platform: Platform, key: tuple[UUID, str]) -> str:
        """Return a new token, and keep it; a failure is noted where administrators see it."""
        try:
            token, expires = self._fetch(platform, key[1])
        except (TokenRefused, EgressError) as fault:
            checks.token_failed(self._database, platform.id, str(fault))
            raise
        self._keep(key, token, expires)
        return token

    def _fetch(self, platform: Platform, scopes: str) -> tuple[str, datetime]:
        """Return a token from the LMS, and until when we use it."""
        with self._database.transaction(read_only=True) as session:
            moment = db.now(session)
        answer = self._client.post_form(
            platform.token_url,
            {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion(platform, self._signer, moment),
                "scope": scopes,
            },
        )
        token, life = _read(answer)
        return token, moment + life - EARLY

    def _keep(self, key: tuple[UUID, str], token: str, expires: datetime) -> None:
        row = AccessToken(
            platform_id=key[0],
            scopes=key[1],
            sealed=self._vault.encrypt(token),
            expires_at=expires,
        )
        # Another process may have been faster; then its token is kept, and ours is good as well.
        with suppress(IntegrityError), self._database.transaction() as session:
            session.merge(row)


def assertion(platform: Platform, signer: Signer, moment: datetime) -> str:
    """Return the proof that we are this platform's client, good for five minutes and one use."""
    issued = int(moment.timestamp())
    return signer.sign(
        {
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.audience or platform.token_url,
            "iat": issued,
            "exp": issued + int(ASSERTION_LIFE.total_seconds()),
            "jti": secrets.token_urlsafe(24),
        }
    )


def _read(answer: Answer) -> tuple[str, timedelta]:
    """Return token and life. The media type is not looked at: Moodle says text/html (moodle.md)."""
    if not answer.ok:
        raise TokenRefused(answer)
    given = answer.json()
    given = given if isinstance(given, dict) else {}
    token, kind = given.get("access_token"), str(given.get("token_type", "bearer"))
    fine = isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
    if not token or not fine or kind.lower() != "bearer":
        raise Refused("The LMS's answer has no bearer token in it.")
    return str(token), _life(given.get("expires_in"))


def _life(seconds: object) -> timedelta:
    """Return how long a token lives; some LMSs write the number as a text."""
    try:
        number = float(seconds) if isinstance(seconds, str | int | float) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return DEFAULT_LIFE
    return min(timedelta(seconds=max(number, 0)), LONGEST_LIFE)
