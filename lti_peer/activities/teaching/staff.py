"""Staff's pages: the class, its people, its pairs, calls, grades."""

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from lti_peer.activities.teaching import grading, overview, steering
from lti_peer.activities.teaching.overview import Line
from lti_peer.activities.teaching.pages import Answer, names, pages
from lti_peer.activities.teaching.settings import MEET, SIGN_UP
from lti_peer.core import db, rosters
from lti_peer.core import queries as people
from lti_peer.core.errors import Invalid, NotFound
from lti_peer.core.visit import Visit
from lti_peer.peerwork import flags, phases
from lti_peer.web import charts, fields, grade_book, identity, policy, visits
from lti_peer.web.answers import go

REASON_WORDS = {
    "coverage": "Nobody to learn from",
    "silence": "Two meetings missed",
    "conduct": "Something happened",
}
PHASE_WORDS = {SIGN_UP: "Sign-up", MEET: "Meetings"}
LONGEST_ANSWER = 255


def dashboard() -> str:
    """Show the class: what to do, counts, what each topic brought."""
    session, visit = db.session(), visits.current()
    found = overview.board(session, visit)
    rows = overview.chart_rows(found)
    return render_template(
        "teaching/dashboard.html",
        next=overview.next_part(visit, found),
        counts=overview.counts(found),
        board=found,
        topics=overview.topic_rows(found),
        chart=charts.bars("Right answers before and after the meeting", rows, "right answers")
        if rows
        else None,
    )


@pages.get("/numbers")
@policy.allow(policy.STAFF)
def numbers() -> str:
    """Return the counts of the dashboard alone, for its refresh."""
    found = overview.board(db.session(), visits.current())
    return render_template("teaching/numbers.html", counts=overview.counts(found))


@pages.post("/match")
@policy.allow(policy.STAFF)
def match() -> Answer:
    """Give partners to everybody who waits."""
    steering.match(db.session(), visits.current())
    return go("home", "matched")


@pages.get("/people")
@policy.allow(policy.STAFF)
def people_page() -> str:
    """Show everybody in a table that is sorted by links."""
    session, visit = db.session(), visits.current()
    found = overview.board(session, visit)
    sort = request.args.get("sort", "name")
    sort = sort if sort in overview.SORTS else "name"
    down = request.args.get("down") == "1"
    lines = sorted(found.lines, key=overview.SORTS[sort], reverse=down)
    return render_template(
        "teaching/people.html", lines=lines, columns=_columns(sort, down=down), board=found,
        titles={topic.id: topic.title for topic in found.topics},
        people=rosters.view(session, visit),
    )  # fmt: skip


@pages.get("/people/<uuid:person_id>")
@policy.allow(policy.STAFF)
def person(person_id: UUID) -> Answer:
    """Show one person's part, and the form for more time."""
    return _person(person_id)


@pages.post("/people/<uuid:person_id>/extension")
@policy.allow(policy.STAFF)
def extend(person_id: UUID) -> Answer:
    """Give one person more time in one phase."""
    visit = visits.current()
    faults: dict[str, str] = {}
    due = fields.moment(request.form, "due", visit.zone, faults)
    if due is None:
        return _person(person_id, dict(request.form), faults), Invalid.status
    try:
        steering.extend(db.session(), visit, person_id, request.form.get("phase", ""), due)
    except Invalid as refused:
        shown = refused.fields or {"phase": refused.message}
        return _person(person_id, dict(request.form), shown), refused.status
    return go("person", "extended", person_id=person_id)


@pages.get("/pairs")
@policy.allow(policy.STAFF)
def pairs() -> str:
    """Show every pair with its state, those that need a look first."""
    session, visit = db.session(), visits.current()
    found = overview.board(session, visit)
    members = people.members(session, visit)
    order = list(overview.PAIR_STATES)
    rows = [
        {
            "pair": pair,
            "explainer": names(members, [pair.explainer]),
            "listeners": names(members, pair.listeners),
            "state": overview.PAIR_STATES[overview.state(pair, visit)],
            "rank": order.index(overview.state(pair, visit)),
            "wished": pair.allocation.reason.get("wished", True),
        }
        for pair in found.pairs
    ]
    rows.sort(key=lambda row: (row["rank"] == 0, row["rank"]))
    return render_template("teaching/pairs.html", rows=rows, board=found)


