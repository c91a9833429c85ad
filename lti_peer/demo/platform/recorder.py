"""Write every protocol message that reaches the application into the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, request

from lti_peer.demo.platform.current import current_lms
from lti_peer.demo.platform.journal import shorten

_NAMES = {
    "registration.configuration": "Platform configuration",
    "registration.register": "Registration",
    "login.authenticate": "Authentication request",
    "login.keys": "LMS's public keys",
    "deep_linking.finish": "Deep linking response",
    "tokens.token": "Access token",
    "line_items.find": "Line items: list",
    "line_items.create": "Line item: create",
    "line_items.show": "Line item: read",
    "line_items.change": "Line item: change",
    "line_items.remove": "Line item: delete",
    "scores.accept": "Score",
    "scores.results": "Results",
    "roster.members": "Roster",
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that the answer to this request makes the browser carry to the tool."""

    name: str
    method: str
    url: str
    body: Mapping[str, str] | None = None


def send(message: Outgoing) -> None:
    """Note a message that leaves with the answer: it is written down after the one that came."""
    g.setdefault("lms_outgoing", []).append(message)


def record(app: Flask) -> None:
    """Let the application keep each protocol message, with its answer, after it was served."""

    @app.after_request
    def keep(response: Response) -> Response:
        name = _NAMES.get(request.endpoint or "")
        if name is None and request.path.startswith("/lti/"):
            name = "Unknown address"
        if name is not None:
            current_lms().journal.record(
                "in",
                name,
                request.method,
                request.url,
                body=_body(),
                status=response.status_code,
                answer=_answer(response),
            )
        for message in g.get("lms_outgoing", []):
            current_lms().journal.record(
                "out", message.name, message.method, message.url, body=message.body
            )
        return response


def _body() -> Any:
    """Return what the message carries: its JSON, else its form, else its query; None if nothing."""
    if request.mimetype.endswith("json"):
        return request.get_json(force=True, silent=True)
    return request.form.to_dict() or request.args.to_dict() or None


def _answer(response: Response) -> Any:
    """Return the JSON of a short answer, the text of a long one cut; pages are not kept."""
    if not (response.mimetype or "").endswith("json"):
        return None
    text = response.get_data(as_text=True)
    return shorten(text) if text != shorten(text) else response.get_json(force=True, silent=True)
