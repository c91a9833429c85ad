"""Open edX with its LTI consumer (lti.md 3.3), which has no dynamic registration."""

from lti_peer.lti.platforms.quirks import Quirks

OPEN_EDX = Quirks(family="openedx", name="openedx")
