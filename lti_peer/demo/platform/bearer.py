"""Access to the services: tokens for tools that prove who they are, and the check of such tokens.

OAuth 2 client credentials with `private_key_jwt` (1EdTech Security Framework 1.0, section 4).
"""

import jwt
from flask import Blueprint, Response, jsonify, request

from lti_peer.demo.platform.addresses import TOKEN
from lti_peer.demo.platform.current import current_lms
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.model import AccessToken, Tool

tokens = Blueprint("tokens", __name__)

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@tokens.post(TOKEN)
def token() -> Response:
    """Give a token for the scopes that were asked for and are granted to this tool."""
    lms, form = current_lms(), request.form
    if form.get("grant_type") != "client_credentials":
        raise ProtocolError(400, "unsupported_grant_type", "Only client_credentials is served.")
    if form.get("client_assertion_type") != _ASSERTION_TYPE:
        raise ProtocolError(400, "invalid_request", "client_assertion_type must be jwt-bearer.")
    tool = _prove(lms, form.get("client_assertion", ""))
    wanted = frozenset(form.get("scope", "").split())
    granted = wanted & tool.scopes & lms.scopes
    if not granted:
        raise ProtocolError(400, "invalid_scope", "None of these scopes is granted to the tool.")
    ticket = lms.access_tokens.issue(AccessToken(client_id=tool.client_id, scopes=granted))
    response = jsonify(
        access_token=ticket,
        token_type=lms.profile.token_kind,
        expires_in=int(lms.profile.token_life.total_seconds()),
        scope=" ".join(sorted(granted)),
    )
    response.mimetype = lms.profile.token_media
    response.cache_control.no_store = True
    return response


def _prove(lms: Lms, assertion: str) -> Tool:
    """Return the tool that signed the assertion. Raises ProtocolError 401 or 400."""
    tool = lms.tool_of(claimed_client(lms, assertion))
    claims = lms.tool_keys.verify(assertion, tool, lms.profile.audience or lms.addresses.token)
    if claims.get("sub") != tool.client_id:
        raise ProtocolError(401, "invalid_client", "iss and sub must both be the client id.")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise ProtocolError(401, "invalid_client", "The assertion has no jti.")
    if not lms.seen.first_use(f"jti {tool.client_id} {jti}", None):
        raise ProtocolError(401, "invalid_client", "This jti was used before.")
    return tool


def claimed_client(lms: Lms, assertion: str) -> str:
    """Return the client id that a token claims, not verified yet, if such a tool exists."""
    try:
        unverified = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as failure:
        raise ProtocolError(401, "invalid_client", "This is not a token.") from failure
    client_id = str(unverified.get("iss", ""))
    if client_id not in {tool.client_id for tool in lms.tools}:
        raise ProtocolError(401, "invalid_client", "No tool has this client id.")
    return client_id


def require(*scopes: str) -> Tool:
    """Return the tool that calls a service with a token for at least one of the scopes.

    Raises ProtocolError 401 without a valid token, 403 without the scope, 400 when `type_id` in
    the query is not the tool's deployment.
    """
    lms = current_lms()
    kind, _, ticket = request.headers.get("Authorization", "").partition(" ")
    try:
        access = lms.access_tokens.read(ticket.strip() if kind.lower() == "bearer" else "")
    except KeyError as unknown:
        raise ProtocolError(401, "invalid_token", "There is no such access token.") from unknown
    if not access.scopes & set(scopes):
        raise ProtocolError(403, "insufficient_scope", f"Needed: {' or '.join(scopes)}.")
    tool = lms.tool_of(access.client_id)
    asked = request.args.getlist("type_id")
    if lms.profile.query and asked != [tool.deployment_id]:
        raise ProtocolError(400, "invalid_request", "type_id of the address did not come back.")
    return tool


def require_course(course_id: str) -> None:
    """Raise ProtocolError 404 unless this is the id of the course."""
    if course_id != current_lms().course.id:
        raise ProtocolError(404, "not_found", "There is no such course.")
