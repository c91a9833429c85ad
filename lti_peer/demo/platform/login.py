"""OpenID Connect on the side of the platform: begin a login, answer an authentication request.

The rules are those of the 1EdTech Security Framework 1.0, section 5.1.1.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from lti_peer.demo.platform import claims
from lti_peer.demo.platform.addresses import AUTHORIZATION, JWKS
from lti_peer.demo.platform.current import current_lms, current_person, instructor_only
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.lms import Lms, origin
from lti_peer.demo.platform.model import Message, MessageKind, Tool
from lti_peer.demo.platform.recorder import Outgoing, send

login = Blueprint("login", __name__)

_EXPECTED = {
    "response_type": ("id_token", "unsupported_response_type"),
    "response_mode": ("form_post", "invalid_request"),
    "scope": ("openid", "invalid_scope"),
    "prompt": ("none", "invalid_request"),
}
"""Each parameter, its only value, and the OAuth 2 error code for any other."""

_TOKEN_NAMES = {
    MessageKind.RESOURCE_LINK: "Launch token",
    MessageKind.DEEP_LINKING: "Deep linking token",
    MessageKind.SUBMISSION_REVIEW: "Review token",
}


@login.get("/launch/<link_id>")
def launch(link_id: str) -> BaseResponse | str:
    """Begin a launch of one activity as the current person. This address goes into the frame."""
    lms = current_lms()
    try:
        link = lms.link(link_id)
    except KeyError as missing:
        raise ProtocolError(404, "not_found", "There is no such activity.") from missing
    person = current_person()
    if person.id in lms.left:
        raise ProtocolError(403, "not_enrolled", "You are not in this course any more.")
    message = Message(
        kind=MessageKind.RESOURCE_LINK,
        client_id=link.client_id,
        person_id=person.id,
        link_id=link.id,
    )
    return _initiate(lms, message, link.url)


@login.get("/deep-linking/<client_id>")
def choose_content(client_id: str) -> BaseResponse | str:
    """Begin deep linking with one tool as the instructor."""
    lms, person = current_lms(), instructor_only()
    tool = _known_tool(lms, client_id)
    if tool.deep_linking_url is None:
        raise ProtocolError(400, "no_deep_linking", "This tool did not ask for deep linking.")
    message = Message(kind=MessageKind.DEEP_LINKING, client_id=client_id, person_id=person.id)
    return _initiate(lms, message, tool.deep_linking_url)


@login.get("/review/<line_item_id>/<person_id>")
def review(line_item_id: str, person_id: str) -> BaseResponse | str:
    """Begin a look at somebody's work in the tool, from their grade, as the instructor."""
    lms, person = current_lms(), instructor_only()
    try:
        column, about = lms.gradebook.column(line_item_id), lms.person(person_id)
    except KeyError as missing:
        raise ProtocolError(404, "not_found", "There is no such column or person.") from missing
    tool = lms.tool_of(column.client_id)
    if tool.review_url is None or column.link_id is None:
        raise ProtocolError(404, "no_review", "The tool shows no work for this column.")
    message = Message(
        kind=MessageKind.SUBMISSION_REVIEW,
        client_id=tool.client_id,
        person_id=person.id,
        link_id=column.link_id,
        line_item_id=column.id,
        about_id=about.id,
    )
    return _initiate(lms, message, tool.review_url)


@login.route(AUTHORIZATION, methods=["GET", "POST"])
def authenticate() -> str:
    """Answer an authentication request with a form that posts a token, or an error, to the tool.

    Raises ProtocolError 400 when client or redirect URI are not registered: then there is no
    address to which an answer may be sent.
    """
    lms = current_lms()
    given = _parameters()
    tool = _known_tool(lms, given.get("client_id", ""))
    redirect_uri = given.get("redirect_uri", "")
    compared = redirect_uri.partition("?")[0] if lms.profile.forgives_query else redirect_uri
    if compared not in tool.redirect_uris:
        raise ProtocolError(400, "invalid_redirect_uri", "This redirect URI is not registered.")
    try:
        message = _expected_message(lms, tool, given)
    except ProtocolError as refusal:
        name = "Login refused"
        fields = {"error": refusal.code, "error_description": refusal.sentence}
    else:
        name = _TOKEN_NAMES[message.kind]
        fields = {"id_token": _id_token(lms, message, given["nonce"])}
    if "state" in given:
        fields["state"] = given["state"]
    return _post_form(name, redirect_uri, fields)


