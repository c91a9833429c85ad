"""What staff see of the class: the dashboard, a person, who reviews whom."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from lti_peer.activities.peer_review import (
    marking,
    overview,
    queries,
    rules,
    service,
    staff_guidance,
    steering,
)
from lti_peer.activities.peer_review.overview import Line
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.settings import Counted
from lti_peer.core import db, grades, rosters
from lti_peer.core import queries as people
from lti_peer.core.errors import Invalid
from lti_peer.core.models import Membership
from lti_peer.core.visit import Visit
from lti_peer.peerwork import feedback, phases, scores
from lti_peer.peerwork.allocations import AllocationState
from lti_peer.peerwork.feedback import Feedback, Rubric, Target
from lti_peer.peerwork.submissions import Submission
from lti_peer.web import charts, fields, identity, policy, visits
from lti_peer.web.answers import go
from lti_peer.web.charts import Cell
from lti_peer.web.rubrics import rubric_rows

NEVER: Final = datetime.max.replace(tzinfo=UTC)

SORTS: Final[dict[str, Callable[[Line], Any]]] = {
    "name": lambda line: identity.name_of(line.member).casefold(),
    "handed_in": lambda line: line.handed_in or NEVER,
    "given": lambda line: line.given,
    "received": lambda line: line.received,
    "score": lambda line: line.score.share if line.score else -1.0,
}
HEADS: Final = (
    ("name", "Name", False),
    ("handed_in", "Handed in", False),
    ("given", "Reviews given", True),
    ("received", "Reviews received", True),
    ("score", "Score of 100", True),
    ("", "State", False),
)
CELLS: Final = {
    AllocationState.OFFERED: "offered",
    AllocationState.STARTED: "started",
    AllocationState.COMPLETED: "sent",
    AllocationState.EXPIRED: "expired",
}
"""How the matrix draws a review."""


def dashboard() -> str:
    """Return the first page for staff: what to do now, the counts, everybody in a table."""
    session, visit = db.session(), visits.current()
    counts = overview.counts(session, visit)
    windows = phases.dates(session, visit.activity)
    key, falling = _order()
    lines = sorted(overview.lines(session, visit), key=SORTS[key], reverse=falling)
    return render_template(
        "peer_review/dashboard.html",
        next=staff_guidance.next_part(visit, counts, windows),
        counts=staff_guidance.counts(session, visit, counts),
        phases=[
            {"key": name, "title": title, "window": windows[name],
             "state": windows[name].state(visit.now)}
            for name, title in staff_guidance.phases_of(visit)
            if name in windows
        ],
        columns=_columns(key, falling=falling),
        lines=lines,
        people=rosters.view(session, visit),
        owed=queries.settings(visit).reviews,
        name_of=identity.name_of,
    )  # fmt: skip


@pages.get("/counts")
@policy.allow(policy.STAFF)
def live_counts() -> str:
    """Return the counts alone, for the page to renew."""
    session, visit = db.session(), visits.current()
    counts = staff_guidance.counts(session, visit, overview.counts(session, visit))
    return render_template("peer_review/counts.html", counts=counts)


@pages.post("/phases/<key>/close")
@policy.allow(policy.STAFF)
def close_phase(key: str) -> Any:
    """End a phase for everybody now."""
    steering.close(db.session(), visits.current(), key)
    return go("home", "closed")


@pages.get("/matrix")
@policy.allow(policy.STAFF)
def matrix() -> str:
    """Show who reviews whom."""
    session, visit = db.session(), visits.current()
    learners = people.learners(session, visit)
    places = {member.person_id: place for place, member in enumerate(learners)}
    cells = [
        Cell(places[reviewer], places[author], CELLS[state])
        for reviewer, author, state in overview.pairs(session, visit)
        if reviewer in places and author in places
    ]
    names = [identity.name_of(member) for member in learners]
    return render_template(
        "peer_review/matrix.html",
        chart=charts.matrix("Who reviews whom", names, names, cells) if cells else None,
    )


@pages.get("/people/<uuid:person_id>")
@policy.allow(policy.STAFF)
def person(person_id: UUID) -> str:
    """Show all of one participant's part."""
    return _person(person_id)


