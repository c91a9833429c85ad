"""All that differs between LMSs; no other module asks which one it is talking to."""

from lti_peer.core.models import Platform
from lti_peer.lti.platforms.canvas import CANVAS
from lti_peer.lti.platforms.quirks import Quirks

KNOWN = (CANVAS,)
ORDINARY = Quirks()


def of(platform: Platform) -> Quirks:
    """Return what is special about the platform, by its family or, before that is known, issuer."""
    return named(platform.family, platform.issuer)


def named(family: str, issuer: str) -> Quirks:
    """Return what is special about a family of LMSs or about those that share an issuer."""
    for quirks in KNOWN:
        if quirks.family == family.lower() or issuer in quirks.issuers:
            return quirks
    return ORDINARY
