"""Keys: who may use a tenant's record store, and for what."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from xapi.identity import Account
from xapi.lrs.mentions import agent_key
from xapi.lrs.models import Key
from xapi.vocabulary import PROFILE

AUTHORITY_HOME: Final = f"{PROFILE}/record-store"
"""The home page of the accounts under which a record store vouches for what it takes."""


class Scope(StrEnum):
    """What a key may be used for (part 3, 4.2, in short)."""

    WRITE = "write"
    """Send statements."""
    READ_MINE = "read-mine"
    """Read what was sent with the same key."""
    READ = "read"
    """Read all statements of the tenant."""
    ALL = "all"
    """Everything."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key pair as it is handed out; the secret is shown once and cannot be found again."""

    id: UUID
    key: str
    secret: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who showed a valid key: for which tenant, with which scopes, vouching as whom."""

    tenant: UUID
    key: str
    scopes: frozenset[Scope]

    @property
    def may_write(self) -> bool:
        """Say whether statements may be sent."""
        return not self.scopes.isdisjoint({Scope.WRITE, Scope.ALL})

    @property
    def may_read(self) -> bool:
        """Say whether any statements may be read."""
        return not self.scopes.isdisjoint({Scope.READ, Scope.READ_MINE, Scope.ALL})

    @property
    def only_mine(self) -> bool:
        """Say whether reading is limited to what was sent with this key."""
        return self.scopes.isdisjoint({Scope.READ, Scope.ALL})

    @property
    def own_key(self) -> UUID:
        """Return the mention key of whoever vouches for what is sent with this key."""
        return agent_key(self.authority)

    @property
    def limit(self) -> UUID | None:
        """Return the authority to which reading is limited, if it is."""
        return self.own_key if self.only_mine else None

    @property
    def authority(self) -> dict[str, Any]:
        """Return the Agent that vouches for what is sent with the key."""
        return authority(self.key)


def authority(name: str) -> dict[str, Any]:
    """Return the Agent by which a store vouches for statements from a key or a part of the host."""
    return Account(AUTHORITY_HOME, name).agent()


def add(
    session: Session, tenant: UUID, name: str, scopes: Iterable[Scope], now: datetime
) -> NewKey:
    """Make a key pair for the tenant and return it with its secret.

    Raises ValueError without a scope.
    """
    words = sorted(set(scopes))
    if not words:
        raise ValueError("A key needs at least one scope.")
    # Hexadecimal: a secret that began with "-" would be an option to other programs' commands.
    made = NewKey(uuid4(), secrets.token_hex(16), secrets.token_hex(32))
    session.add(
        Key(
            id=made.id,
            tenant=tenant,
            name=name,
            key=made.key,
            secret_hash=_hash(made.secret),
            scopes=" ".join(words),
            created=now,
        )
    )
    session.flush()
    return made


def standing(session: Session) -> list[Key]:
    """Return the keys of all tenants that open something, oldest first."""
    asked = select(Key).where(Key.revoked.is_(None)).order_by(Key.created, Key.key)
    return list(session.scalars(asked))


def revoke(session: Session, tenant: UUID, key: str, now: datetime) -> bool:
    """Make a key of the tenant worthless from now on; say whether there was one."""
    found = session.scalar(select(Key).where(Key.tenant == tenant, Key.key == key))
    if found is None or found.revoked is not None:
        return False
    found.revoked = now
    session.flush()
    return True


def authenticate(session: Session, key: str, secret: str) -> Holder | None:
    """Return the holder of the key, or None when key and secret do not belong together."""
    found = session.scalar(select(Key).where(Key.key == key, Key.revoked.is_(None)))
    expected = found.secret_hash if found else bytes(32)
    right = hmac.compare_digest(_hash(secret), expected)
    if found is None or not right:
        return None
    return Holder(found.tenant, found.key, frozenset(map(Scope, found.scopes.split())))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
