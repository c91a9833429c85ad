"""Dynamic registration (1EdTech LTI Dynamic Registration 1.0), the tool's side, without any I/O.

The LMS says what it is (its OpenID configuration), we say what we are, and it answers with our
client id. What Moodle and Canvas want beyond the specification stands in moodle.md and lti.md 3.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeGuard
from urllib.parse import urlsplit

from lti_peer.core.models import ID_LENGTH, NAME_LENGTH, URL_LENGTH
from lti_peer.lti import claims, hosts, platforms, values
from lti_peer.lti.errors import ADMINISTRATOR, LaunchError
from lti_peer.lti.registration import Entry

NAME: Final = "Peer learning"
DESCRIPTION: Final = "Peer review and peer teaching, with grades in your grade book."
PLATFORM_CONFIGURATION: Final = "https://purl.imsglobal.org/spec/lti-platform-configuration"
WANTED: Final = (
    claims.SCOPE_LINE_ITEM,
    claims.SCOPE_LINE_ITEM_READ,
    claims.SCOPE_RESULT_READ,
    claims.SCOPE_SCORE,
    claims.SCOPE_ROSTER,
)
CUSTOM: Final = MappingProxyType({"context_history": "$Context.id.history"})
"""What every launch should carry beside its claims."""
IF_OFFERED: Final = (claims.SCOPE_GROUPS, claims.SCOPE_NOTICES)
"""Asked only of an LMS that says it has them: Canvas refuses whoever asks for more."""
FURTHER: Final = (claims.SUBMISSION_REVIEW_REQUEST, claims.DATA_PRIVACY_REQUEST)
"""Messages that are asked for where the LMS says that it sends them."""
ADDRESSES: Final = (
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "registration_endpoint",
)
PERSONAL: Final = ("iss", "sub", "name", "given_name", "family_name")
"""No e-mail address: nothing here needs one. Moodle sends no name that is not asked for."""


@dataclass(frozen=True)
class Configuration:
    """What an LMS says of itself, checked."""

    url: str
    """Where it said so."""
    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    audience: str
    family: str
    scopes: tuple[str, ...]
    """What it could grant; none when it does not say."""
    messages: frozenset[str] = frozenset()
    """The messages that it says it can send."""


def read_configuration(url: str, given: Mapping[str, Any], *, private: bool) -> Configuration:
    """Return the configuration that was found at `url`; `private` allows http and loopback.

    The issuer's host must be that of `url`, unless it is one that many institutions share and
    `url` lies in its domains: otherwise anybody could speak for somebody else's LMS. Where we
    register must be the LMS's own host as well, because the registration token goes there.

    Raises LaunchError 400 with the member that is wrong.
    """
    addresses = {name: _address(given, name, private=private) for name in ADDRESSES}
    issuer = addresses["issuer"]
    _demand_own_hosts(url, issuer, addresses["registration_endpoint"])
    details = given.get(PLATFORM_CONFIGURATION)
    family = details.get("product_family_code") if isinstance(details, dict) else ""
    quirks = platforms.named(_text(family, 64), issuer)
    scopes = given.get("scopes_supported")
    return Configuration(
        url=url,
        issuer=issuer,
        auth_url=addresses["authorization_endpoint"],
        token_url=addresses["token_endpoint"],
        jwks_url=addresses["jwks_uri"],
        registration_url=addresses["registration_endpoint"],
        audience=_text(given.get("authorization_server"), URL_LENGTH) or quirks.audience,
        family=_text(family, 64).lower(),
        scopes=tuple(filter(_is_text, scopes)) if isinstance(scopes, list) else (),
        messages=_messages(details),
    )


def request(configuration: Configuration, base_url: str) -> dict[str, Any]:
    """Return what we ask the LMS to register: ourselves, at `base_url`."""
    quirks = platforms.named(configuration.family, configuration.issuer)
    launch = f"{base_url}/lti/launch"
    offered = configuration.scopes
    wanted = [scope for scope in WANTED + IF_OFFERED if scope in offered]
    scopes = wanted if offered else list(WANTED)
    return {
        "application_type": "web",
        "client_name": NAME,
        "client_uri": base_url,
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{base_url}/lti/login",
        "redirect_uris": [launch],
        "jwks_uri": f"{base_url}/lti/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes),
        claims.TOOL_CONFIGURATION: {
            # Moodle wants host and port of the target, and drops a leading www. from both.
            "domain": urlsplit(base_url).netloc.removeprefix("www."),
            "description": DESCRIPTION,
            "target_link_uri": launch,
            "claims": list(PERSONAL),
            "messages": _taken(configuration, quirks, {"target_link_uri": launch, "label": NAME}),
            "custom_parameters": dict(CUSTOM),
            **quirks.registration,
        },
    }


def _taken(
    configuration: Configuration, quirks: platforms.Quirks, common: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the messages that we ask for: two always, others where the LMS says it sends them."""
    further = [kind for kind in FURTHER if kind in configuration.messages]
    choosing = {"type": claims.DEEP_LINKING_REQUEST, "placements": list(quirks.placements)}
    return [
        {"type": claims.RESOURCE_LINK_REQUEST, **common},
        {**choosing, **common},
        *({"type": kind, **common} for kind in further),
    ]


