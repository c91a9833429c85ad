"""What we give back to the LMS after an instructor has chosen: links to activities, or nothing.

LTI Deep Linking 2.0, section 3 and 4; what Moodle and Canvas read of it is in moodle.md and
lti.md 3.1. Pure: values in, claims out.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any

from lti_peer.activities.kind import ActivityKind, Component
from lti_peer.core.models import Activity
from lti_peer.lti import addresses, claims
from lti_peer.rules.phases import Window

LIFE = timedelta(minutes=5)
"""Of a signed answer. Canvas takes none older than that, so it is signed when it is sent."""
LINK = "ltiResourceLink"
FORMS = (LINK, "link", "html")
"""What an activity can be given back as, the best first: grades and dates come with the first."""
FRAME_HEIGHT_PX = 900
"""What fits a page of ours; where the LMS listens, a frame then takes the height that it needs. No
width is said: the page fits any, and an LMS that held to one would cut it off on a phone."""
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


def form(settings: Mapping[str, Any]) -> str:
    """Return as which of `FORMS` the LMS takes an activity at this place, "" for as none.

    No word on it counts as all.
    """
    types = settings.get("accept_types") or FORMS
    return next((one for one in FORMS if one in types), "")


def item(
    settings: Mapping[str, Any],
    activity: Activity,
    kind: ActivityKind,
    windows: Sequence[Window],
    base_url: str,
    pictures: dict[str, Any],
) -> dict[str, Any]:
    """Return the content item for an activity, in the form that the `settings` take.

    `windows` are its phases, the first one first; `pictures` are its `icon` and its `thumbnail`,
    each with `url`, `width` and `height` in pixels.
    """
    how = form(settings)
    made: dict[str, Any] = {"type": how, "title": activity.title, "text": kind.summary}
    if how == LINK:
        made |= _resource_link(activity, windows, base_url) | pictures
        if settings.get("accept_lineitem", True):
            made["lineItem"] = _column(activity, kind.components[0])
        return made | _presentation(settings.get(claims.TARGETS, ()))
    url = addresses.of(base_url, activity)
    if how == "link":
        return made | {"url": url} | pictures
    words = f'<a href="{escape(url)}" target="_blank">{escape(activity.title)}</a>'
    return made | {"html": words}


def _resource_link(activity: Activity, windows: Sequence[Window], base_url: str) -> dict[str, Any]:
    """Return where the link leads, and the dates of the first phase.

    There is no end of availability: feedback is to be read after everything has closed.
    """
    made: dict[str, Any] = {
        "url": f"{base_url}/lti/launch",
        # A copy of the link carries the same id, so it names the activity and proves nothing.
        "custom": {"activity": str(activity.id), **HISTORY},
    }
    first = windows[0] if windows else Window()
    if first.opens:
        made["available"] = {"startDateTime": _time(first.opens)}
    ends = {"startDateTime": first.opens, "endDateTime": first.due}
    submission = {name: _time(moment) for name, moment in ends.items() if moment}
    return made | ({"submission": submission} if submission else {})


def _column(activity: Activity, component: Component) -> dict[str, Any]:
    return {
        "scoreMaximum": component.maximum,
        "label": activity.title,
        "resourceId": str(activity.id),
        "tag": component.key,
        "submissionReview": REVIEWABLE,
    }


def _presentation(targets: Collection[str]) -> dict[str, Any]:
    """Return how the link opens: in the course page, else in a window, as the LMS allows.

    One of them only, so that it is not the LMS that chooses.
    """
    if "iframe" in targets:
        return {"iframe": {"height": FRAME_HEIGHT_PX}}
    return {"window": {"targetName": "_blank"}} if "window" in targets else {}


def answer(
    sender: Sender,
    settings: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    now: datetime,
    *,
    problem: str = "",
) -> dict[str, Any]:
    """Return the claims of the answer to a deep linking request with these `settings`.

    No item means that nothing is added; `problem` then says why, for the person in the LMS. What
    the LMS's own log is told names activities by id and not by title.
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
    said: dict[str, str] = {}
    if items:
        said["msg"] = "Chosen: " + ", ".join(str(one["title"]) for one in items)
        said["log"] = ", ".join(f"{one['type']} {_name(one)}" for one in items)
    if problem:
        said["errormsg"] = problem
        said["errorlog"] = f"asked for {settings.get('accept_types')}, can give {list(FORMS)}"
    return given | {claims.DEEP_LINKING + name: words for name, words in said.items()}


def _name(item: Mapping[str, Any]) -> str:
    """Return the activity's id, or the address or the snippet that has it in it."""
    return str(item.get("custom", item).get("activity") or item.get("url") or item["html"])


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