@pages.post("/people/<uuid:person_id>/extension")
@policy.allow(policy.STAFF)
def extend(person_id: UUID) -> Any:
    """Give one participant more time in one phase."""
    visit = visits.current()
    faults: dict[str, str] = {}
    due = fields.moment(request.form, "due", visit.zone, faults)
    if due is None:
        return _person(person_id, faults), Invalid.status
    try:
        steering.extend(db.session(), visit, person_id, request.form.get("phase", ""), due)
    except Invalid as refused:
        return _person(person_id, refused.fields or {"phase": refused.message}), refused.status
    return go("person", "extended", person_id=person_id)


def _person(person_id: UUID, faults: dict[str, str] | None = None) -> str:
    session, visit = db.session(), visits.current()
    members = people.members(session, visit)
    people.member(session, visit, person_id)
    work = overview.work_of(session, visit, person_id)
    versions = feedback.rubrics(session, visit.activity)
    got = queries.received(session, visit, work) if work else []
    wrote = overview.given_by(session, visit, person_id)
    score = scores.of_person(session, visit, person_id).get(service.WORK)

    def shown(one: Feedback, other: UUID) -> dict[str, Any]:
        return _review(visit, one, members.get(other), versions)

    return render_template(
        "peer_review/person.html",
        member=members[person_id],
        name=identity.name_of(members[person_id]),
        work=work,
        received=[shown(one, one.author_id) for one in got],
        wrote=[shown(one, author) for one, author in wrote],
        **_again(session, visit, person_id, work, shown),
        phases=staff_guidance.phases_of(visit),
        score=score,
        sentence=rules.explain(score.share, score.low, score.high, len(score.inputs))
        if score
        else "",
        grade=next(
            (g for g in grades.of(session, visit.activity) if g.person_id == person_id), None
        ),
        extended=overview.extensions_of(session, visit, person_id),
        typed=request.form,
        faults=faults or {},
        errors=list((faults or {}).items()),
    )


def _again(
    session: Session,
    visit: Visit,
    person_id: UUID,
    work: Submission | None,
    shown: Callable[[Feedback, UUID], dict[str, Any]],
) -> dict[str, Any]:
    """Return what one participant's page has of revisions: second looks they got, and gave."""
    settings = queries.settings(visit)
    if not settings.revise:
        return {}
    revised = work if work and work.revised_at else None
    looks = queries.looks(session, visit, revised) if revised else []
    looked = overview.given_by(session, visit, person_id, Target.REVISION)
    return {
        "looks": [shown(one, one.author_id) for one in looks],
        "looked": [shown(one, author) for one, author in looked],
        "both": marking.both(session, visit, revised) if revised else None,
        "better": settings.counted is Counted.BETTER,
    }


def _review(
    visit: Visit, one: Feedback, who: Membership | None, versions: Mapping[UUID, Rubric]
) -> dict[str, Any]:
    """Return a review with whoever is at its other end, and the rubric that it was given by."""
    rubric = versions[one.rubric_id] if one.rubric_id else None
    return {
        "given": one,
        "who": identity.name_for(visit, who) if who else None,
        "criteria": rubric_rows(rubric.parsed) if rubric else [],
    }


def _order() -> tuple[str, bool]:
    """Return by which column the table is sorted, and whether it falls."""
    key = request.args.get("sort", "name")
    return (key if key in SORTS else "name"), request.args.get("order") == "falling"


def _columns(key: str, *, falling: bool) -> list[dict[str, Any]]:
    """Return the heads of the table; a second click on one turns the order round."""
    return [
        {
            "label": label,
            "number": number,
            "href": url_for(
                "peer_review.home",
                sort=name,
                order="falling" if name == key and not falling else None,
            )
            if name
            else None,
            "sorted": ("descending" if falling else "ascending") if name == key else None,
        }
        for name, label, number in HEADS
    ]
