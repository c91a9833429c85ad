"""A reviewer's pages about second looks: the revision, and the rubric with their first marks."""

from uuid import UUID

from flask import render_template, request

from lti_peer.activities.peer_review import forms, queries, revising, rubric_pages
from lti_peer.activities.peer_review.learner import Answer
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.queries import SECOND_LOOK
from lti_peer.activities.peer_review.settings import LOOK
from lti_peer.core import db
from lti_peer.peerwork import feedback, phases
from lti_peer.peerwork.allocations import Allocation
from lti_peer.peerwork.feedback import Feedback, Said, Target
from lti_peer.rules.phases import PhaseState, Window
from lti_peer.web import limit, policy, visits
from lti_peer.web.fields import Form

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

    def look(said: Said) -> Feedback:
        return revising.look(session, visit, allocation_id, said, seen=forms.seen(request.form))

    return rubric_pages.send(allocation, look, _page, "looked")


@pages.post(f"{PATH}/draft")
@policy.allow(policy.LEARNERS)
@limit.often
def save_look(allocation_id: UUID) -> Answer:
    """Keep what is being written; JSON, see parts/editor.html."""
    return rubric_pages.keep(_own(allocation_id), revising.begin_look)


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
    first = revising.first_review(session, visit, work)
    sent = feedback.latest_by(session, visit, Target.REVISION, work.id)
    window = phases.windows(session, visit).get(LOOK, Window())
    preset = rubric_pages.as_fields(sent or first)
    if sent is None:
        preset["comment"] = ""  # the marks are a beginning; what is said of the revision is new
    return render_template(
        "peer_review/second_look.html",
        **rubric_pages.values(allocation, preset, typed, faults),
        first=first,
        sent=sent,
        window=window,
        writable=window.state(visit.now) is PhaseState.OPEN,
    )
