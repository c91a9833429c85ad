"""Dynamic registration (1EdTech LTI Dynamic Registration 1.0), the platform's side."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from lti_peer.demo.platform import claims
from lti_peer.demo.platform.addresses import CONFIGURATION, REGISTRATION
from lti_peer.demo.platform.current import current_lms
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.lms import origin
from lti_peer.demo.platform.model import MessageKind, Tool

registration = Blueprint("registration", __name__)

_TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"


@registration.get(CONFIGURATION)
def configuration() -> Response:
    """Say what this LMS is and can."""
    lms = current_lms()
    addresses, audience, reviews = lms.addresses, lms.profile.audience, lms.profile.reviews
    if not lms.profile.registers:
        raise ProtocolError(404, "not_found", "This LMS registers tools by hand.")
    return jsonify(
        {
            "issuer": lms.issuer,
            "authorization_endpoint": addresses.authorization,
            "token_endpoint": addresses.token,
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": addresses.jwks,
            "registration_endpoint": addresses.registration,
            "scopes_supported": ["openid", *sorted(lms.scopes)],
            "response_types_supported": ["id_token"],
            "response_modes_supported": ["form_post"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["iss", "sub", *claims.PERSONAL],
            **({"authorization_server": audience} if audience else {}),
            _PLATFORM_CONFIGURATION: {
                "product_family_code": lms.profile.product,
                "version": "1",
                "messages_supported": [
                    {"type": MessageKind.RESOURCE_LINK.value},
                    {"type": MessageKind.DEEP_LINKING.value, "placements": ["ContentArea"]},
                    *([{"type": MessageKind.SUBMISSION_REVIEW.value}] if reviews else []),
                ],
                "variables": ["Context.id", "Context.title", "Context.id.history"],
            },
        }
    )


@registration.post(REGISTRATION)
def register() -> tuple[Response, int]:
    """Register the tool that shows a registration token, and answer with its client id.

    The token ends with the first registration that succeeds or fails.
    """
    lms = current_lms()
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        lms.use_registration_token(token.strip() if kind.lower() == "bearer" else "")
    except KeyError as unknown:
        raise ProtocolError(401, "invalid_token", "No such registration token.") from unknown
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise ProtocolError(400, "invalid_client_metadata", "The body is not a JSON object.")
    tool = lms.add_tool(_read_tool(given))
    block = {**given[_TOOL_CONFIGURATION], "deployment_id": tool.deployment_id}
    answer = {
        **given,
        "client_id": tool.client_id,
        "scope": " ".join(sorted(tool.scopes)),
        _TOOL_CONFIGURATION: block,
    }
    return jsonify(answer), 201


def _read_tool(given: Mapping[str, Any]) -> Tool:
    """Return the tool without ids. Raises ProtocolError 400 that names what is wrong."""
    _require_methods(given)
    block = given.get(_TOOL_CONFIGURATION)
    if not isinstance(block, dict):
        raise _wrong(f"{_TOOL_CONFIGURATION} is missing.")
    target = _address(block, "target_link_uri")
    if block.get("domain") != urlsplit(target).netloc.removeprefix("www."):
        raise _wrong("domain must be host and port of target_link_uri.")
    uris = _texts(given, "redirect_uris")
    if not uris or not all(map(origin, uris)):
        raise _wrong("redirect_uris is not a list of addresses.")
    custom = block.get("custom_parameters", {})
    if not isinstance(custom, dict):
        raise _wrong("custom_parameters is not an object.")
    return Tool(
        client_id="",
        deployment_id="",
        name=_text(given, "client_name"),
        login_url=_address(given, "initiate_login_uri"),
        redirect_uris=uris,
        jwks_url=_address(given, "jwks_uri"),
        target_link_uri=target,
        deep_linking_url=_message_url(block, target, MessageKind.DEEP_LINKING),
        review_url=_message_url(block, target, MessageKind.SUBMISSION_REVIEW),
        scopes=frozenset(str(given.get("scope", "")).split()) & current_lms().scopes,
        claims=frozenset(_texts(block, "claims")),
        custom={str(name): str(value) for name, value in custom.items()},
    )


def _require_methods(given: Mapping[str, Any]) -> None:
    if "id_token" not in _texts(given, "response_types"):
        raise _wrong("response_types must have id_token.")
    if given.get("token_endpoint_auth_method") != "private_key_jwt":
        raise _wrong("token_endpoint_auth_method must be private_key_jwt.")
    if not {"implicit", "client_credentials"} <= set(_texts(given, "grant_types")):
        raise _wrong("grant_types must have implicit and client_credentials.")


def _message_url(block: Mapping[str, Any], target: str, kind: MessageKind) -> str | None:
    """Return where messages of this kind go, or None when the tool does not ask for them."""
    messages = block.get("messages", [])
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise _wrong("messages is not a list of objects.")
    for message in messages:
        if message.get("type") == kind.value:
            return _address({"target_link_uri": target, **message}, "target_link_uri")
    return None


def _texts(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = given.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong(f"{name} is not a list of texts.")
    return tuple(value)


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(f"{name} is missing.")
    return value


def _address(given: Mapping[str, Any], name: str) -> str:
    value = _text(given, name)
    if not origin(value):
        raise _wrong(f"{name} is not an address.")
    return value


def _wrong(sentence: str) -> ProtocolError:
    return ProtocolError(400, "invalid_client_metadata", sentence)
