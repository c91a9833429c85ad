"""What we give back to the LMS after an instructor has chosen: one link, or nothing.

LTI Deep Linking 2.0, section 3 and 4; what Moodle and Canvas read of it is in moodle.md and
lti.md 3.1. Pure: values in, claims out.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lti_peer.activities.kind import Component
from lti_peer.core.models import Activity
from lti_peer.lti import claims
from lti_peer.rules.phases import Window

LIFE = timedelta(minutes=5)
"""Of a signed answer. Canvas takes none older than that, so it is signed when it is sent."""
LINK = "ltiResourceLink"
REVIEWABLE = {"reviewableStatus": ["Submitted", "Completed"], "label": "Open in Peer learning"}
"""How the LMS's grade book opens one learner's part (LtiSubmissionReviewRequest)."""
HISTORY = {
    "context_history": "$Context.id.history",
    "link_history": "$ResourceLink.id.history",
}
"""What an LMS fills in when it copies a course, or the link; one that cannot leaves it as it is."""


@dataclass(frozen=True)
class Sender:
    """Who answers whom: the tool's client id at the LMS with this issuer, in one deployment."""

    client_id: str
    issuer: str
    deployment_key: str


def accepts_links(settings: Mapping[str, Any]) -> bool:
    """Whether the LMS takes a link to an activity at this place; no word on it counts as yes."""
    types = settings.get("accept_types")
    return not types or LINK in types


def link(
    activity: Activity, component: Component, windows: Sequence[Window], base_url: str
) -> dict[str, Any]:
    """Return the content item for an activity; `component` is what its own column grades.

    Dates are given as the first phase has them. There is no end of availability: feedback is to
    be read after everything has closed.
    """
    item: dict[str, Any] = {
        "type": LINK,
        "title": activity.title,
        "url": f"{base_url}/lti/launch",
        # A copy of the link carries the same id, so it names the activity and proves nothing.
        "custom": {"activity": str(activity.id), **HISTORY},
        "lineItem": {
            "scoreMaximum": component.maximum,
            "label": activity.title,
            "resourceId": str(activity.id),
            "tag": component.key,
            "submissionReview": REVIEWABLE,
        },
    }
    first = windows[0] if windows else Window()
    if first.opens:
        item["available"] = {"startDateTime": _time(first.opens)}
    if first.due:
        item["submission"] = {"endDateTime": _time(first.due)}
    return item


def answer(
    sender: Sender,
    settings: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    now: datetime,
    *,
    problem: str = "",
) -> dict[str, Any]:
    """Return the claims of the answer to a deep linking request with these `settings`.

    No item means that nothing is added; `problem` then says why, for the person in the LMS.
    """
    issued = int(now.timestamp())
    given: dict[str, Any] = {
        "iss": sender.client_id,
        "aud": sender.issuer,
        "iat": issued,
        "exp": issued + int(LIFE.total_seconds()),
        "nonce": secrets.token_urlsafe(24),
        claims.MESSAGE_TYPE: claims.DEEP_LINKING_RESPONSE,
        claims.VERSION: claims.LTI_VERSION,
        claims.DEPLOYMENT_ID: sender.deployment_key,
        claims.CONTENT_ITEMS: list(items),
    }
    if "data" in settings:
        given[claims.DEEP_LINKING_DATA] = settings["data"]
    if items:
        given[claims.DEEP_LINKING + "msg"] = "Chosen: " + ", ".join(str(i["title"]) for i in items)
    if problem:
        given[claims.DEEP_LINKING + "errormsg"] = problem
    return given


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
