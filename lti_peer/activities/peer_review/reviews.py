"""A participant's pages about reviewing: take, write, send, give back."""

from functools import partial
from uuid import UUID

from flask import render_template, request

from lti_peer.activities.peer_review import forms, queries, rubric_pages, service
from lti_peer.activities.peer_review.learner import Answer
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.settings import REVIEW
from lti_peer.core import db
from lti_peer.peerwork import allocations, phases
from lti_peer.peerwork.allocations import LIVE, Allocation, AllocationState
from lti_peer.rules.phases import PhaseState, Window
from lti_peer.web import limit, policy, visits
from lti_peer.web.answers import go
from lti_peer.web.fields import Form

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
    give = partial(service.give_review, session, visit, allocation_id)
    return rubric_pages.send(allocation, give, _page, "review_sent")


@pages.post("/reviews/<uuid:allocation_id>/draft")
@policy.allow(policy.LEARNERS)
@limit.often
def save_review(allocation_id: UUID) -> Answer:
    """Keep what is being written; JSON, see parts/editor.html."""
    allocation = queries.own_review(db.session(), visits.current(), allocation_id)
    return rubric_pages.keep(allocation, service.begin_review)


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
    state = phases.windows(session, visit).get(REVIEW, Window()).state(visit.now)
    sent = queries.given(session, visit, allocation)
    mine = allocations.mine(session, visit, queries.PURPOSE)
    standing = [one.id for one in mine if one.state not in queries.GONE]
    return render_template(
        "peer_review/review.html",
        **rubric_pages.values(allocation, rubric_pages.as_fields(sent), typed, faults),
        number=standing.index(allocation.id) + 1 if allocation.id in standing else None,
        sent=sent,
        writable=state in {PhaseState.OPEN, PhaseState.LATE}
        and allocation.state not in queries.GONE,
        over=queries.is_over(visit, allocation),
        may_decline=allocation.state in LIVE,
        declined=allocation.state is AllocationState.DECLINED,
        reasons=list(REASONS.items()),
    )
