"""Canvas by Instructure (lti.md 3.1)."""

from typing import Any
from urllib.parse import urlsplit

from lti_peer.lti.platforms.quirks import Offer, Quirks

EXTENSIONS = "https://canvas.instructure.com/lti/"
TOOL_ID = "lti-peer"
PRIVACY = "name_only"
PLACEMENTS = ("assignment_selection", "link_selection")


def configuration(offer: Offer) -> dict[str, Any]:
    """Return the JSON of a developer key, which an administrator pastes or lets Canvas fetch."""
    placements = [
        {
            "placement": placement,
            "message_type": "LtiDeepLinkingRequest",
            "target_link_uri": offer.launch_url,
            "text": offer.name,
        }
        for placement in PLACEMENTS
    ]
    return {
        "title": offer.name,
        "description": offer.description,
        "oidc_initiation_url": f"{offer.base_url}/lti/login",
        "target_link_uri": offer.launch_url,
        "public_jwk_url": f"{offer.base_url}/lti/jwks.json",
        "scopes": list(offer.scopes),
        "custom_fields": dict(offer.custom),
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": urlsplit(offer.base_url).netloc,
                "tool_id": TOOL_ID,
                "privacy_level": PRIVACY,
                "settings": {"text": offer.name, "placements": placements},
            }
        ],
    }


CANVAS = Quirks(
    family="canvas",
    name="canvas",
    issuers=frozenset(
        {
            "https://canvas.instructure.com",
            "https://canvas.beta.instructure.com",
            "https://canvas.test.instructure.com",
        }
    ),
    domains=(".instructure.com", ".canvaslms.com"),
    # The issuer's pages are those of no institution: each shows the tool from a host of its own.
    framers=("https://*.instructure.com",),
    # Without this every grade counts as a new attempt, until a learner has none left.
    score={EXTENSIONS + "submission": {"new_submission": False}},
    throttle_word=b"rate limit exceeded",
    placements=PLACEMENTS,
    registration={EXTENSIONS + "privacy_level": PRIVACY, EXTENSIONS + "tool_id": TOOL_ID},
    paste=configuration,
)
