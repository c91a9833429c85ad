"""Where staff release grades, see what the LMS has, and answer calls."""

from typing import Any
from uuid import UUID

from flask import render_template, request

from lti_peer.activities.peer_review import overview, steering
from lti_peer.activities.peer_review.overview import Line
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.service import WORK
from lti_peer.core import db
from lti_peer.core import queries as people
from lti_peer.core.visit import Visit
from lti_peer.peerwork import flags, submissions
from lti_peer.web import grade_book, identity, policy, visits
from lti_peer.web.answers import go

REASON_WORDS = {
    "cannot_open": "cannot be read",
    "inappropriate": "is inappropriate",
    "conflict": "conflict of interest",
}
LONGEST_ANSWER = 255


@pages.get("/grades")
@policy.allow(policy.STAFF)
def grades_page() -> str:
    """Show every grade as it would be, or is, in the LMS, and who has none and why."""
    session, visit = db.session(), visits.current()
    lines = overview.lines(session, visit)
    book = grade_book.read(session, visit)
    graded = [line for line in lines if line.score]
    return render_template(
        "peer_review/grades.html",
        book=book,
        graded=[(line, book.known.get((line.member.person_id, WORK))) for line in graded],
        without=[(line, _why_not(line)) for line in lines if not line.score],
        name_of=identity.name_of,
    )


@pages.post("/grades")
@policy.allow(policy.STAFF)
def release() -> Any:
    """Release the grades; pressed twice, nothing is sent twice."""
    steering.release(db.session(), visits.current())
    return go("grades_page", "released")


@pages.get("/calls")
@policy.allow(policy.STAFF)
def calls() -> str:
    """Show the calls that nobody has answered."""
    session, visit = db.session(), visits.current()
    members = people.members(session, visit)
    return render_template(
        "peer_review/calls.html",
        calls=[_call(visit, flag, members) for flag in flags.pending(session, visit)],
    )


@pages.post("/calls/<uuid:flag_id>")
@policy.allow(policy.STAFF)
def resolve(flag_id: UUID) -> Any:
    """Answer a call with a sentence on what was done."""
    words = request.form.get("resolution", "").strip()[:LONGEST_ANSWER]
    flags.resolve(db.session(), visits.current(), flag_id, words)
    return go("calls", "resolved")


def _call(visit: Visit, flag: flags.Flag, members: dict[UUID, Any]) -> dict[str, Any]:
    work = submissions.one(db.session(), visit, flag.target_id)
    by, author = members.get(flag.raised_by or UUID(int=0)), members.get(work.author_id)
    return {
        "id": flag.id,
        "reason": REASON_WORDS.get(flag.reason, flag.reason),
        "words": flag.words,
        "at": flag.at,
        "by": identity.name_for(visit, by) if by else None,
        "author": identity.name_for(visit, author) if author else None,
        "author_id": work.author_id,
        "html": work.judged.html,
    }


def _why_not(line: Line) -> str:
    if line.handed_in is None:
        return "Has not handed in"
    return "Nobody has reviewed the work yet"
