"""One handler for every error: a page in plain words, or JSON for those who asked for it."""

import secrets
from typing import Any

import structlog
from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from lti_peer.core.errors import Conflict, Invalid, NotFound, PeerError, TooLarge, TooOften

log = structlog.get_logger()

TITLES = {
    400: "This request cannot be understood",
    401: "Open it again from your course",
    403: "This is not open to you",
    404: "This page is not here",
    405: "This page is not here",
    409: "Something changed meanwhile",
    413: "This is too much",
    422: "This cannot be used as it is",
    429: "Please wait a moment",
    503: "Please try again in a moment",
}
BUSY = "The tool is busy just now, and nothing was changed."


def answer(problem: PeerError, template: str = "problem.html", **more: Any) -> Response:
    """Return the page (or JSON) for a problem, with a code that stands in the log as well.

    A `template` that extends `problem.html` may offer `more` than a sentence.
    """
    reference = secrets.token_hex(4)
    log.info(
        "problem", code=problem.code, status=problem.status, reference=reference,
        endpoint=request.endpoint, person=_person(),
    )  # fmt: skip
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        fields = problem.fields if isinstance(problem, Invalid) else {}
        body = {"code": problem.code, "message": problem.message, "advice": problem.advice}
        response = jsonify({**body, "fields": fields, "reference": reference})
    else:
        response = make_response(
            render_template(
                template, title=TITLES.get(problem.status, "Something went wrong"),
                message=problem.message, advice=problem.advice, code=f"{problem.code} {reference}",
                visit=g.get("visit"), **{**_way_back(), **more},
            )
        )  # fmt: skip
    response.status_code = problem.status
    if isinstance(problem, TooOften):
        response.headers["Retry-After"] = str(problem.wait_s)
    return response


def register(app: Flask) -> None:
    """Let the app answer errors in plain words; no traceback reaches a person."""
    app.register_error_handler(PeerError, answer)
    app.register_error_handler(TooOften, _too_often)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _raced)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(Exception, _unexpected)


def _too_often(problem: TooOften) -> Response:
    """Answer somebody in a visit with what they sent, to be sent again."""
    if "visit" not in g:
        return answer(problem)
    fields = [one for one in request.form.items(multi=True) if one[0] != "csrf_token"]
    return answer(problem, "too_often.html", fields=fields, action_label="")


def _http(fault: HTTPException) -> Response:
    if fault.code == 404 or fault.code == 405:  # noqa: PLR1714, PLR2004 - HTTP's own numbers
        return answer(NotFound("There is nothing at this address.", advice="Check the link."))
    if fault.code == 413:  # noqa: PLR2004 - HTTP's own number
        return answer(TooLarge("What you sent is larger than we take. Nothing was stored."))
    problem = PeerError(fault.description or fault.name, code=f"http_{fault.code}")
    problem.status = fault.code or 500
    return answer(problem)


def _raced(fault: IntegrityError) -> Response:
    _undo()
    log.warning("raced", constraint=type(fault.orig).__name__, endpoint=request.endpoint)
    return answer(
        Conflict(
            "Somebody was faster, so nothing was changed.", advice="Reload the page and try again."
        )
    )


def _busy(fault: OperationalError) -> Response:
    _undo()
    log.error("database", fault=type(fault.orig).__name__, endpoint=request.endpoint)
    problem = PeerError(BUSY, advice="Try again in half a minute.", code="busy")
    problem.status = 503
    response = answer(problem)
    response.headers["Retry-After"] = "5"
    return response


def _unexpected(fault: Exception) -> Response:
    _undo()
    log.error("unexpected", exc_info=fault, endpoint=request.endpoint)
    return answer(
        PeerError(
            "Something went wrong on our side, and nothing was changed.",
            advice="Try again. If it happens again, tell your instructor the code below.",
            code="unexpected",
        )
    )


def _undo() -> None:
    """Roll back: after a failed flush the page could not even read who its visitor is."""
    session = g.get("session")
    if session is not None:
        session.rollback()


def _way_back() -> dict[str, str]:
    """Return the button of a problem's page: back to the activity, for who is inside one."""
    visit = g.get("visit")
    home = f"{visit.chosen.kind}.home" if visit and visit.chosen else ""
    if home not in current_app.view_functions or request.endpoint == home:
        return {}
    return {"action_label": "Back to the activity", "action_url": url_for(home)}


def _person() -> str:
    visit = g.get("visit")
    return str(visit.person.id) if visit else ""
