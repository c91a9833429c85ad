"""The pages on which an instructor chooses an activity and gives it back to the LMS.

A deep linking request leads here, and so does a bare link that the LMS has placed by itself: then
there is nothing to give back, and the choice is made for that link.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask import request as http
from sqlalchemy import select
from werkzeug.wrappers import Response as Redirect

from lti_peer.activities import registry
from lti_peer.core import db
from lti_peer.core.errors import Conflict, Invalid, NotAllowed, NotFound
from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit, VisitRecord
from lti_peer.lti import choosing, content_items, copying, hosts
from lti_peer.lti.content_items import Sender
from lti_peer.lti.keys import KeyRing
from lti_peer.peerwork import phases
from lti_peer.web import security, visits
from lti_peer.web.assets import asset
from lti_peer.web.policy import SETTERS, allow

deep_linking = Blueprint("deep_linking", __name__)

MOST = 5
"""Digits of a number of weeks that are read at all."""
MOST_LINKS = 20
CHOSEN = "chosen"
"""Where the visit's deep linking settings keep what was put aside."""
PICTURES = {"icon": 32, "thumbnail": 128}
"""What an LMS may show beside the link, and how many pixels wide and high it is."""
LINKS_ONLY = "This tool adds links to activities, and this place in your LMS takes none."


@deep_linking.get("/")
@allow(SETTERS)
def pick() -> str | Redirect:
    """Show the kinds of activity; or go on, where the choice has been made already."""
    visit = visits.current()
    if visit.deep_link is None and not choosing.is_bare(visit):
        return redirect(_home(visit), code=303)
    if visit.deep_link is not None and not content_items.form(visit.deep_link):
        return render_template("deep_linking/no_links.html", sentence=LINKS_ONLY)
    return render_template(
        "deep_linking/pick.html",
        kinds=registry.KINDS,
        copied="copied" in http.args,
        offer=copying.offer(db.session(), visit),
    )


@deep_linking.post("/")
@allow(SETTERS)
def choose() -> Redirect:
    """Make the activity one of the kind that was chosen, and go on to its settings."""
    kind = registry.find(http.form.get("kind", ""))
    if kind is None:
        raise Invalid("There is no such kind of activity.")
    session = db.session()
    visits.choose(session, choosing.choose(session, visits.current(), kind))
    return redirect(url_for(kind.setup), code=303)


@deep_linking.get("/confirm")
@allow(SETTERS)
def confirm() -> str | Redirect:
    """Show what will stand in the course, once more before it does."""
    visit = visits.current()
    if visit.chosen is None:
        return redirect(url_for("deep_linking.pick"), code=303)
    kind = registry.find(visit.activity.kind)
    if visit.deep_link is None or kind is None:
        raise NotFound("There is nothing here to add to a course.")
    return render_template(
        "deep_linking/confirm.html",
        kind=kind,
        item=_item(visit, visit.activity),
        dates=phases.dates(db.session(), visit.activity),
        earlier=_earlier(visit),
        several=(visit.deep_link or {}).get("accept_multiple", False),
    )


@deep_linking.post("/confirm")
@allow(SETTERS)
def add() -> Response:
    """Give the link back to the LMS.

    It is signed only now, because it lives five minutes; so a page follows and not a redirect.
    """
    visit = visits.current()
    chosen = [*_earlier(visit), visit.activity]
    return _give_back([_item(visit, activity) for activity in chosen])


@deep_linking.post("/another")
@allow(SETTERS)
def another() -> Redirect:
    """Put the choice aside and choose one more, where the LMS takes several at once."""
    visit = visits.current()
    settings = visit.deep_link or {}
    if not settings.get("accept_multiple"):
        raise Conflict("Your LMS takes one link at this place.", code="one_link")
    chosen = [*settings.get(CHOSEN, ()), str(visit.activity.id)]
    if len(chosen) >= MOST_LINKS:
        raise Conflict(f"Add these {MOST_LINKS} first, then choose more.", code="many_links")
    _put_aside(visit, {**settings, CHOSEN: chosen})
    return redirect(url_for("deep_linking.pick"), code=303)


@deep_linking.post("/take-over")
@allow(SETTERS)
def take_over() -> Redirect:
    """Give the bare link the settings of what it was copied from, and go on to look at them."""
    session = db.session()
    weeks = http.form.get("weeks", "")
    chosen = copying.take_over(
        session, visits.current(), int(weeks) if weeks.isdecimal() and len(weeks) < MOST else -1
    )
    visits.choose(session, chosen)
    kind = registry.find(chosen.kind)
    assert kind is not None  # it was found to make the offer
    return redirect(url_for(kind.setup), code=303)


@deep_linking.post("/cancel")
@allow(SETTERS)
def cancel() -> Response:
    """Go back to the LMS with nothing. A draft stays a draft, which nobody ever sees."""
    settings = visits.current().deep_link or {}
    problem = "" if content_items.form(settings) else LINKS_ONLY
    return _give_back([], problem)


def _give_back(items: Sequence[Mapping[str, Any]], problem: str = "") -> Response:
    visit = visits.current()
    if visit.deep_link is None:
        raise NotFound("There is nothing here to add to a course.")
    address = str(visit.deep_link.get("deep_link_return_url", ""))
    platform = visit.course.deployment.platform
    private = bool(current_app.config["ALLOW_PRIVATE_HOSTS"])
    if not hosts.approved(platform, address, private=private):
        raise NotAllowed(
            "Your LMS wants the answer at an address that is not known to be its own.",
            advice="Ask whoever runs this tool to approve the host for your LMS.",
            code="return_address",
        )
    sender = Sender(platform.client_id, platform.issuer, visit.course.deployment.deployment_key)
    now = db.now(db.session())
    answer = content_items.answer(sender, visit.deep_link, items, now, problem=problem)
    keys: KeyRing = current_app.extensions["key_ring"]
    security.let_send_to(address)
    return make_response(
        render_template("deep_linking/send.html", address=address, token=keys.sign(answer))
    )


def _put_aside(visit: Visit, settings: dict[str, Any]) -> None:
    """Let the visit begin its choice anew, and keep these settings."""
    record = db.session().get_one(VisitRecord, visit.id)
    record.deep_link, record.activity_id = settings, None


def _earlier(visit: Visit) -> Sequence[Activity]:
    """Return what was chosen and put aside, in its order."""
    chosen = [UUID(one) for one in (visit.deep_link or {}).get(CHOSEN, ())]
    found = db.session().scalars(
        select(Activity).where(Activity.id.in_(chosen), Activity.course_id == visit.course.id)
    )
    by_id = {activity.id: activity for activity in found}
    return [by_id[one] for one in chosen if one in by_id]


def _item(visit: Visit, activity: Activity) -> dict[str, Any]:
    kind = registry.find(activity.kind)
    if kind is None:
        raise NotFound("There is nothing here to add to a course.")
    windows = list(phases.dates(db.session(), activity).values())
    settings = visit.deep_link or {}
    icons = {
        name: {"url": visit.base_url + asset(f"icon-{size}.png"), "width": size, "height": size}
        for name, size in PICTURES.items()
    }
    return content_items.item(settings, activity, kind, windows, visit.base_url, icons)


def _home(visit: Visit) -> str:
    kind = registry.find(visit.activity.kind)
    if kind is None:
        raise NotFound("There is no such kind of activity any more.")
    return url_for(kind.home)
