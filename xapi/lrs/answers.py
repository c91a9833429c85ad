"""Answers: JSON, parts, and refusals that say why."""

import json
from collections.abc import Sequence
from typing import Final

from flask import Response
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from xapi.lrs.multipart import Part, compose
from xapi.lrs.refusal import RequestRefused
from xapi.validation.fault import Fault

_MAX_FAULTS: Final = 20
_UNAUTHORISED: Final = 401


def json_answer(body: str, status: int = 200) -> Response:
    """Return a JSON text as the answer."""
    return Response(body, status, content_type="application/json")


def parts_answer(body: str, parts: Sequence[Part]) -> Response:
    """Return statements as JSON with attachments' data after them (part 3, 1.5.2)."""
    first = Part(Headers({"Content-Type": "application/json"}), body.encode())
    content, boundary = compose([first, *parts])
    return Response(content, content_type=f"multipart/mixed; boundary={boundary}")


def refusal_answer(refusal: RequestRefused) -> Response:
    """Return why a request was refused."""
    response = json_answer(_explain(refusal.message, refusal.faults), refusal.status)
    response.headers.extend(refusal.headers)
    if refusal.status == _UNAUTHORISED:
        response.headers["WWW-Authenticate"] = 'Basic realm="xAPI", charset="UTF-8"'
    return response


def error_answer(error: HTTPException) -> Response:
    """Return what HTTP itself found wrong with a request."""
    return json_answer(_explain(error.description or error.name, ()), error.code or 500)


def _explain(message: str, faults: Sequence[Fault]) -> str:
    shown = [
        {"path": fault.path, "rule": fault.rule, "message": fault.message}
        for fault in faults[:_MAX_FAULTS]
    ]
    return json.dumps({"message": message, "faults": shown} if shown else {"message": message})
