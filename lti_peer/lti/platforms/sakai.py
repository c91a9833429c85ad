"""Sakai (lti.md 3.3). Its login hints are encoded twice; hints go back letter by letter anyway."""

from lti_peer.lti.platforms.quirks import Quirks

SAKAI = Quirks(family="sakai", name="sakai")
