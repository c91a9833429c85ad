"""Another system's record store: sending batches to it, and reading from it.

Batches go out as texts that were made once and stay the same on every retry. Each failure has a
class of its own, because each asks for something else: see `DeliveryError`.
"""

import base64
import contextlib
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self, cast
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import requests
from requests.adapters import HTTPAdapter

from xapi.statement import StatementJson, Version

DETAIL_LENGTH: Final = 300
"""How many characters of a store's own words are kept."""

_CHUNK: Final = 65_536


class DeliveryError(Exception):
    """A record store did not take what was sent.

    ```
    DeliveryError
    ├── Conflict       another statement has one of the ids, or the batch came a second time
    ├── Refused        the store finds fault with the batch: divide it and look for the culprit
    │   └── TooLarge   it is more than the store takes at once
    ├── Unauthorised   the key is wrong or may not do this: nothing will work until it is mended
    └── Unavailable    not now: wait and send the same again
        └── TooSlow    no answer came in time: less at once may help
    ```
    """


class Conflict(DeliveryError):
    """409: an id is taken. Nothing of the batch was stored by this request."""


class Refused(DeliveryError):
    """400, 413 or 422: the store does not want the batch as it is; nothing of it was stored."""


class TooLarge(Refused):
    """413."""


class Unauthorised(DeliveryError):
    """401 or 403."""


class Unavailable(DeliveryError):
    """No answer in time, an answer that makes no sense, 429, or any other failure.

    Whether the batch was stored is unknown. `retry_after` is the number of seconds that the store
    asks to wait, or None.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep the wait that was asked for."""
        super().__init__(message)
        self.retry_after = retry_after


class TooSlow(Unavailable):
    """The store took the request and did not answer in time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, in seconds, and how much, in bytes, one request may take."""

    connect: float = 3.0
    read: float = 30.0
    """Between two pieces of an answer."""
    deadline: float = 60.0
    """For the whole answer's body, however slowly its pieces come."""
    answer: int = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A record store's answer: its status, what it says, and the wait it asks for in seconds."""

    status: int
    body: bytes
    retry_after: float | None

    @property
    def detail(self) -> str:
        """Return the beginning of what the store says, on one line, without control characters."""
        text = self.body[: 4 * DETAIL_LENGTH].decode("utf-8", "replace")
        return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()[:DETAIL_LENGTH]


