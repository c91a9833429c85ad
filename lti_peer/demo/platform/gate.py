"""Before and after what the tool's server calls: who may, and what goes wrong on the way."""

import time

from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from lti_peer.demo.platform.current import current_lms
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.faults import Fault

_SERVICES = frozenset({"line_items", "scores", "roster"})
_CALLED = _SERVICES | {"tokens", "registration"}
"""Blueprints that the tool's server calls; the browser calls all others."""
_KEYS = "login.keys"
_LOST_BYTES = 64


def guard(app: Flask) -> None:
    """Let what the tool's server asks of this application meet the LMS's manners and troubles."""
    app.before_request(_meet)
    app.after_request(_lose)


def _meet() -> BaseResponse | None:
    """Return an answer in the place of the service's, or None. Raises ProtocolError."""
    if request.blueprint not in _CALLED and request.endpoint != _KEYS:
        return None
    lms = current_lms()
    if lms.profile.demands_agent and not request.headers.get("User-Agent"):
        raise ProtocolError(403, "no_user_agent", "A request must say whose it is: User-Agent.")
    if lms.faults.meets(Fault.AWAY):
        raise ProtocolError(503, "temporarily_unavailable", "The services are switched off.")
    return _trouble() if request.blueprint in _SERVICES else None


def _trouble() -> BaseResponse | None:
    faults = current_lms().faults
    if faults.meets(Fault.BROKEN):
        raise ProtocolError(500, "server_error", "Something is broken in the LMS.")
    if faults.meets(Fault.STRICT):
        raise ProtocolError(429, "too_many_requests", "That was too much at once.")
    if faults.meets(Fault.MOVED):
        return redirect(faults.moved_to, 307)
    if faults.meets(Fault.SLOW):
        time.sleep(faults.delay)
    g.lms_answer_is_lost = faults.meets(Fault.LOST)
    return None


def _lose(response: Response) -> Response:
    """Promise more than comes, and so break off: whoever asked cannot know what was done."""
    if g.get("lms_answer_is_lost"):
        response.status_code = 200
        response.set_data(b"")
        response.headers["Content-Length"] = str(_LOST_BYTES)
    return response
