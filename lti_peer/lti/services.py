"""Calls to an LMS's services: to approved hosts alone, with a token, once more when it is over."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from lti_peer.core.db import Database
from lti_peer.core.keys import Vault
from lti_peer.core.models import Platform
from lti_peer.lti import hosts
from lti_peer.lti.http import Answer, Client
from lti_peer.lti.keys import KeyRing
from lti_peer.lti.tokens import Tokens

UNAUTHORISED = 401


class NotApproved(Exception):
    """The address lies on a host that nobody approved for this LMS; nothing was sent there."""

    def __init__(self, url: str) -> None:
        """Keep the host, which an administrator may approve."""
        self.host = hosts.host(url) or "an address that is not one"
        super().__init__(f"{self.host} is not an approved host of this LMS.")


class Declined(Exception):
    """The LMS answered, but with no success; `answer` is what it said."""

    def __init__(self, answer: Answer) -> None:
        """Keep the answer."""
        super().__init__(f"The LMS declined ({answer.status}).")
        self.answer = answer


@dataclass(frozen=True)
class Call:
    """One request to a service. `url` is used as the LMS gave it, its query included."""

    method: str
    url: str
    scopes: frozenset[str]
    """What its token must allow."""
    accept: str = ""
    media_type: str = ""
    body: bytes = b""

    @property
    def headers(self) -> dict[str, str]:
        """What is sent beside the token. LMSs are strict about media types (moodle.md, AGS)."""
        given = {"Accept": self.accept, "Content-Type": self.media_type}
        return {name: value for name, value in given.items() if value}


class Services:
    """Calls the services of any LMS. Safe with threads; no transaction may be open."""

    def __init__(self, client: Client, tokens: Tokens, *, private: bool = False) -> None:
        """Call with `client`; `private` allows services on http and loopback."""
        self._client = client
        self._tokens = tokens
        self._private = private

    def call(self, platform: Platform, call: Call) -> Answer:
        """Return the LMS's answer, whatever its status; a 401 was tried again with a new token.

        Raises NotApproved before anything is sent, TokenRefused when the LMS gives no token, and
        EgressError when it does not answer.
        """
        if not hosts.approved(platform, call.url, private=self._private):
            raise NotApproved(call.url)
        token = self._tokens.get(platform, call.scopes)
        answer = self._send(call, token)
        if answer.status != UNAUTHORISED:
            return answer
        self._tokens.drop(platform, call.scopes, token)
        return self._send(call, self._tokens.get(platform, call.scopes))

    def demand(self, platform: Platform, call: Call) -> Answer:
        """Return the answer if it is a success; else raise Declined, or what `call` raises."""
        answer = self.call(platform, call)
        if not answer.ok:
            raise Declined(answer)
        return answer

    def _send(self, call: Call, token: str) -> Answer:
        headers = {**call.headers, "Authorization": f"Bearer {token}"}
        if call.method == "GET":
            return self._client.get(call.url, headers=headers)
        return self._client.send(call.method, call.url, call.body, headers=headers)


def build(database: Database, vault: Vault, *, private: bool) -> Services:
    """Return the caller of services on `database`; `private` allows http and loopback."""
    client = Client(allow_private=private)
    tokens = Tokens(database, vault, KeyRing(database, vault), client)
    return Services(client, tokens, private=private)


def below(url: str, name: str) -> str:
    """Return the address of what lies below `url`: the name goes before the query (moodle.md)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def asking(url: str, **parameters: str) -> str:
    """Return `url` with further parameters; its own query stays as it was, letter by letter."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))
