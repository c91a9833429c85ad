"""A browser that keeps no cookie in frames, played by whoever serves the tool."""

from collections.abc import Callable, Iterable
from typing import Any

from lti_peer.demo.platform.faults import Fault, Faults

FRAME = "iframe"
COOKIE = "set-cookie"


class WithoutCookies:
    """The tool, without its cookies in frames as long as that trouble is switched on.

    Only what a browser says it loads into a frame is changed; a window of its own keeps them.
    """

    def __init__(self, tool: Any, faults: Faults) -> None:
        """Wrap `tool`, a WSGI application."""
        self._tool = tool
        self._faults = faults

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        framed = environ.get("HTTP_SEC_FETCH_DEST") == FRAME
        if not framed or Fault.COOKIELESS not in self._faults.on:
            return self._served(environ, start_response)
        environ.pop("HTTP_COOKIE", None)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            kept = [pair for pair in headers if pair[0].lower() != COOKIE]
            return start_response(status, kept, *more)

        return self._served(environ, start)

    def _served(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        answer: Iterable[bytes] = self._tool(environ, start)
        return answer