class RecordStore:
    """One endpoint of one record store, with a pool of connections; safe to share by threads.

    `session` lets the caller mount an adapter of its own, such as one that keeps requests out of
    private networks. Whatever it says, proxies and credentials of the environment are not used and
    redirects are not followed.
    """

    def __init__(
        self,
        endpoint: str,
        key: str,
        secret: str,
        *,
        version: Version = "1.0.3",
        session: requests.Session | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Prepare; nothing is sent. `endpoint` is the address above /statements."""
        self.endpoint = endpoint.rstrip("/") + "/"
        self.version = version
        self._limits = limits or Limits()
        self._session = session or _pooled()
        self._session.trust_env = False
        pair = base64.b64encode(f"{key}:{secret}".encode()).decode()
        self._headers = {
            "Authorization": f"Basic {pair}",
            "X-Experience-API-Version": version,
            "Accept": "application/json",
        }

    def __enter__(self) -> Self:
        """Return the store itself, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(self, bodies: Sequence[str]) -> None:
        """Send statements, each as its JSON text, as one batch: the store takes all or none.

        Raises ValueError for an empty batch, which every store refuses, and a DeliveryError when
        the store did not say that it has taken them. What ids it names is not looked at: stores
        differ in which ones they name.
        """
        if not bodies:
            raise ValueError("A batch has at least one statement.")
        batch = "[" + ",".join(bodies) + "]"
        self._accept(self.request("POST", "statements", body=batch.encode()))

    def fetch(self, statement_id: UUID) -> StatementJson | None:
        """Return the stored statement, a voided one too, or None when there is none.

        Raises a DeliveryError when the store does not say.
        """
        for name in ("statementId", "voidedStatementId"):
            answer = self.request("GET", "statements", params={name: str(statement_id)})
            if answer.status != requests.codes.not_found:
                self._accept(answer)
                found = _among(_object(answer), statement_id)
                if found is not None:
                    return found
        return None

    def statements(self, **filters: str) -> Iterator[StatementJson]:
        """Return the statements that a query finds, page after page; filters as specified.

        Raises a DeliveryError when the store does not answer, or leads to another site.
        """
        answer = self.request("GET", "statements", params=filters)
        while True:
            self._accept(answer)
            page = _object(answer)
            yield from page.get("statements", ())
            if not page.get("more"):
                return
            answer = self.request("GET", str(page["more"]))

    def versions(self) -> list[str]:
        """Return the versions of xAPI that the store says it speaks.

        Raises a DeliveryError when the store does not say.
        """
        answer = self.request("GET", "about")
        self._accept(answer)
        said = _object(answer).get("version")
        return [str(version) for version in said] if isinstance(said, list) else []

    def request(
        self,
        method: str,
        resource: str,
        *,
        params: dict[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """Ask a resource and return the answer, whatever its status.

        A resource is relative to the endpoint, or a path or an address that the store itself named.
        Raises Unavailable when there is no whole answer in time and size, and when the address is
        at another site, which must not see the key.
        """
        url = urljoin(self.endpoint, resource)
        if urlsplit(url)[:2] != urlsplit(self.endpoint)[:2]:
            raise Unavailable("The store leads to another site.")
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            with self._session.request(
                method,
                url,
                params=params,
                data=body,
                headers=headers,
                timeout=(self._limits.connect, self._limits.read),
                allow_redirects=False,
                stream=True,
            ) as response:
                return Answer(response.status_code, self._read(response), _retry_after(response))
        except requests.ReadTimeout as failure:
            raise TooSlow(f"No answer in {self._limits.read:g} seconds.") from failure
        except (requests.RequestException, OSError) as failure:
            raise Unavailable(f"No answer: {type(failure).__name__}.") from failure

    def _read(self, response: requests.Response) -> bytes:
        end = time.monotonic() + self._limits.deadline
        body = bytearray()
        for piece in response.iter_content(_CHUNK):
            body += piece
            if len(body) > self._limits.answer:
                raise Unavailable(f"An answer of more than {self._limits.answer} bytes.")
            if time.monotonic() > end:
                raise Unavailable(f"No whole answer in {self._limits.deadline:g} seconds.")
        return bytes(body)

    def _accept(self, answer: Answer) -> None:
        """Return when the answer is a yes, and raise what it is otherwise."""
        status = answer.status
        if status in (200, 204):
            return
        message = f"{status}: {answer.detail}" if answer.body else f"{status}."
        if status == requests.codes.conflict:
            raise Conflict(message)
        if status == requests.codes.request_entity_too_large:
            raise TooLarge(message)
        if status in (400, 422):
            raise Refused(message)
        if status in (401, 403):
            raise Unauthorised(message)
        raise Unavailable(message, answer.retry_after)


def _pooled() -> requests.Session:
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=8)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _object(answer: Answer) -> dict[str, Any]:
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError) as failure:
        raise Unavailable(f"An answer that is no JSON: {answer.detail}") from failure
    if not isinstance(value, dict):
        raise Unavailable(f"An answer that is no object: {answer.detail}")
    return value


def _among(said: dict[str, Any], statement_id: UUID) -> StatementJson | None:
    """Return the statement that was asked for, from the answer.

    Ralph answers with a list, and knows no voidedStatementId: it lists all that it has.
    """
    listed = said.get("statements")
    for one in listed if isinstance(listed, list) else [said]:
        if isinstance(one, dict) and str(one.get("id")).lower() == str(statement_id):
            return cast("StatementJson", one)
    return None


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds to wait that the answer asks for, as a number or a date (RFC 9110)."""
    said = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        return float(said)
    with contextlib.suppress(ValueError):
        at = parsedate_to_datetime(said)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        return max(0.0, (at - datetime.now(UTC)).total_seconds())
    return None