@login.get(JWKS)
def keys() -> Response:
    """Publish the LMS's public key."""
    response = Response(json.dumps(current_lms().key.jwks()), mimetype="application/json")
    response.cache_control.max_age = 300
    return response


def _initiate(lms: Lms, message: Message, target: str) -> BaseResponse | str:
    """Send the browser to the tool's login URL; the hint must come back letter by letter."""
    tool = lms.tool_of(message.client_id)
    ticket = lms.messages.issue(message)
    fields = {
        "iss": lms.issuer,
        "login_hint": lms.profile.login_hint(message.person_id),
        "target_link_uri": target,
        "lti_message_hint": _hint(ticket),
        "client_id": tool.client_id,
        "lti_deployment_id": tool.deployment_id,
        **{
            name: value.format(deployment=tool.deployment_id)
            for name, value in lms.profile.login_extras.items()
        },
    }
    if lms.login_method == "get":
        send(Outgoing("Login initiation", "GET", tool.login_url, fields))
        separator = "&" if "?" in tool.login_url else "?"
        return redirect(f"{tool.login_url}{separator}{urlencode(fields)}")
    return _post_form("Login initiation", tool.login_url, fields)


def _parameters() -> Mapping[str, str]:
    """Return the parameters of query or body, each once. Raises ProtocolError 400."""
    source = request.form if request.method == "POST" else request.args
    repeated = [name for name, values in source.lists() if len(values) > 1]
    if repeated:
        raise ProtocolError(400, "invalid_request", f"Given more than once: {repeated[0]}.")
    return source.to_dict()


def _known_tool(lms: Lms, client_id: str) -> Tool:
    try:
        return lms.tool_of(client_id)
    except KeyError as missing:
        raise ProtocolError(400, "unauthorized_client", "No tool has this client id.") from missing


def _expected_message(lms: Lms, tool: Tool, given: Mapping[str, str]) -> Message:
    """Return the message that this request belongs to. Raises ProtocolError with an OIDC code."""
    for name, (value, code) in _EXPECTED.items():
        if given.get(name) != value:
            raise ProtocolError(400, code, f"{name} must be {value}.")
    for name in ("nonce", "state", "login_hint", "lti_message_hint"):
        if not given.get(name):
            raise ProtocolError(400, "invalid_request", f"{name} is missing.")
    once = lms.profile.launches_once
    take = lms.messages.take if once else lms.messages.read
    try:
        message = take(_ticket(given["lti_message_hint"]))
    except KeyError as unknown:
        word = "launch_no_longer_valid" if once else "login_required"
        raise ProtocolError(
            400, word, "This launch is unknown or too old. Open the activity again."
        ) from unknown
    hint = lms.profile.login_hint(message.person_id)
    if message.client_id != tool.client_id or hint != given["login_hint"]:
        raise ProtocolError(400, "login_required", "login_hint belongs to another launch.")
    return message


def _hint(ticket: str) -> str:
    """Return a message hint with characters in it that careless code does not bring back."""
    return json.dumps({"message": ticket, "course": "a+b & ü/%20"}, ensure_ascii=False)


def _ticket(hint: str) -> str:
    """Return the ticket in a hint. Raises ProtocolError when any letter of it was changed."""
    try:
        ticket = str(json.loads(hint)["message"])
    except (ValueError, TypeError, KeyError) as unreadable:
        raise ProtocolError(
            400, "invalid_request", "lti_message_hint did not come back as it was sent."
        ) from unreadable
    if hint != _hint(ticket):
        raise ProtocolError(400, "invalid_request", "lti_message_hint came back changed.")
    return ticket


def _id_token(lms: Lms, message: Message, nonce: str) -> str:
    if message.kind is MessageKind.RESOURCE_LINK:
        own = claims.launch(lms, message, lms.link(message.link_id or ""))
    elif message.kind is MessageKind.SUBMISSION_REVIEW:
        own = claims.submission_review(lms, message)
    else:
        data = lms.returns.issue(message)
        own = claims.deep_linking(lms, replace(message, data=data))
    return lms.key.sign({**claims.envelope(lms, message, nonce), **own})


def _post_form(name: str, action: str, fields: Mapping[str, str]) -> str:
    """Return a page that posts the fields to the tool, by itself or by a button."""
    send(Outgoing(name, "POST", action, dict(fields)))
    g.lms_other_origins = [origin(action)]
    return render_template("lms/post.html", action=action, fields=fields)
