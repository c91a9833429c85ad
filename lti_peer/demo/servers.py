"""Two servers on loopback: the LMS at 127.0.0.1, the tool at localhost, which are two sites.

A port is taken before anything is built, so that addresses are known and nobody takes it meanwhile.
"""

import socket
from dataclasses import dataclass
from threading import Thread
from typing import Any, Self

from waitress import wasyncore
from waitress.server import create_server

TRIES = 20
THREADS = 8
QUIET_BACKLOG = 1024


class NoPortError(Exception):
    """No port near the wished one is free."""


@dataclass(frozen=True)
class Port:
    """A port that listens on every address of a loopback name already."""

    number: int
    sockets: tuple[socket.socket, ...]

    def close(self) -> None:
        """Give the port back, for another process to take."""
        for one in self.sockets:
            one.close()


def take(name: str, wished: int) -> Port:
    """Return the first free port from `wished` on, at `name`, which is a loopback name.

    Raises NoPortError when none of twenty is free.
    """
    for number in range(wished, wished + TRIES):
        sockets = _listen(name, number)
        if sockets:
            return Port(number, sockets)
    raise NoPortError(f"The ports {wished} to {wished + TRIES - 1} are all taken; choose --port.")


class Server:
    """An application that is served from a thread of its own."""

    def __init__(self, app: Any, port: Port, threads: int = THREADS) -> None:
        """Serve `app`, a WSGI application, at a port that was taken."""
        self._open: dict[int, Any] = {}
        self._server = create_server(
            app,
            map=self._open,
            sockets=list(port.sockets),
            threads=threads,
            backlog=QUIET_BACKLOG,
            connection_limit=QUIET_BACKLOG,
            asyncore_use_poll=True,
            ident=None,
        )
        self._thread = Thread(target=self._server.run, name=f"port {port.number}", daemon=True)

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop answering, and close the port and the connections that somebody keeps open."""
        self._server.close()
        wasyncore.close_all(self._open, ignore_all=True)  # else its loop goes on for their sake
        self._thread.join(timeout=5)


def _listen(name: str, number: int) -> tuple[socket.socket, ...]:
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            name, number, type=socket.SOCK_STREAM
        ):
            sockets.append(_bound(family, kind, protocol, address))
    except OSError:
        for one in sockets:
            one.close()
        return ()
    return tuple(sockets)


def _bound(family: int, kind: int, protocol: int, address: Any) -> socket.socket:
    one = socket.socket(family, kind, protocol)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
        one.listen(QUIET_BACKLOG)
    except OSError:
        one.close()
        raise
    return one
