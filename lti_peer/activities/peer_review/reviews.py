"""A participant's pages about reviewing: take, write, send, give back."""

from typing import Any
from uuid import UUID

from flask import jsonify, render_template, request, url_for

from lti_peer.activities.peer_review import forms, queries, service
from lti_peer.activities.peer_review.learner import Answer, keep_draft
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.settings import REVIEW
from lti_peer.core import db
from lti_peer.core.errors import Invalid, NotAllowed
from lti_peer.peerwork import allocations, phases, submissions
from lti_peer.peerwork.allocations import LIVE, Allocation, AllocationState
from lti_peer.peerwork.feedback import Feedback
from lti_peer.rules.phases import PhaseState, Window
from lti_peer.web import limit, policy, text, visits
from lti_peer.web.answers import go
from lti_peer.web.fields import Form
from lti_peer.web.rubrics import rubric_rows

REASONS = {
    service.CANNOT_OPEN: "I cannot read it: it is empty, garbled or not the task",
    service.CONFLICT: "I know who wrote it, or I have another conflict of interest",
    service.INAPPROPRIATE: "It is offensive or otherwise inappropriate",
}


@pages.post("/reviews")
@policy.allow(policy.LEARNERS)
def take_review() -> Answer:
    """Give the visitor a review, and go to it; back home when there is none."""
    made = service.take_review(db.session(), visits.current())
    return go("review", allocation_id=made.id) if made else go("home", "nothing")


@pages.get("/reviews/<uuid:allocation_id>")
@policy.allow(policy.LEARNERS)
def review(allocation_id: UUID) -> str:
    """Show the work and the rubric side by side."""
    return _page(queries.own_review(db.session(), visits.current(), allocation_id))


@pages.post("/reviews/<uuid:allocation_id>")
@policy.allow(policy.LEARNERS)
def send_review(allocation_id: UUID) -> Answer:
    """Send the review; a refusal shows the page again with all that was typed."""
    session, visit = db.session(), visits.current()
    allocation = queries.own_review(session, visit, allocation_id)
    criteria = queries.rubric_of(session, visit, allocation).parsed
    try:
        said = forms.review(request.form, criteria)
        service.give_review(session, visit, allocation_id, said)
    except Invalid as refused:
        return _page(allocation, request.form, refused.fields), refused.status
    except text.TextRefused as refused:
        return _page(allocation, request.form, {"comment": str(refused)}), 413
    except NotAllowed as refused:
        return _page(allocation, request.form, {"": refused.message}), refused.status
    return go("home", "review_sent")


@pages.post("/reviews/<uuid:allocation_id>/draft")
@policy.allow(policy.LEARNERS)
@limit.often
def save_review(allocation_id: UUID) -> Answer:
    """Keep what is being written; JSON, see parts/editor.html."""
    session, visit = db.session(), visits.current()
    allocation = queries.own_review(session, visit, allocation_id)
    try:
        criteria = queries.rubric_of(session, visit, allocation).parsed
        fields = forms.review_draft(request.form, criteria)
        service.begin_review(session, visit, allocation)
        return keep_draft(service.place(allocation_id), fields)
    except text.TextRefused as refused:
        return jsonify({"message": str(refused)}), 413
    except NotAllowed as refused:
        return jsonify({"message": refused.message}), 422


@pages.post("/reviews/<uuid:allocation_id>/decline")
@policy.allow(policy.LEARNERS)
def decline_review(allocation_id: UUID) -> Answer:
    """Give the review back, and go to the one that replaces it."""
    session, visit = db.session(), visits.current()
    reason, words = request.form.get("reason", ""), request.form.get("words", "").strip()
    if reason not in REASONS or len(words) > forms.LONGEST_WORDS:
        allocation = queries.own_review(session, visit, allocation_id)
        return _page(
            allocation, faults={"reason": "Say why, so that the right thing happens."}
        ), 422
    made = service.decline_review(session, visit, allocation_id, reason, words)
    if made is None:
        return go("home", "given_back")
    return go("review", "replaced", allocation_id=made.id)


def _page(
    allocation: Allocation,
    typed: Form | None = None,
    faults: dict[str, str] | None = None,
) -> str:
    session, visit = db.session(), visits.current()
    criteria = queries.rubric_of(session, visit, allocation).parsed
    state = phases.windows(session, visit).get(REVIEW, Window()).state(visit.now)
    draft = submissions.draft(session, visit, service.place(allocation.id))
    sent = queries.given(session, visit, allocation)
    fields = typed if typed is not None else (draft.fields if draft else as_fields(sent))
    mine = allocations.mine(session, visit, queries.PURPOSE)
    standing = [one.id for one in mine if one.state not in queries.GONE]
    return render_template(
        "peer_review/review.html",
        allocation=allocation,
        number=standing.index(allocation.id) + 1 if allocation.id in standing else None,
        work=queries.reviewed(session, visit, allocation),
        criteria=rubric_rows(criteria),
        marks=marks_of(fields),
        comments={one.key: fields.get(f"comment-{one.key}", "") for one in criteria},
        comment=fields.get("comment", ""),
        errors=[(name or None, sentence) for name, sentence in (faults or {}).items()],
        faults=faults or {},
        draft=draft,
        sent=sent,
        writable=state in {PhaseState.OPEN, PhaseState.LATE}
        and allocation.state not in queries.GONE,
        over=queries.is_over(visit, allocation),
        may_decline=allocation.state in LIVE,
        declined=allocation.state is AllocationState.DECLINED,
        settings=queries.settings(visit),
        reasons=list(REASONS.items()),
        preview_url=url_for("peer_review.preview"),
    )


def as_fields(sent: Feedback | None) -> dict[str, Any]:
    """Return a review that was sent as the fields of its form."""
    if sent is None:
        return {}
    marks = {f"mark-{key}": str(points) for key, points in sent.marks.items()}
    comments = {f"comment-{key}": words for key, words in sent.comments.items()}
    return {**marks, **comments, "comment": sent.comment}


def marks_of(fields: Form) -> dict[str, int]:
    """Return the marks that a form's fields hold, by criterion."""
    return {
        name.removeprefix("mark-"): int(value)
        for name, value in fields.items()
        if name.startswith("mark-") and value.isascii() and value.isdigit() and len(value) < 4  # noqa: PLR2004
    }
