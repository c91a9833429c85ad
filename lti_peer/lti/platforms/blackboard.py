"""Blackboard Learn (lti.md 3.3): one client id for all customers, who differ by deployment."""

from lti_peer.lti.platforms.quirks import Quirks

BLACKBOARD = Quirks(
    family="blackboardlearn",
    name="blackboard",
    issuers=frozenset({"https://blackboard.com"}),
    domains=(".blackboard.com",),
    framers=("https://*.blackboard.com",),
    line_break="<br/>",  # a plain new line is lost in its grade book
)
