"""The pages of goals, for staff: those of an activity, the form, and the same ones across runs."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from lti_peer.core import db, groups
from lti_peer.core.errors import Invalid, NotFound
from lti_peer.core.visit import Visit
from lti_peer.goals import drawings, forms, measures, models, runs, service, words
from lti_peer.goals.measures import MEASURES
from lti_peer.goals.models import Goal, Metric
from lti_peer.goals.outcomes import LEAST
from lti_peer.peerwork import phases
from lti_peer.reports import exports
from lti_peer.web import policy, visits
from lti_peer.web.answers import go, tell

pages = Blueprint("goals", __name__, template_folder="templates")
pages.context_processor(
    lambda: {
        "files": exports.offered(), "words": words, "measures": MEASURES, "tones": words.TONES,
        "drawings": drawings, "least": LEAST,
    }
)  # fmt: skip
tell(
    pages,
    {
        "added": ("good", "The goal is set."),
        "changed": ("good", "The goal has been changed."),
        "removed": ("good", "The goal has been removed."),
    },
)
A_WEEK = timedelta(days=7)


@pages.get("/")
@policy.allow(policy.STAFF)
def page() -> str:
    """Show the goals of the visit's activity, and what can be measured."""
    visit = visits.current()
    return render_template(
        "goals/activity.html",
        lines=runs.here(db.session(), visit),
        offered=measures.offered(visit.activity.kind),
    )


@pages.get("/runs")
@policy.allow(policy.STAFF)
def runs_page() -> str:
    """Show the same goals across the activities of the course and their copies."""
    rows = runs.across(db.session(), visits.current())
    return render_template("goals/runs.html", rows=rows, most=runs.MOST)


@pages.get("/new")
@policy.allow(policy.STAFF)
def new() -> str:
    """Show the form for a goal of the measure that `measure` names, filled in."""
    session, visit = db.session(), visits.current()
    metric = measures.find(visit.activity.kind, request.args.get("measure", ""))
    fields = forms.proposed(MEASURES[metric], _last_date(session, visit), visit.zone)
    return _form(metric, fields)


@pages.post("/new")
@policy.allow(policy.STAFF)
def add() -> Any:
    """Set a goal; a refusal shows the form again with all that was typed."""
    session, visit = db.session(), visits.current()
    metric = measures.find(visit.activity.kind, request.form.get("measure", ""))
    try:
        service.add(session, visit, metric, _plan(session, visit, metric))
    except Invalid as refused:
        return _form(metric, dict(request.form), refused.fields), refused.status
    return go("page", "added")


@pages.get("/<uuid:goal_id>")
@policy.allow(policy.STAFF)
def edit(goal_id: UUID) -> str:
    """Show a goal in the form."""
    visit = visits.current()
    goal = models.own(db.session(), visit, goal_id)
    return _form(goal.metric, forms.stored(goal, visit.zone), goal=goal)


@pages.post("/<uuid:goal_id>")
@policy.allow(policy.STAFF)
def change(goal_id: UUID) -> Any:
    """Change a goal; a refusal shows the form again with all that was typed."""
    session, visit = db.session(), visits.current()
    goal = models.own(session, visit, goal_id)
    try:
        service.change(session, visit, goal, _plan(session, visit, goal.metric))
    except Invalid as refused:
        return _form(goal.metric, dict(request.form), refused.fields, goal), refused.status
    return go("page", "changed")


@pages.post("/<uuid:goal_id>/remove")
@policy.allow(policy.STAFF)
def remove(goal_id: UUID) -> Any:
    """Take a goal away."""
    session, visit = db.session(), visits.current()
    service.remove(session, visit, models.own(session, visit, goal_id))
    return go("page", "removed")


@pages.get("/<key>.<form>")
@policy.allow(policy.STAFF)
def table(key: str, form: str) -> Response:
    """Return the goals of the activity (`goals`) or across runs (`runs`) as a file."""
    session, visit = db.session(), visits.current()
    if key == "goals":
        lines = runs.here(session, visit)
    elif key == "runs":
        lines = [line for row in runs.across(session, visit) for line in row.lines]
    else:
        raise NotFound("There is no such table.")
    sort, pieces = exports.write(form, words.table(lines))
    answer = Response(pieces, mimetype=sort.mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{key}.{form}"'
    return answer


def _plan(session: Session, visit: Visit, metric: Metric) -> forms.Plan:
    keys = [one.group.key for one in groups.of(session, visit)]
    return forms.plan(request.form, metric, visit.zone, keys, visit.now)


def _form(
    metric: Metric,
    fields: dict[str, str],
    faults: dict[str, str] | None = None,
    goal: Goal | None = None,
) -> str:
    session, visit = db.session(), visits.current()
    measure, faults = MEASURES[metric], faults or {}
    return render_template(
        "goals/form.html",
        metric=metric,
        measure=measure,
        fields=fields,
        faults=faults,
        errors=list(faults.items()),
        box=forms.BOXES[measure.unit],
        most_each=forms.MOST_EACH,
        people=_people(session, visit, fields.get("group", "")),
        goal=goal,
    )


def _people(session: Session, visit: Visit, chosen: str) -> list[tuple[str, str]]:
    """Return whom a goal can be about; empty where the course has no groups."""
    found = [(one.group.key, one.group.name) for one in groups.of(session, visit)]
    if chosen and chosen not in {key for key, _ in found}:
        found.append((chosen, "A group that the LMS has no more"))
    return [("", "All learners"), *found] if found else []


def _last_date(session: Session, visit: Visit) -> datetime:
    """Return when the activity's last phase is due, or in a week if that is past or not known."""
    dates = [one.due for one in phases.dates(session, visit.activity).values() if one.due]
    last = max(dates, default=visit.now)
    return last if last > visit.now else visit.now + A_WEEK
