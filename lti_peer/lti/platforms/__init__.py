"""All that differs between LMSs; no other module asks which one it is talking to."""

from lti_peer.core.models import Platform
from lti_peer.lti.platforms.blackboard import BLACKBOARD
from lti_peer.lti.platforms.brightspace import BRIGHTSPACE
from lti_peer.lti.platforms.canvas import CANVAS
from lti_peer.lti.platforms.moodle import MOODLE
from lti_peer.lti.platforms.openedx import OPEN_EDX
from lti_peer.lti.platforms.quirks import Offer, Quirks
from lti_peer.lti.platforms.sakai import SAKAI

__all__ = ["KNOWN", "ORDINARY", "Offer", "Quirks", "framers", "named", "of", "pasted"]

KNOWN = (MOODLE, CANVAS, BRIGHTSPACE, BLACKBOARD, SAKAI, OPEN_EDX)
ORDINARY = Quirks()


def of(platform: Platform) -> Quirks:
    """Return what is special about the platform, by its issuer if that is shared, else family."""
    return named(platform.family, platform.issuer)


def named(family: str, issuer: str) -> Quirks:
    """Return what is special about those that share an issuer, or about a family of LMSs."""
    by_issuer = (quirks for quirks in KNOWN if issuer in quirks.issuers)
    by_family = (quirks for quirks in KNOWN if quirks.family == family.lower())
    return next(by_issuer, None) or next(by_family, ORDINARY)


def framers(platform: Platform) -> tuple[str, ...]:
    """Return where pages of this LMS may come from, beside the hosts that it was approved with."""
    return of(platform).framers


def pasted(name: str) -> Quirks | None:
    """Return the LMS of this name that takes a configuration in the place of a registration."""
    return next((each for each in KNOWN if each.name == name and each.paste), None)
