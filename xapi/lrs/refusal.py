"""Saying no to a request."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from xapi.validation.fault import Fault


class RequestRefused(Exception):
    """A request that is not answered with what it asked for; `status` is the answer's status."""

    def __init__(
        self,
        status: int,
        message: str,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what the answer will say; `headers` are the answer's further ones."""
        super().__init__(message)
        self.status, self.message, self.faults = status, message, tuple(faults)
        self.headers = dict(headers or {})


def refuse(message: str, status: int = 400) -> NoReturn:
    """Raise RequestRefused; without a status the request itself is wrong."""
    raise RequestRefused(status, message)
