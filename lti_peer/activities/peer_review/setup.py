"""The settings page: prefilled, one page, few decisions first."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for

from lti_peer.activities.peer_review import forms, overview, queries, steering
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.settings import (
    LOOK,
    MOST_REVIEWS,
    REVIEW,
    REVISE,
    SUBMIT,
    Counted,
    Opens,
)
from lti_peer.core import db
from lti_peer.core.errors import Invalid
from lti_peer.peerwork import feedback, phases
from lti_peer.rules.phases import Window
from lti_peer.web import dates, policy, visits

WEEK = timedelta(days=7)
"""What is proposed for revising, and for second looks."""
EMPTY_LEVELS = 1
LEVELS_OF_A_NEW_ONE = 4


@pages.get("/settings")
@policy.allow(policy.SETTERS)
def settings() -> str:
    """Show the settings as they are."""
    return _page(_stored())


@pages.post("/settings")
@policy.allow(policy.SETTERS)
def save_settings() -> Any:
    """Keep the settings; a refusal shows the page again with all that was typed."""
    session, visit = db.session(), visits.current()
    try:
        steering.save(session, visit, forms.plan(request.form, visit.zone))
    except Invalid as refused:
        return _page(dict(request.form), refused.fields), refused.status
    home = url_for("peer_review.home", done="saved")
    return redirect(visits.after_setup(home), code=303)


def _stored() -> dict[str, str]:
    """Return the settings as the form's fields; a switch that is off has none."""
    session, visit = db.session(), visits.current()
    chosen = queries.settings(visit)
    windows = phases.dates(session, visit.activity)
    submit, review = windows.get(SUBMIT, Window()), windows.get(REVIEW, Window())
    opens = review.opens if review.opens != submit.due else None
    rubric = feedback.rubric(session, visit.activity)
    revise, look = windows.get(REVISE, Window()), windows.get(LOOK, Window())
    revise_due = revise.due or (review.due + WEEK if review.due else None)
    look_due = look.due or (revise_due + WEEK if revise_due else None)
    switches = ("blind", "must_hand_in", "late_work", "revise")
    return {
        "title": visit.activity.title,
        "instructions": visit.activity.instructions,
        "reviews": str(chosen.reviews),
        "feedback": chosen.feedback.value,
        "submit_due": dates.field(submit.due, visit.zone),
        "review_due": dates.field(review.due, visit.zone),
        "review_opens": dates.field(opens, visit.zone),
        "revise_due": dates.field(revise_due, visit.zone),
        "look_due": dates.field(look_due, visit.zone),
        "counted": chosen.counted.value,
        **{name: "yes" for name in switches if getattr(chosen, name)},
        **(rubric_fields(rubric.criteria) if rubric else {}),
    }


def rubric_fields(criteria: list[Any]) -> dict[str, str]:
    """Return a stored rubric as the form's fields: `criterion-<row>-…` and its `-level-<row>-…`."""
    fields: dict[str, str] = {}
    for row, criterion in enumerate(criteria):
        name = f"criterion-{row}"
        for part in ("key", "title", "words", "weight"):
            fields[f"{name}-{part}"] = str(criterion[part])
        for place, level in enumerate(criterion["levels"]):
            for part in ("points", "label", "words"):
                fields[f"{name}-level-{place}-{part}"] = str(level[part])
    return fields


def _rows(fields: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rubric's rows to draw: those that are filled, and an empty one."""
    filled = [n for n in range(forms.MOST_CRITERIA) if fields.get(f"criterion-{n}-title")]
    empty = next((n for n in range(forms.MOST_CRITERIA) if n not in filled), None)
    rows = filled + ([empty] if empty is not None else [])
    return [
        {"number": number, "new": number == empty, "levels": _level_rows(fields, number)}
        for number in rows
    ]


def _level_rows(fields: dict[str, str], criterion: int) -> list[int]:
    filled = [
        n for n in range(forms.MOST_LEVELS) if fields.get(f"criterion-{criterion}-level-{n}-label")
    ]
    empty = [n for n in range(forms.MOST_LEVELS) if n not in filled]
    return sorted(filled + empty[: EMPTY_LEVELS if filled else LEVELS_OF_A_NEW_ONE])


def _page(fields: dict[str, str], faults: dict[str, str] | None = None) -> str:
    session, visit = db.session(), visits.current()
    faults = faults or {}
    more = {"blind", "must_hand_in", "late_work", "review_opens", "feedback"}
    return render_template(
        "peer_review/settings.html",
        fields=fields,
        rows=_rows(fields),
        faults=faults,
        errors=list(faults.items()),
        more_open=bool(more & set(faults)),
        revise_open="revise" in fields or bool({"revise", "revise_due", "look_due"} & set(faults)),
        counted=[
            (Counted.BETTER.value, "The better of both",
             "Nobody loses by revising, so nobody has a reason not to."),
            (Counted.FINAL.value, "The one after the second looks",
             "For when the revised work is what you want to grade."),
        ],
        most=MOST_REVIEWS,
        opens=[
            (Opens.CLOSED.value, "When reviewing has closed",
             "Everybody reads their feedback at the same time."),
            (Opens.FINISHED.value, "When somebody has written their own reviews",
             "Early feedback is the thanks for early reviews."),
        ],
        learners=overview.count_learners(session, visit),
        begun=overview.has_reviews(session, visit),
        is_new=visit.deep_link is not None,
    )  # fmt: skip