@pages.post("/pairs/<uuid:allocation_id>/end")
@policy.allow(policy.STAFF)
def end_pair(allocation_id: UUID) -> Answer:
    """End a pair that has yet to meet; its people are matched anew."""
    steering.part(db.session(), visits.current(), allocation_id)
    return go("pairs", "ended")


@pages.get("/calls")
@policy.allow(policy.STAFF)
def calls() -> str:
    """Show the calls that nobody has answered."""
    session, visit = db.session(), visits.current()
    members = people.members(session, visit)
    found = overview.board(session, visit)
    by_pair = {pair.allocation.id: pair for pair in found.pairs}
    rows = []
    for flag in flags.pending(session, visit):
        pair, member = by_pair.get(flag.target_id), members.get(flag.target_id)
        by = members.get(flag.raised_by) if flag.raised_by else None
        rows.append(
            {
                "flag": flag,
                "reason": REASON_WORDS.get(flag.reason, flag.reason),
                "about": names(members, pair.people) if pair else "",
                "person": member,
                "name": identity.name_of(member) if member else "",
                "by": identity.name_of(by) if by else "",
            }
        )
    return render_template("teaching/calls.html", rows=rows, board=found)


@pages.post("/calls/<uuid:flag_id>")
@policy.allow(policy.STAFF)
def resolve(flag_id: UUID) -> Answer:
    """Answer a call with a sentence on what was done."""
    words = request.form.get("resolution", "").strip()[:LONGEST_ANSWER]
    flags.resolve(db.session(), visits.current(), flag_id, words)
    return go("calls", "resolved")


@pages.get("/grades")
@policy.allow(policy.STAFF)
def grades_page() -> str:
    """Show every grade as it would be, or is, in the LMS, and who has none and why."""
    session, visit = db.session(), visits.current()
    found = overview.board(session, visit)
    book = grade_book.read(session, visit)
    return render_template(
        "teaching/grades.html",
        board=found,
        book=book,
        graded=[
            (line, [book.known.get((line.member.person_id, key)) for key in line.scores])
            for line in found.lines
            if line.scores
        ],
        without=[line for line in found.lines if not line.scores],
        why_not=overview.why_not,
    )


@pages.post("/grades")
@policy.allow(policy.STAFF)
def release() -> Answer:
    """Release the grades; pressed twice, nothing is sent twice."""
    grading.release(db.session(), visits.current())
    return go("grades_page", "released")


def _columns(sort: str, *, down: bool) -> list[dict[str, Any]]:
    """Return the heads of the table of people; a click on the sorted one turns it round."""
    heads = [
        ("name", "Name"), ("state", "State"), ("", "Teaches"), ("", "Learns"),
        ("absences", "Absent"), ("participation", "Participation"), ("teaching", "Teaching"),
    ]  # fmt: skip
    return [
        {
            "label": label,
            "number": key in {"absences", "participation", "teaching"},
            "href": url_for("teaching.people_page", sort=key,
                            down=1 if key == sort and not down else None) if key else None,
            "sorted": ("descending" if down else "ascending") if key and key == sort else None,
        }
        for key, label in heads
    ]  # fmt: skip


def _person(
    person_id: UUID, fields: dict[str, str] | None = None, faults: dict[str, str] | None = None
) -> str:
    session, visit = db.session(), visits.current()
    found = overview.board(session, visit)
    line = overview.one(found, person_id)
    if line is None:
        raise NotFound("There is no learner like that in this course.")
    return render_template(
        "teaching/person.html",
        line=line,
        board=found,
        pairs=_shown(visit, line),
        duties=grading.duties(line.sign_up, [*line.teaches, *line.learns], line.absences)
        if line.sign_up
        else [],
        windows=phases.windows(session, visit, person_id),
        phase_words=PHASE_WORDS,
        fields=fields or {},
        faults=faults or {},
        errors=list((faults or {}).items()),
        topics={topic.id: topic.title for topic in found.topics},
    )


def _shown(visit: Visit, line: Line) -> list[dict[str, Any]]:
    members = people.members(db.session(), visit)
    me = line.member.person_id
    return [
        {
            "pair": pair,
            "explains": pair.explainer.person_id == me,
            "others": names(members, pair.others(me)),
            "state": overview.PAIR_STATES[overview.state(pair, visit)],
        }
        for pair in [*line.teaches, *line.learns]
    ]
