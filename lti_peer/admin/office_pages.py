"""The pages about deliveries, keys and the audit."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lti_peer.admin import acts, deliveries, rotation
from lti_peer.admin.deliveries import NotMended
from lti_peer.admin.pages import pages, who
from lti_peer.core import db
from lti_peer.core import outbox as items
from lti_peer.core.errors import Invalid
from lti_peer.core.outbox import Channel, Delivery
from lti_peer.lti import keys
from lti_peer.web import policy

MOST_PAGES = 10_000
MOST_HOURS = 10_000
"""More than any key may wait, and less than breaks a length of time."""


@pages.get("/deliveries")
@policy.admin
def outbox() -> str:
    """List what was refused, or what waits, of one channel or of all."""
    session = db.session()
    state = Delivery.PENDING if request.args.get("state") == Delivery.PENDING else Delivery.DEAD
    channel = _channel(request.args.get("channel", ""))
    page = min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)
    lines, more = deliveries.lines(session, state, channel, page)
    return render_template(
        "admin/deliveries.html",
        lines=lines,
        more=more,
        page=page,
        state=state,
        channel=channel,
        counts=items.backlog(session),
        lag=items.lag(session),
        reasons=deliveries.reasons(session, state, channel),
    )


@pages.get("/deliveries/<uuid:item_id>")
@policy.admin
def delivery(item_id: UUID) -> str:
    """Show one item, and not what it says."""
    return render_template("admin/delivery.html", line=deliveries.line(db.session(), item_id))


@pages.post("/deliveries/<uuid:item_id>/read")
@policy.admin
def read_delivery(item_id: UUID) -> str:
    """Show what an item says. That is written down, so it is no GET, and the answer is the page."""
    said = deliveries.read(db.session(), who().actor, item_id)
    return _payload(item_id, json.dumps(said, indent=2, ensure_ascii=False), [])


@pages.post("/deliveries/<uuid:item_id>/mend")
@policy.admin
def mend_delivery(item_id: UUID) -> Any:
    """Send a mended statement, or show what is still wrong with it."""
    text = request.form.get("payload", "")
    try:
        deliveries.mend(db.session(), who().actor, item_id, text)
    except NotMended as problem:
        return _payload(item_id, text, problem.faults), problem.status
    return redirect(url_for("admin.delivery", item_id=item_id), code=303)


@pages.post("/deliveries/<uuid:item_id>/retry")
@policy.admin
def retry_delivery(item_id: UUID) -> Response:
    """Make one item due now."""
    deliveries.retry_one(db.session(), who().actor, item_id)
    return redirect(url_for("admin.delivery", item_id=item_id), code=303)


@pages.post("/deliveries/retry")
@policy.admin
def retry_deliveries() -> Response:
    """Make everything due again that was refused, of one channel or of all."""
    channel = _channel(request.form.get("channel", ""))
    deliveries.retry(db.session(), who().actor, channel)
    kept = channel.value if channel else None
    waiting = url_for("admin.outbox", state=Delivery.PENDING.value, channel=kept)
    return redirect(waiting, code=303)


@pages.get("/keys")
@policy.admin
def keys_page() -> str:
    """List the tool's keys, and what each does."""
    lines = keys.lines(db.session())
    waiting = next((line for line in lines if line.phase is keys.KeyPhase.WAITING), None)
    return render_template(
        "admin/keys.html",
        lines=lines,
        waiting=waiting,
        address=current_app.config["BASE_URL"] + url_for("lti.jwks"),
        alive=keys.ALIVE,
    )


@pages.post("/keys/rotate")
@policy.admin
def rotate_keys() -> Response:
    """Publish a new key."""
    session, vault = db.session(), current_app.extensions["vault"]
    compromised = request.form.get("compromised") == "yes"
    hours = 24 if compromised else request.form.get("hours", type=int)
    if hours is None:
        raise Invalid("Say in how many hours the new key signs.")
    wait = timedelta(hours=min(max(hours, 0), MOST_HOURS))
    rotation.rotate(session, who().actor, vault, wait=wait, compromised=compromised)
    return redirect(url_for("admin.keys_page"), code=303)


@pages.get("/audit")
@policy.admin
def audit_page() -> str:
    """List who did what, newest first, fifty on a page."""
    lines, older = acts.history(db.session(), _before(request.args.get("before", "")))
    return render_template("admin/audit.html", lines=lines, older=older)


def _payload(item_id: UUID, text: str, faults: list[str]) -> str:
    line = deliveries.line(db.session(), item_id)
    can_mend = line.channel is Channel.XAPI and line.state is Delivery.DEAD
    return render_template(
        "admin/payload.html", line=line, text=text, faults=faults, can_mend=can_mend
    )


def _channel(word: str) -> Channel | None:
    return Channel(word) if word in set(Channel) else None


def _before(word: str) -> tuple[datetime, UUID] | None:
    """Return the place in the audit that an address names; None for the newest."""
    at, _, entry = word.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(entry)) if moment.tzinfo else None
    except ValueError:
        return None
