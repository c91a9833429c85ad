"""What the pages of a review and of a second look share: the rubric is filled in, kept and sent."""

from collections.abc import Callable
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from lti_peer.activities.peer_review import forms, queries, service
from lti_peer.activities.peer_review.learner import Answer, keep_draft, kept
from lti_peer.core import db
from lti_peer.core.errors import Conflict, Invalid, NotAllowed
from lti_peer.core.visit import Visit
from lti_peer.peerwork import submissions
from lti_peer.peerwork.allocations import Allocation
from lti_peer.peerwork.feedback import Feedback, Said
from lti_peer.web import text, visits
from lti_peer.web.answers import go
from lti_peer.web.fields import Form
from lti_peer.web.rubrics import rubric_rows

Show = Callable[[Allocation, Form | None, dict[str, str]], str]
"""The page again, with what was typed and a sentence for each field that is at fault."""


def send(allocation: Allocation, give: Callable[[Said], object], show: Show, done: str) -> Answer:
    """Send what was filled in; a refusal shows the page again with all that was typed."""
    session, visit, typed = db.session(), visits.current(), request.form
    try:
        give(forms.review(typed, queries.rubric_of(session, visit, allocation).parsed))
    except Invalid as refused:
        return show(allocation, typed, refused.fields), refused.status
    except text.TextRefused as refused:
        return show(allocation, typed, {"comment": str(refused)}), 413
    except (Conflict, NotAllowed) as refused:
        return show(allocation, typed, {"": refused.message}), refused.status
    return go("home", done)


def keep(allocation: Allocation, begin: Callable[[Session, Visit, Allocation], None]) -> Answer:
    """Keep what is being written, which is begun by it; JSON, see parts/editor.html."""
    session, visit = db.session(), visits.current()

    def draft() -> Answer:
        criteria = queries.rubric_of(session, visit, allocation).parsed
        fields = forms.review_draft(request.form, criteria)
        begin(session, visit, allocation)
        return keep_draft(service.place(allocation.id), fields)

    return kept(draft)


def values(
    allocation: Allocation, preset: Form, typed: Form | None, faults: dict[str, str] | None
) -> dict[str, Any]:
    """Return what both templates read: the fields as typed, else the draft's, else `preset`."""
    session, visit = db.session(), visits.current()
    criteria = queries.rubric_of(session, visit, allocation).parsed
    draft = submissions.draft(session, visit, service.place(allocation.id))
    fields = typed if typed is not None else (draft.fields if draft else preset)
    return {
        "allocation": allocation,
        "work": queries.reviewed(session, visit, allocation),
        "criteria": rubric_rows(criteria),
        "marks": _marks(fields),
        "comments": {one.key: fields.get(f"comment-{one.key}", "") for one in criteria},
        "comment": fields.get("comment", ""),
        "errors": [(name or None, sentence) for name, sentence in (faults or {}).items()],
        "faults": faults or {},
        "draft": draft,
        "settings": queries.settings(visit),
        "preview_url": url_for("peer_review.preview"),
    }


def as_fields(sent: Feedback | None) -> dict[str, Any]:
    """Return a review that was sent as the fields of its form."""
    if sent is None:
        return {}
    marks = {f"mark-{key}": str(points) for key, points in sent.marks.items()}
    comments = {f"comment-{key}": words for key, words in sent.comments.items()}
    return {**marks, **comments, "comment": sent.comment}


def _marks(fields: Form) -> dict[str, int]:
    """Return the marks that a form's fields hold, by criterion."""
    return {
        name.removeprefix("mark-"): int(value)
        for name, value in fields.items()
        if name.startswith("mark-") and value.isascii() and value.isdigit() and len(value) < 4  # noqa: PLR2004
    }
