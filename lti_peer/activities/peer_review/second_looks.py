"""A reviewer's pages about second looks: the revision, and the rubric with their first marks."""

from typing import Any
from uuid import UUID

from flask import jsonify, render_template, request, url_for

from lti_peer.activities.peer_review import forms, queries, reviews, revising, service
from lti_peer.activities.peer_review.learner import Answer, keep_draft
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.queries import SECOND_LOOK
from lti_peer.activities.peer_review.settings import LOOK
from lti_peer.core import db
from lti_peer.core.errors import Conflict, Invalid, NotAllowed
from lti_peer.peerwork import feedback, phases, submissions
from lti_peer.peerwork.allocations import Allocation
from lti_peer.peerwork.feedback import Target
from lti_peer.rules.phases import PhaseState, Window
from lti_peer.web import limit, policy, text, visits
from lti_peer.web.answers import go
from lti_peer.web.fields import Form
from lti_peer.web.rubrics import rubric_rows

PATH = "/second-looks/<uuid:allocation_id>"


@pages.get(PATH)
@policy.allow(policy.LEARNERS)
def second_look(allocation_id: UUID) -> str:
    """Show the revision and the rubric side by side; NotAllowed until looking again opens."""
    return _page(_own(allocation_id))


@pages.post(PATH)
@policy.allow(policy.LEARNERS)
def send_look(allocation_id: UUID) -> Answer:
    """Send the second look; a refusal shows the page again with all that was typed."""
    session, visit = db.session(), visits.current()
    allocation = _own(allocation_id)
    try:
        said = forms.review(request.form, queries.rubric_of(session, visit, allocation).parsed)
        revising.look(session, visit, allocation_id, said, seen=forms.seen(request.form))
    except Invalid as refused:
        return _page(allocation, request.form, refused.fields), refused.status
    except text.TextRefused as refused:
        return _page(allocation, request.form, {"comment": str(refused)}), 413
    except (Conflict, NotAllowed) as refused:
        return _page(allocation, request.form, {"": refused.message}), refused.status
    return go("home", "looked")


@pages.post(f"{PATH}/draft")
@policy.allow(policy.LEARNERS)
@limit.often
def save_look(allocation_id: UUID) -> Answer:
    """Keep what is being written; JSON, see parts/editor.html."""
    session, visit = db.session(), visits.current()
    allocation = _own(allocation_id)
    try:
        criteria = queries.rubric_of(session, visit, allocation).parsed
        fields = forms.review_draft(request.form, criteria)
        revising.begin_look(session, visit, allocation)
        return keep_draft(service.place(allocation_id), fields)
    except text.TextRefused as refused:
        return jsonify({"message": str(refused)}), 413
    except NotAllowed as refused:
        return jsonify({"message": refused.message}), 422


def _own(allocation_id: UUID) -> Allocation:
    """Return a second look that is asked of the visitor, once it may be taken."""
    session, visit = db.session(), visits.current()
    found = queries.own_review(session, visit, allocation_id, SECOND_LOOK)
    if phases.windows(session, visit).get(LOOK, Window()).state(visit.now) is PhaseState.PENDING:
        phases.demand(session, visit, LOOK, "Looking again")
    return found


def _page(
    allocation: Allocation,
    typed: Form | None = None,
    faults: dict[str, str] | None = None,
) -> str:
    session, visit = db.session(), visits.current()
    work = queries.reviewed(session, visit, allocation)
    criteria = queries.rubric_of(session, visit, allocation).parsed
    draft = submissions.draft(session, visit, service.place(allocation.id))
    first = revising.first_review(session, visit, work)
    sent = feedback.latest_by(session, visit, Target.REVISION, work.id)
    window = phases.windows(session, visit).get(LOOK, Window())
    preset: dict[str, Any] = reviews.as_fields(sent or first)
    if sent is None:
        preset["comment"] = ""  # the marks are a beginning; what is said of the revision is new
    fields = typed if typed is not None else (draft.fields if draft else preset)
    return render_template(
        "peer_review/second_look.html",
        allocation=allocation,
        work=work,
        criteria=rubric_rows(criteria),
        marks=reviews.marks_of(fields),
        comments={one.key: fields.get(f"comment-{one.key}", "") for one in criteria},
        comment=fields.get("comment", ""),
        errors=[(name or None, sentence) for name, sentence in (faults or {}).items()],
        faults=faults or {},
        draft=draft,
        first=first,
        sent=sent,
        window=window,
        writable=window.state(visit.now) is PhaseState.OPEN,
        settings=queries.settings(visit),
        preview_url=url_for("peer_review.preview"),
    )
