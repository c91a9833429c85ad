"""The feedback that a participant received: by criterion, then by reviewer; and their answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request

from lti_peer.activities.peer_review import forms, marking, queries, rules, service
from lti_peer.activities.peer_review.learner import Answer
from lti_peer.activities.peer_review.pages import pages
from lti_peer.activities.peer_review.settings import Counted
from lti_peer.core import db
from lti_peer.core import queries as people
from lti_peer.core.errors import Invalid, NotFound
from lti_peer.core.visit import Visit
from lti_peer.peerwork import feedback, scores
from lti_peer.peerwork.feedback import Feedback
from lti_peer.peerwork.scores import Score
from lti_peer.rules.rubric import Criterion
from lti_peer.web import identity, policy, visits
from lti_peer.web.answers import go
from lti_peer.web.identity import Shown


@dataclass(frozen=True)
class Received:
    """One review as its receiver sees it."""

    token: str
    """What the receiver's pages call it; it says nothing of who wrote it."""
    who: Shown
    given: Feedback
    criteria: tuple[Criterion, ...]
    again: Feedback | None = None
    """What the same reviewer said of the revision."""


@pages.get("/feedback")
@policy.allow(policy.LEARNERS)
def received() -> str:
    """Show the feedback on the visitor's work."""
    return _page()


@pages.post("/feedback/read")
@policy.allow(policy.LEARNERS)
def confirm_reading() -> Answer:
    """Note that the visitor has read it."""
    service.confirm_reading(db.session(), visits.current())
    return go("home", "read")


@pages.post("/feedback/<token>/rating")
@policy.allow(policy.LEARNERS)
def rate_review(token: str) -> Answer:
    """Keep how helpful one review was."""
    session, visit = db.session(), visits.current()
    found = next((one for one in reviews_of_own(visit) if one.token == token), None)
    if found is None:
        raise NotFound("This review is not here.")
    try:
        said = forms.rating(request.form, token)
    except Invalid as refused:
        return _page(refused.fields), refused.status
    service.rate_review(session, visit, found.given, said)
    return go("received", "rated")


def by_criterion(reviews: Sequence[Received]) -> list[dict[str, Any]]:
    """Return for each criterion what every reviewer said on it, as the page shows it.

    Reviews may follow different versions of the rubric; a criterion goes by its key.
    """
    found: dict[str, dict[str, Any]] = {}
    for one in reviews:
        for criterion in one.criteria:
            points = one.given.marks[criterion.key]
            level = next(step for step in criterion.levels if step.points == points)
            row = found.setdefault(criterion.key, {"title": criterion.title, "given": []})
            row["given"].append(
                {
                    "who": one.who,
                    "level": level.label,
                    "points": points,
                    "maximum": criterion.maximum,
                    "words": level.words,
                    "comment": one.given.comments.get(criterion.key, ""),
                    "again": _again(one, criterion),
                }
            )
    return list(found.values())


def _again(one: Received, criterion: Criterion) -> dict[str, Any] | None:
    """Return what a second look says on a criterion; None where there is none."""
    if one.again is None:
        return None
    points = one.again.marks[criterion.key]
    level = next(step for step in criterion.levels if step.points == points)
    words = one.again.comments.get(criterion.key, "")
    changed = words if words != one.given.comments.get(criterion.key, "") else ""
    return {"level": level.label, "points": points, "comment": changed}


def how_computed(score: Score, reviews: Sequence[Received]) -> list[dict[str, Any]]:
    """Return each review's part in the score: its share and its weight, both of 100."""
    found = [(one, said) for one in reviews for said in (one.given, one.again) if said]
    return [
        {
            "who": one.who,
            "share": 100 * (said.share or 0),
            "weight": score.inputs[str(said.id)],
            "again": said is one.again,
        }
        for one, said in sorted(found, key=lambda pair: pair[0].who.shown)
        if str(said.id) in score.inputs
    ]


def reviews_of_own(visit: Visit) -> list[Received]:
    """Return the reviews of the visitor's work, in an order of the visitor's own."""
    session = db.session()
    work = service.demand_feedback(session, visit)
    looks = queries.looks(session, visit, work) if work.revised_at else []
    again = {one.author_id: one for one in looks}
    versions = feedback.rubrics(session, visit.activity)
    blind = queries.settings(visit).blind
    found = identity.shuffled(
        visit, queries.received(session, visit, work), lambda one: one.allocation_id or one.id
    )
    return [
        Received(
            identity.token(visit, one.allocation_id or one.id),
            Shown(f"Reviewer {number}", hidden=True)
            if blind
            else identity.name_for(visit, people.member(session, visit, one.author_id)),
            one,
            versions[one.rubric_id].parsed if one.rubric_id else (),
            again.get(one.author_id),
        )
        for number, one in enumerate(found, 1)
    ]


def _page(faults: dict[str, str] | None = None) -> str:
    session, visit = db.session(), visits.current()
    reviews = reviews_of_own(visit)
    work = service.demand_feedback(session, visit)
    score = scores.of_person(session, visit, visit.person.id).get(service.WORK)
    released = visit.activity.released_at is not None
    return render_template(
        "peer_review/received.html",
        reviews=reviews,
        criteria=by_criterion(reviews),
        ratings=queries.ratings(session, visit, [one.given for one in reviews]),
        typed=request.form,
        score=score if released else None,
        sentence=rules.explain(score.share, score.low, score.high, len(score.inputs))
        if score
        else "",
        computed=how_computed(score, reviews) if score else [],
        both=marking.both(session, visit, work) if released and work.revised_at else None,
        better=queries.settings(visit).counted is Counted.BETTER,
        work=work,
        revisable=service.may_revise(session, visit),
        read=queries.reading(session, visit) is not None,
        blind=queries.settings(visit).blind,
        faults=faults or {},
        errors=list((faults or {}).items()),
    )
