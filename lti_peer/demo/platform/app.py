"""Put the simulated LMS together."""

from collections.abc import Sequence

from flask import Blueprint, Flask, Response, g, json, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from lti_peer.demo.platform.bearer import tokens
from lti_peer.demo.platform.current import current_person
from lti_peer.demo.platform.deep_linking import deep_linking
from lti_peer.demo.platform.drawer import drawer
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.gate import guard
from lti_peer.demo.platform.line_items import line_items
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.login import login
from lti_peer.demo.platform.pages import pages
from lti_peer.demo.platform.recorder import record
from lti_peer.demo.platform.registration import registration
from lti_peer.demo.platform.roster import roster
from lti_peer.demo.platform.scores import scores
from lti_peer.demo.platform.tools import tools
from lti_peer.demo.platform.trouble import trouble

_OWN = (
    registration,
    login,
    deep_linking,
    tokens,
    line_items,
    scores,
    roster,
    pages,
    tools,
    drawer,
    trouble,
)
_PAGES = frozenset({"pages", "tools", "drawer", "trouble", "login", "deep_linking"})
_MOST_BYTES = 1_000_000


def create_lms(
    lms: Lms,
    extra_nav: Sequence[tuple[str, str]] = (),
    blueprints: Sequence[Blueprint] = (),
) -> Flask:
    """Return the application of this LMS.

    `extra_nav` are pairs of label and path that follow the LMS's own pages in its menu;
    `blueprints` serve them. Their templates may extend `lms/layout.html`; they find the LMS by
    `current.current_lms()` and the visitor by `current.current_person()`.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES
    app.extensions["lms"] = lms
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["pretty"] = _pretty
    for blueprint in (*_OWN, *blueprints):
        app.register_blueprint(blueprint)

    @app.context_processor
    def common() -> dict[str, object]:
        return {"lms": lms, "me": current_person(), "extra_nav": tuple(extra_nav)}

    app.register_error_handler(ProtocolError, _refuse)
    app.register_error_handler(HTTPException, _explain)
    app.after_request(_protect)
    guard(app)
    record(app)  # Flask goes backwards: the journal keeps the answer that may be lost
    return app


def _refuse(refusal: ProtocolError) -> tuple[Response | str, int]:
    """Answer a program in JSON and a person with a page."""
    if request.blueprint in _PAGES:
        return _problem(refusal.sentence, refusal.code), refusal.status
    response = jsonify(error=refusal.code, error_description=refusal.sentence)
    if refusal.status == 401:  # noqa: PLR2004  Unauthorized
        response.headers["WWW-Authenticate"] = "Bearer"
    if refusal.status in {429, 503}:
        response.headers["Retry-After"] = "5"
    return response, refusal.status


def _explain(failure: HTTPException) -> tuple[Response | str, int]:
    status = failure.code or 500
    if request.path.startswith("/lti/"):
        return jsonify(error=failure.name, error_description=failure.description), status
    return _problem(failure.description or failure.name, failure.name), status


def _problem(sentence: str, code: str) -> str:
    return render_template("lms/problem.html", sentence=sentence, code=code)


def _protect(response: Response) -> Response:
    """Allow only what the LMS itself serves, and the tool in a frame."""
    others = " ".join(getattr(g, "lms_other_origins", []))
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; base-uri 'none'; frame-ancestors 'self'; "
        f"frame-src 'self' {others}; form-action 'self' {others}",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=False, ensure_ascii=False)
