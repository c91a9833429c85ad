"""A participant's pages about their own work: home, writing, handing in."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import jsonify, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_peer.activities.peer_review import (
    guidance,
    guidance_again,
    queries,
    revising,
    rules,
    service,
    staff,
)
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.rules import Next, Situation
from lti_peer.activities.peer_review.settings import SUBMIT, Opens
from lti_peer.core import db
from lti_peer.core.errors import Conflict, NotAllowed
from lti_peer.core.models import Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork import allocations, phases, scores, submissions
from lti_peer.peerwork.allocations import Allocation, AllocationState
from lti_peer.peerwork.feedback import Target, by
from lti_peer.rules.phases import PhaseState, Window
from lti_peer.web import limit, policy, text, visits
from lti_peer.web.answers import go
from lti_peer.web.dates import clock

Answer = str | Response | tuple[str, int] | tuple[Response, int]


@pages.get("/")
@policy.allow(policy.EVERYBODY)
def home() -> Answer:
    """Show what to do next: to a participant their part, to staff the class."""
    visit = visits.current()
    if visit.is_staff:
        return staff.dashboard()
    if visit.role is Role.DESIGNER:
        return go("settings")
    return _home(db.session(), visit)


@pages.get("/work")
@policy.allow(policy.LEARNERS)
def work() -> Answer:
    """Show the visitor's own work with its receipt."""
    session, visit = db.session(), visits.current()
    found = submissions.own(session, visit)
    if found is None:
        return go("edit_work")
    window = phases.windows(session, visit).get(SUBMIT, Window())
    need = queries.need_of(session, visit, found)
    return render_template(
        "peer_review/work.html",
        work=found,
        window=window,
        changeable=window.state(visit.now) is PhaseState.OPEN
        and not (need and need.live + need.completed),
        in_use=bool(need and need.live + need.completed),
        revisable=service.may_revise(session, visit),
    )


@pages.get("/work/edit")
@policy.allow(policy.LEARNERS)
def edit_work() -> str:
    """Show the editor with the draft, else with what was handed in last."""
    return _editor()


@pages.post("/work/edit")
@policy.allow(policy.LEARNERS)
def hand_in() -> Answer:
    """Hand in the text; a refusal shows the editor again with all that was typed."""
    source = request.form.get("text", "")
    if not source.strip():
        return _editor(source, "Write something before you hand it in."), 422
    try:
        html = text.render(source)
    except text.TextRefused as refused:
        return _editor(source, str(refused)), 413
    try:
        service.hand_in(db.session(), visits.current(), source, str(html), text.words(source))
    except NotAllowed as refused:
        return _editor(source, refused.message, in_field=False), refused.status
    return go("work", "handed_in")


@pages.post("/work/draft")
@policy.allow(policy.LEARNERS)
@limit.often
def save_work() -> Answer:
    """Keep what is being typed; JSON, see parts/editor.html."""
    source = request.form.get("text", "")

    def draft() -> Answer:
        text.check(source)
        phases.demand(db.session(), visits.current(), SUBMIT, "Handing in")
        return keep_draft(service.WORK, {"text": source})

    return kept(draft)


@pages.post("/preview")
@policy.allow(policy.EVERYBODY)
@limit.often
def preview() -> Answer:
    """Return the HTML of the Markdown in `text`; it stores nothing."""
    try:
        return text.render(request.form.get("text", ""))
    except text.TextRefused as refused:
        return Markup("<p>{}</p>").format(str(refused)), 413


def kept(keep: Callable[[], Answer]) -> Answer:
    """Keep a draft; a refusal is answered as the part `autosave` shows it, beside what is typed."""
    try:
        return keep()
    except text.TextRefused as refused:
        return jsonify({"message": str(refused)}), 413
    except NotAllowed as refused:
        return jsonify({"message": refused.message}), 422


def keep_draft(place: str, fields: dict[str, str]) -> Answer:
    """Keep a draft and answer as the part `autosave` expects; 409 brings the other text."""
    session, visit = db.session(), visits.current()
    try:
        kept = submissions.keep_draft(session, visit, place, fields, revision())
    except Conflict as conflict:
        other = submissions.draft(session, visit, place)
        if other is None:
            raise
        shown = {
            "message": conflict.message,
            "saved": clock(other.at, visit.zone),
            "version": other.revision,
            "fields": other.fields,
        }
        return jsonify(shown), 409
    return jsonify({"saved": clock(kept.at, visit.zone), "version": kept.revision})


def revision() -> int:
    """Return the number of the draft that the page began from; 0 when it had none."""
    sent = request.form.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0  # noqa: PLR2004


def _home(session: Session, visit: Visit) -> str:
    """Return a participant's first page."""
    now = service.situation(session, visit)
    counts = queries.counts(session, visit, service.WORK)
    held = queries.open_review(session, visit)
    windows, everybody = phases.windows(session, visit), phases.dates(session, visit.activity)
    dates = guidance.dates(
        windows, everybody, lease=held.lease_until if held else None,
        early=queries.settings(visit).feedback is Opens.FINISHED,
    )  # fmt: skip
    mine = allocations.mine(session, visit, queries.PURPOSE)
    asked = _second_looks(session, visit)
    sent = by(session, visit, visit.person.id, Target.SUBMISSION) if counts.given else []
    return render_template(
        "peer_review/home.html",
        next=_next_again(session, visit, now, windows)
        or guidance.next_part(
            visit, rules.next_act(now), now, dates,
            held=held.id if held else None,
            typing=counts.typing,
        ),
        steps=guidance.steps(visit, now, dates)
        + guidance_again.steps(visit, now, windows, asked),
        looks=[
            one for one in asked
            if one.state is AllocationState.COMPLETED or now.look is PhaseState.OPEN
        ],
        situation=now,
        work=submissions.own(session, visit),
        duties=[one for one in mine if one.state not in queries.GONE],
        open_now=now.review is PhaseState.OPEN,
        ratings=queries.ratings(session, visit, sent) if sent and now.feedback_open else {},
        sent={one.allocation_id: one for one in sent},
        score=scores.of_person(session, visit, visit.person.id).get(service.WORK)
        if visit.activity.released_at
        else None,
    )  # fmt: skip


def _second_looks(session: Session, visit: Visit) -> list[Allocation]:
    """Return every second look that was ever asked of the visitor."""
    if not queries.settings(visit).revise:
        return []
    return allocations.mine(session, visit, queries.SECOND_LOOK)


def _next_again(
    session: Session, visit: Visit, now: Situation, windows: Mapping[str, Window]
) -> dict[str, Any] | None:
    """Return what is next where that is about revising; else None."""
    act = rules.next_act(now)
    if act not in guidance_again.ACTS:
        return None
    typing = act is Next.REVISE and submissions.draft(session, visit, revising.DRAFT) is not None
    looks = queries.looks_to_send(session, visit)
    return guidance_again.next_part(visit, act, windows, looks, typing=typing)


def _editor(typed: str | None = None, fault: str = "", *, in_field: bool = True) -> str:
    session, visit = db.session(), visits.current()
    found = submissions.own(session, visit)
    draft = submissions.draft(session, visit, service.WORK)
    kept = draft.fields.get("text", "") if draft else (found.newest.source if found else "")
    window = phases.windows(session, visit).get(SUBMIT, Window())
    return render_template(
        "peer_review/edit_work.html",
        typed=kept if typed is None else typed,
        draft=draft,
        work=found,
        window=window,
        state=window.state(visit.now),
        settings=queries.settings(visit),
        errors=[("text" if in_field else None, fault)] if fault else [],
        preview_url=url_for("peer_review.preview"),
    )
