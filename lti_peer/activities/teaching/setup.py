"""The settings page: prefilled, one page, few decisions first; topics as plain form rows."""

from typing import Any

from flask import redirect, render_template, request, url_for

from lti_peer.activities.teaching import forms, queries, steering
from lti_peer.activities.teaching.pages import pages
from lti_peer.activities.teaching.settings import MEET, MOST_OPTIONS, MOST_TOPICS, SIGN_UP
from lti_peer.core import db
from lti_peer.core.errors import Invalid
from lti_peer.peerwork import phases
from lti_peer.rules.phases import Window
from lti_peer.web import dates, policy, visits


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
    return redirect(visits.after_setup(url_for("teaching.home", done="saved")), code=303)


def _stored() -> dict[str, str]:
    """Return the settings as the form's fields."""
    session, visit = db.session(), visits.current()
    windows = phases.dates(session, visit.activity)
    fields = {
        "title": visit.activity.title,
        "instructions": visit.activity.instructions,
        "minutes": str(queries.settings(visit).minutes),
        "sign_up_due": dates.field(windows.get(SIGN_UP, Window()).due, visit.zone),
        "meet_due": dates.field(windows.get(MEET, Window()).due, visit.zone),
    }
    for row, topic in enumerate(queries.topics(session, visit)):
        name = f"topic-{row}"
        fields |= {
            f"{name}-id": str(topic.id), f"{name}-title": topic.title,
            f"{name}-words": topic.words, f"{name}-question": topic.question,
            f"{name}-right": str(topic.right_option),
        }  # fmt: skip
        for place, words in enumerate(topic.options):
            fields[f"{name}-option-{place}"] = str(words)
    return fields


def _rows(fields: dict[str, str]) -> list[dict[str, Any]]:
    """Return the topics' rows to draw: those that are filled, and an empty one."""
    filled = [
        n
        for n in range(MOST_TOPICS)
        if fields.get(f"topic-{n}-title") or fields.get(f"topic-{n}-question")
    ]
    empty = [n for n in range(MOST_TOPICS) if n not in filled][:1]
    return [{"number": number, "new": number in empty} for number in filled + empty]


def _page(fields: dict[str, str], faults: dict[str, str] | None = None) -> str:
    session, visit = db.session(), visits.current()
    answered = {str(one) for one in queries.answered(session, visit)}
    rows = _rows(fields)
    for row in rows:
        row["answered"] = fields.get(f"topic-{row['number']}-id") in answered
    return render_template(
        "teaching/settings.html",
        fields=fields,
        rows=rows,
        options=range(MOST_OPTIONS),
        faults=faults or {},
        errors=list((faults or {}).items()),
        is_new=visit.deep_link is not None,
    )
