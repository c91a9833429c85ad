"""Brightspace by D2L (lti.md 3.3)."""

from lti_peer.lti.platforms.quirks import Quirks

BRIGHTSPACE = Quirks(
    family="desire2learn",
    name="brightspace",
    # One authorisation server for all customers; each has an issuer and a host of its own.
    audience="https://api.brightspace.com/auth/token",
)
