"""An author's pages about revising: the editor beside the feedback, handing in."""

from flask import render_template, request, url_for

from lti_peer.activities.peer_review import forms, queries, received, revising, service
from lti_peer.activities.peer_review.learner import Answer, keep_draft, kept
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.settings import REVISE
from lti_peer.core import db
from lti_peer.core.errors import Invalid, NotAllowed
from lti_peer.peerwork import phases, submissions
from lti_peer.rules.phases import Window
from lti_peer.web import limit, policy, text, visits
from lti_peer.web.answers import go


@pages.get("/revision")
@policy.allow(policy.LEARNERS)
def edit_revision() -> str:
    """Show the editor with the last version, beside the feedback on the one that was reviewed."""
    revising.demand(db.session(), visits.current())
    return _page()


@pages.post("/revision")
@policy.allow(policy.LEARNERS)
def hand_in_revision() -> Answer:
    """Hand in the revision; a refusal shows the editor again with all that was typed."""
    try:
        source, note = forms.revision(request.form)
        written = (source, str(text.render(source)), text.words(source))
        revising.hand_in(db.session(), visits.current(), written, note)
    except Invalid as refused:
        return _page(refused.fields or {"text": refused.message}), refused.status
    except text.TextRefused as refused:
        return _page({"text": str(refused)}), 413
    except NotAllowed as refused:
        return _page({"": refused.message}), refused.status
    return go("work", "revised")


@pages.post("/revision/draft")
@policy.allow(policy.LEARNERS)
@limit.often
def save_revision() -> Answer:
    """Keep what is being typed; JSON, see parts/editor.html."""
    fields = {name: request.form.get(name, "") for name in ("text", "note")}

    def draft() -> Answer:
        for value in fields.values():
            text.check(value)
        revising.demand(db.session(), visits.current())
        return keep_draft(revising.DRAFT, fields)

    return kept(draft)


def _page(faults: dict[str, str] | None = None) -> str:
    session, visit = db.session(), visits.current()
    work = service.demand_feedback(session, visit)
    draft = submissions.draft(session, visit, revising.DRAFT)
    kept = draft.fields if draft else {"text": work.newest.source, "note": work.newest.note}
    reviews = received.reviews_of_own(visit)
    return render_template(
        "peer_review/revise.html",
        typed=request.form if faults else kept,
        draft=draft,
        work=work,
        window=phases.windows(session, visit).get(REVISE, Window()),
        reviews=reviews,
        criteria=received.by_criterion(reviews),
        settings=queries.settings(visit),
        faults=faults or {},
        errors=[(name or None, sentence) for name, sentence in (faults or {}).items()],
        preview_url=url_for("peer_review.preview"),
    )
