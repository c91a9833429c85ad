"""Tools that an administrator adds by hand, where an LMS does not let them register themselves."""

from collections.abc import Mapping
from typing import Any

import requests

from lti_peer.demo.platform.claims import PERSONAL
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.lms import Lms, origin
from lti_peer.demo.platform.model import Tool

FIELDS = {
    "name": "Name",
    "login_url": "Login address",
    "launch_url": "Launch address",
    "jwks_url": "Address of its public keys",
}
"""What an administrator copies from the tool's guide, with a label for each."""
_TIMEOUT = (3.0, 5.0)
_NAMES = tuple(claim for claim in PERSONAL if claim != "email")
_PRIVACY = {"anonymous": (), "name_only": _NAMES, "email_only": ("email",), "public": PERSONAL}
_DEEP_LINKING = "LtiDeepLinkingRequest"


def add_copied(lms: Lms, fields: Mapping[str, str]) -> Tool:
    """Keep the tool that these fields describe, with every service and names, and return it.

    Raises ProtocolError 400 when a field is missing or is no address.
    """
    given = {name: fields.get(name, "").strip() for name in FIELDS}
    for name, label in FIELDS.items():
        if not given[name] or (name != "name" and not origin(given[name])):
            raise _wrong(f"{label} is missing, or not a web address.")
    return lms.add_tool(
        Tool(
            client_id="",
            deployment_id="",
            name=given["name"],
            login_url=given["login_url"],
            redirect_uris=(given["launch_url"],),
            jwks_url=given["jwks_url"],
            target_link_uri=given["launch_url"],
            deep_linking_url=given["launch_url"],
            scopes=lms.scopes,
            claims=frozenset(_NAMES),
        )
    )


def add_configured(lms: Lms, address: str) -> Tool:
    """Keep the tool whose configuration lies at an address, as Canvas fetches it; return it.

    Raises ProtocolError 400 when nothing of the kind is there.
    """
    try:
        answer = requests.get(address, timeout=_TIMEOUT, headers={"Accept": "application/json"})
        document = answer.json()
        lms.journal.record(
            "out",
            "Tool's configuration",
            "GET",
            address,
            status=answer.status_code,
            answer=document,
        )
        answer.raise_for_status()
        return lms.add_tool(_configured(lms, document))
    except (requests.RequestException, KeyError, TypeError, AttributeError) as fault:
        raise _wrong(f"There is no configuration of a tool at this address ({fault}).") from fault


def _configured(lms: Lms, given: Mapping[str, Any]) -> Tool:
    extension = given["extensions"][0]
    placements = extension["settings"]["placements"]
    choosing = [each for each in placements if each["message_type"] == _DEEP_LINKING]
    return Tool(
        client_id="",
        deployment_id="",
        name=given["title"],
        login_url=given["oidc_initiation_url"],
        redirect_uris=(given["target_link_uri"],),
        jwks_url=given["public_jwk_url"],
        target_link_uri=given["target_link_uri"],
        deep_linking_url=choosing[0]["target_link_uri"] if choosing else None,
        scopes=frozenset(given["scopes"]) & lms.scopes,
        claims=frozenset(_PRIVACY[extension["privacy_level"]]),
        custom=given["custom_fields"],
    )


def _wrong(sentence: str) -> ProtocolError:
    return ProtocolError(400, "invalid_tool", sentence)
