"""The only way out of the house to an LMS: a client that cannot be led astray (security.md T4, T8).

It speaks https alone, resolves a name once, refuses addresses that are not on the public net,
connects to the very address that it checked (the name stays in Host and TLS), follows no redirect,
knows no proxy from the environment, sends no cookie, reads no more than it was told to, and ends
after a total of 15 seconds whatever the other side does. In development `allow_private` lifts the
first two rules.
"""

import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError

from lti_peer import __version__
from lti_peer.lti.guard import EgressError, Refused, Unreachable, check_url, deadline, pool

__all__ = ["Answer", "Client", "EgressError", "Refused", "Unreachable", "check_url"]

TOTAL_S = 15.0
LARGEST_ANSWER = 1024 * 1024
"""Bytes of an answer's body; a key set gets 64 KiB."""
TRIES = 3
TRY_AGAIN = frozenset({429, 502, 503, 504})
NO_CONTENT = 204
USER_AGENT = f"lti-peer/{__version__}"
"""Canvas and some Moodle sites refuse requests without one (lti.md 3.1, 3.2)."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers by small letters, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is 200 to 299."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers

    def json(self) -> Any:
        """Return the body as JSON, whatever its media type says; raises Refused otherwise."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refused("The answer is not JSON.") from None

    @property
    def promised(self) -> int:
        """The bytes that Content-Length promised, 0 when it did not; fewer mean a broken answer."""
        length = self.headers.get("content-length", "")
        return int(length) if length.isdecimal() and self.status != NO_CONTENT else 0

    @property
    def retry_after(self) -> float | None:
        """The seconds of Retry-After, at most a day, or None; a date counts from now."""
        value = self.headers.get("retry-after", "")
        try:
            seconds = float(value) if value.isdecimal() else _until(value)
        except (ValueError, TypeError, OverflowError):
            return None
        return min(max(seconds, 0.0), 86_400.0)


class Client:
    """The guarded client; one for the process, safe with threads, connections kept alive."""

    def __init__(self, *, allow_private: bool = False, total_s: float = TOTAL_S) -> None:
        """Allow plain http and private addresses only in development; end a call in `total_s`."""
        self._allow_private = allow_private
        self._total_s = total_s
        self._pool = pool()

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, limit: int = LARGEST_ANSWER
    ) -> Answer:
        """Return the answer to a GET; tries again when the other side is busy, within the total.

        Raises Refused or Unreachable when there is no answer at all.
        """
        ends = time.monotonic() + self._total_s
        for attempt in range(1, TRIES + 1):
            last = attempt == TRIES
            try:
                answer = self._once("GET", url, headers or {}, None, limit, ends)
            except Unreachable:
                if last or not _pause(attempt, None, ends):
                    raise
                continue
            if last or answer.status not in TRY_AGAIN:
                return answer
            if not _pause(attempt, answer.retry_after, ends):
                return answer
        raise AssertionError("unreachable")  # pragma: no cover - the last try returns or raises

    def send(
        self,
        method: str,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        limit: int = LARGEST_ANSWER,
    ) -> Answer:
        """Return the answer to a POST, PUT or DELETE, tried once: the outbox tries again.

        Raises Refused or Unreachable when there is no answer at all.
        """
        ends = time.monotonic() + self._total_s
        return self._once(method, url, headers or {}, body, limit, ends)

    def post_form(self, url: str, fields: Mapping[str, str]) -> Answer:
        """Return the answer to a form: the token request of OAuth 2."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        return self.send("POST", url, urlencode(fields).encode(), headers=headers)

    def close(self) -> None:
        """Close every connection that is kept alive."""
        self._pool.clear()

    def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limit: int,
        ends: float,
    ) -> Answer:
        host = check_url(url, allow_private=self._allow_private)
        sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers}
        with deadline(ends, allow_private=self._allow_private) as guard:
            try:
                response = self._pool.request(
                    method, url, body=body, headers=sent, redirect=False, preload_content=False
                )
                answer = _read(response, limit)
            except (HTTPError, OSError, ValueError) as fault:
                late = " in time" if guard.expired else f" ({type(fault).__name__})"
                raise Unreachable(f"{host} did not answer{late}.") from fault
            if guard.expired or len(answer.body) < answer.promised:
                raise Unreachable(f"{host} broke off.")
            return answer


def _read(response: urllib3.BaseHTTPResponse, limit: int) -> Answer:
    """Return the whole answer, or raise Refused when it is longer than `limit` or packed."""
    whole = False
    try:
        body = response.read(limit + 1, decode_content=False)
        whole = len(body) <= limit
    finally:
        if not whole:
            response.close()
    if not whole:
        raise Refused(f"The answer is longer than {limit} bytes.")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused("The answer is packed, which was not asked for.")
    response.release_conn()
    headers = {name.lower(): value for name, value in response.headers.itermerged()}
    return Answer(response.status, headers, body)


def _pause(attempt: int, asked: float | None, ends: float) -> bool:
    """Wait before the next try, spread at random; return False when the time would not do."""
    spread = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
    wait = asked if asked is not None else 0.2 * 2**attempt * spread
    if time.monotonic() + wait + 1 >= ends:
        return False
    time.sleep(wait)
    return True


def _until(date: str) -> float:
    return parsedate_to_datetime(date).timestamp() - time.time()
