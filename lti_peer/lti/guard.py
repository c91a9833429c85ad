"""Where a call may go, and how long it may take: the rules under `lti.http`."""

import ipaddress
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock, Timer
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_S = 3.0
READ_S = 10.0

EMBEDDING = tuple(
    ipaddress.ip_network(net)
    for net in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
        "::ffff:0:0/96",
        "::/96",
    )
)
"""IPv6 addresses that stand for an IPv4 address, which might be a private one."""


class EgressError(Exception):
    """A call got no answer; the text names the host and never the address or the body."""


class Refused(EgressError):
    """Our own rules forbid the call: the address, its scheme, or what came back. For good."""


class Unreachable(EgressError):
    """The other side was not there, too slow, or broke off. Later it may be."""


def check_url(url: str, *, allow_private: bool = False) -> str:
    """Return the host of an address that may be called; raises Refused for any other."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Refused("The address is malformed.") from None
    if not host or not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        raise Refused("The address is malformed.")
    if parts.username is not None or parts.password is not None:
        raise Refused(f"The address of {host} carries a user name.")
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise Refused(f"The address of {host} is not https.")
    return host


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public net, and is not a private one in disguise."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and any(ip in net for net in EMBEDDING):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


class Guard:
    """What one call may do: how long, and to which addresses."""

    def __init__(self, ends: float, *, allow_private: bool) -> None:
        """End at `ends` on the monotonic clock, in seconds."""
        self.ends = ends
        self.allow_private = allow_private
        self.expired = False
        self._lock = Lock()
        self._twin: socket.socket | None = None

    def watch(self, connection: socket.socket | None) -> None:
        """Break off what this socket connects to when the time is over, until `finish`.

        It keeps a handle of its own: http.client closes the connection's while it still reads.
        """
        with self._lock:
            self._drop()
            self._twin = connection.dup() if connection else None

    def finish(self) -> None:
        """Leave the connection to whoever uses it next."""
        with self._lock:
            self._drop()

    def expire(self) -> None:
        """Break the watched connection off; whoever reads from it gets an error."""
        with self._lock:
            self.expired = True
            if self._twin is not None:
                try:
                    self._twin.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # it has ended by itself

    def _drop(self) -> None:
        if self._twin is not None:
            self._twin.close()
            self._twin = None


_guard: ContextVar[Guard] = ContextVar("guard")


@contextmanager
def deadline(ends: float, *, allow_private: bool) -> Iterator[Guard]:
    """Give the rules of one call, and break its connection off when the time is over."""
    guard = Guard(ends, allow_private=allow_private)
    timer = Timer(max(0.0, ends - time.monotonic()), guard.expire)
    timer.daemon = True
    token = _guard.set(guard)
    timer.start()
    try:
        yield guard
    finally:
        timer.cancel()
        guard.finish()
        _guard.reset(token)


class _Checked(HTTPConnection):
    """A connection to an address that was checked, and that a timer can break off."""

    twin: socket.socket | None = None
    """A second handle on the socket: TLS takes the first one over while it shakes hands."""

    def _new_conn(self) -> socket.socket:
        guard = _guard.get()
        fault: OSError | None = None
        for family, kind, protocol, _, address in socket.getaddrinfo(
            self.host, self.port, type=socket.SOCK_STREAM
        ):
            if not guard.allow_private and not is_public(str(address[0])):
                raise Refused(f"{self.host} is not on the public net.")
            made = socket.socket(family, kind, protocol)
            made.settimeout(min(CONNECT_S, max(0.01, guard.ends - time.monotonic())))
            try:
                made.connect(address)
            except OSError as refused:
                made.close()
                fault = refused
                continue
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.twin = made.dup()
            guard.watch(self.twin)
            return made
        raise fault or OSError("no address")

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send the request; a connection kept alive from an earlier call is watched anew."""
        _guard.get().watch(self.twin)
        super().request(*args, **kwargs)

    def close(self) -> None:
        """Close both handles."""
        super().close()
        if self.twin is not None:
            self.twin.close()
            self.twin = None


class _CheckedTls(_Checked, HTTPSConnection):
    """The same with TLS; name and certificate are checked against the host's name."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checked


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedTls


def pool() -> urllib3.PoolManager:
    """Return a pool whose connections know the rules; each call runs inside `deadline`."""
    timeout = urllib3.Timeout(CONNECT_S, READ_S)
    manager = urllib3.PoolManager(num_pools=50, maxsize=8, retries=False, timeout=timeout)
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
    return manager