def _messages(details: object) -> frozenset[str]:
    """Return the types of `messages_supported`, whatever else an LMS writes there."""
    listed = details.get("messages_supported") if isinstance(details, dict) else None
    given = listed if isinstance(listed, list) else []
    return frozenset(
        one["type"] for one in given if isinstance(one, dict) and _is_text(one.get("type"))
    )


def pasted(name: str, base_url: str) -> dict[str, Any] | None:
    """Return what an administrator gives to an LMS that takes a configuration instead, or None.

    `name` is the LMS's in `lti.platforms`.
    """
    quirks = platforms.pasted(name)
    if quirks is None or quirks.paste is None:
        return None
    return quirks.paste(platforms.Offer(NAME, DESCRIPTION, base_url, WANTED, CUSTOM))


def read_answer(configuration: Configuration, given: Mapping[str, Any], name: str) -> Entry:
    """Return the LMS as it is to be kept, from its answer to `request`; `name` is ours for it.

    Raises LaunchError 400 when there is no usable client id in it.
    """
    client_id = given.get("client_id")
    if not _is_text(client_id) or len(client_id) > ID_LENGTH:
        raise _refused("client_id", "is missing in its answer")
    block = given.get(claims.TOOL_CONFIGURATION)
    deployment = block.get("deployment_id") if isinstance(block, dict) else None
    granted = given.get("scope")
    return Entry(
        issuer=configuration.issuer,
        client_id=client_id,
        auth_url=configuration.auth_url,
        token_url=configuration.token_url,
        jwks_url=configuration.jwks_url,
        audience=configuration.audience,
        name=(name or hosts.host(configuration.url))[:NAME_LENGTH],
        family=configuration.family,
        deployments=(deployment,) if _is_text(deployment) else (),
        hosts=tuple(
            dict.fromkeys(
                hosts.host(url) for url in (configuration.url, configuration.registration_url)
            )
        ),
        scopes=tuple(granted.split()) if isinstance(granted, str) else (),
    )


def _address(given: Mapping[str, Any], name: str, *, private: bool) -> str:
    value = given.get(name)
    if not isinstance(value, str) or len(value) > URL_LENGTH:
        raise _refused(name, "is missing")
    if not hosts.secure(value, private=private) or values.web_address(value) != value:
        raise _refused(name, "is not an https address")
    return value


def _demand_own_hosts(url: str, issuer: str, registration_url: str) -> None:
    found, registration = hosts.host(url), hosts.host(registration_url)
    if found != hosts.host(issuer) and not hosts.shared(issuer, found):
        raise _refused("issuer", "names another host than the one that we were sent to")
    own = {found, hosts.host(issuer)}
    if registration not in own and not hosts.shared(issuer, registration):
        raise _refused("registration_endpoint", "is on another host than the LMS itself")


def _text(value: object, length: int) -> str:
    return value[:length] if isinstance(value, str) else ""


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value)


def _refused(name: str, what: str) -> LaunchError:
    return LaunchError(
        "registration_configuration",
        f"This LMS could not be registered: {name} {what}.",
        status=400,
        advice=ADMINISTRATOR,
    )
