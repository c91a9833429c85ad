"""The way out to a record store that a command or a page named: only to the public net (N1)."""

import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from lti_peer.lti import guard

TOTAL_S = 60.0
"""Until the head of an answer is there."""


def session(*, private: bool) -> requests.Session:
    """Return a session whose connections go to addresses that were checked.

    `private` lets them go into private networks as well, in development alone.
    """
    made = requests.Session()
    adapter = _Guarded(private=private)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


class NotAllowed(requests.ConnectionError):
    """The address is not on the public net."""


class _Guarded(HTTPAdapter):
    def __init__(self, *, private: bool) -> None:
        self._private = private
        super().__init__()

    def init_poolmanager(self, *_args: Any, **_kwargs: Any) -> None:
        self.poolmanager = guard.pool()

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            with guard.deadline(time.monotonic() + TOTAL_S, allow_private=self._private):
                return super().send(*args, **kwargs)
        except guard.EgressError as refused:
            raise NotAllowed(str(refused)) from refused
