"""Who and what a statement is about: accounts, pseudonyms and ids that come from what happened."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from xapi.vocabulary import PROFILE

STATEMENT_NAMESPACE: Final = uuid5(NAMESPACE_URL, f"{PROFILE}/statements")
"""The namespace of our statements' ids (RFC 9562, version 5)."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody as one system knows them: the system's home page, an IRL, and the name there.

    Neither a person's name nor an e-mail address belongs here: for a person of an LMS it is the
    LTI issuer and `sub` (xAPI 1.0.3, part 2, 2.4.2.4).
    """

    home_page: str
    name: str

    def agent(self) -> dict[str, Any]:
        """Return the account as an Agent."""
        return {
            "objectType": "Agent",
            "account": {"homePage": self.home_page, "name": self.name},
        }

    def group(self) -> dict[str, Any]:
        """Return the account as an identified Group, members left out."""
        return {
            "objectType": "Group",
            "account": {"homePage": self.home_page, "name": self.name},
        }


def pseudonym(key: bytes, account: Account, home_page: str) -> Account:
    """Return another account for the same person that tells nothing about them without `key`.

    The name is HMAC-SHA256 over home page and name, in base 32, 52 characters. `home_page` is the
    tool's. A key of its own for every record store keeps two stores from being joined; to forget
    the key is to forget the people.

    Raises ValueError when the key has less than 32 bytes.
    """
    if len(key) < 32:  # noqa: PLR2004 - the length of the hash
        raise ValueError("A pseudonym key has at least 32 bytes.")
    # The length in front keeps ("ab", "c") and ("a", "bc") apart.
    home = account.home_page.encode()
    message = len(home).to_bytes(8, "big") + home + account.name.encode()
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return Account(home_page, base64.b32encode(digest).decode().rstrip("=").lower())


def pseudonymised(key: bytes, value: Any, home_page: str) -> Any:
    """Return a statement, or a part of one, in which each person goes by their pseudonym.

    A person is whoever has an account, wherever it stands: an actor, an instructor, a member, an
    entry of an extension. Groups keep their names; so do the ids of statements and activities, by
    which whoever holds two stores may still tell that two statements are the same.
    """
    if isinstance(value, list):
        return [pseudonymised(key, one, home_page) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("objectType") == "Group":
        members = pseudonymised(key, value.get("member", []), home_page)
        return {**value, "member": members} if members else value
    if isinstance(value.get("homePage"), str) and isinstance(value.get("name"), str):
        hidden = pseudonym(key, Account(value["homePage"], value["name"]), home_page)
        return {**value, "homePage": hidden.home_page, "name": hidden.name}
    # The name of an Agent would undo it.
    left = {"name"} if "account" in value else set()
    return {
        name: pseudonymised(key, one, home_page) for name, one in value.items() if name not in left
    }


def statement_id(*parts: object) -> UUID:
    """Return the id of the statement about what `parts` name, always the same for the same parts.

    Parts are, from the general to the special, say deployment, event, aggregate and version; each
    is taken by its text, and the borders between them count. Raises ValueError without parts.
    """
    return _named(STATEMENT_NAMESPACE, parts)


def registration_id(*parts: object) -> UUID:
    """Return the registration of one person in one activity: deployment, resource link, person.

    All statements of one learner in one activity share it (xAPI 1.0.3, part 2, 2.4.6.1).
    Raises ValueError without parts.
    """
    return _named(uuid5(STATEMENT_NAMESPACE, "registration"), parts)


def _named(namespace: UUID, parts: tuple[object, ...]) -> UUID:
    if not parts:
        raise ValueError("An id needs at least one part that it comes from.")
    texts = (str(part) for part in parts)
    return uuid5(namespace, "".join(f"{len(text)}:{text}," for text in texts))
