"""How often one address of the net, and one person, may ask for what costs us something."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from threading import Lock

from flask import Flask, current_app, g, request

from lti_peer.core.errors import TooOften
from lti_peer.web.cycle import SAFE
from lti_peer.web.policy import View

MOST_KNOWN = 10_000
"""Addresses that are remembered; whoever asked longest ago is forgotten first."""

ACTS, OFTEN = 30, 120
"""What one person may send in a minute (security.md T22): hand-ins, reviews and all other acts; and
what pages send by themselves, drafts and previews, as well as what staff do, who press one button
for each of many people. Two windows that are typed in keep 80 drafts (autosave.js)."""
WINDOW_S = 60.0

INEXACT_S = 1e-6
"""What a sum of many steps may be off by."""
_MARK = "_lti_peer_often"


class Limit:
    """Counts in the memory of this process, one number for each address or person's id.

    Safe with threads. There is no limit for all addresses together, nor one for an LMS: a stranger
    could use it to keep everybody else out.
    """

    def __init__(
        self, most: int, window_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Allow each `most` at once, and as many again in each `window_s` seconds."""
        self._each_s = window_s / most
        self._window_s = window_s
        self._clock = clock
        self._lock = Lock()
        self._used_up: OrderedDict[str, float] = OrderedDict()
        """When an address will have nothing left to wait for (the generic cell rate algorithm)."""

    def count(self, address: str) -> None:
        """Count one attempt; raises TooOften when there were as many as are allowed."""
        now, known = self._clock(), network(address)
        with self._lock:
            used_up = max(self._used_up.get(known, now), now) + self._each_s
            early_s = used_up - now - self._window_s
            if early_s > INEXACT_S:
                raise TooOften(math.ceil(early_s))
            self._used_up[known] = used_up
            self._used_up.move_to_end(known)
            if len(self._used_up) > MOST_KNOWN:
                self._used_up.popitem(last=False)


def network(address: str) -> str:
    """Return whose address it is: in IPv6 one household has 2^64 of them, so its first half."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return found.exploded[:19]
    return str(getattr(found, "ipv4_mapped", None) or found)


def count_stranger(limit: Limit) -> None:
    """Count the request that is being answered, unless it comes from this machine itself.

    That is a proxy which nobody has named as trusted, behind which everybody would be counted
    together, or somebody who can do worse. Raises TooOften.
    """
    address = request.remote_addr or ""
    if not network(address).startswith("127.") and address != "::1":
        limit.count(address)


def often(view: View) -> View:
    """Mark a view that pages call by themselves: it has the limit for such calls."""
    setattr(view, _MARK, True)
    return view


def is_often(view: Callable[..., object]) -> bool:
    """Return whether the view is marked so."""
    return getattr(view, _MARK, False)


def register(app: Flask) -> None:
    """Count what people send; to be called after `cycle.register`, which finds out who they are."""
    app.extensions["act_limit"] = Limit(ACTS, WINDOW_S)
    app.extensions["often_limit"] = Limit(OFTEN, WINDOW_S)
    app.before_request(_count_person)


def _count_person() -> None:
    visit = g.get("visit")
    if visit is None or request.method in SAFE:
        return
    view = current_app.view_functions[request.endpoint or ""]
    wide = visit.is_staff or is_often(view)
    limit: Limit = current_app.extensions["often_limit" if wide else "act_limit"]
    try:
        limit.count(str(visit.person.id))
    except TooOften as refused:
        wait = f"{refused.wait_s} second{'s' if refused.wait_s > 1 else ''}"
        raise TooOften(
            refused.wait_s,
            "You have sent more in the last minute than we take. This was not sent.",
            f"Wait {wait}, then send it again. Nothing that you typed is lost.",
        ) from None
