"""A participant's pages: home, signing up, results."""

from flask import render_template, request
from markupsafe import Markup

from lti_peer.activities.teaching import forms, grading, guidance, matching, queries, service, staff
from lti_peer.activities.teaching.guidance import Situation
from lti_peer.activities.teaching.models import Moment
from lti_peer.activities.teaching.pages import Answer, names, pages
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.settings import SIGN_UP
from lti_peer.core import db
from lti_peer.core import queries as people
from lti_peer.core.errors import Invalid, NotAllowed
from lti_peer.core.models import Role
from lti_peer.core.visit import Visit
from lti_peer.peerwork import feedback, phases, scores
from lti_peer.rules.phases import Window
from lti_peer.web import policy, visits
from lti_peer.web.answers import go
from lti_peer.web.rubrics import rubric_rows


@pages.get("/")
@policy.allow(policy.EVERYBODY)
def home() -> Answer:
    """Show what to do next: to a participant their part, to staff the class."""
    visit = visits.current()
    if visit.is_staff:
        return staff.dashboard()
    if visit.role is Role.DESIGNER:
        return go("settings")
    session = db.session()
    now = situation(visit)
    members = people.members(session, visit, {one.person_id for p in now.pairs for one in p.people})
    return render_template(
        "teaching/home.html",
        next=guidance.next_part(visit, members, now),
        steps=guidance.steps(visit, members, now),
        situation=now,
        may_withdraw=now.sign_up is not None
        and (not now.pairs or any(one.live for one in now.pairs)),
    )


@pages.get("/sign-up")
@policy.allow(policy.LEARNERS)
def sign_up_page() -> Answer:
    """Show the topics to choose from."""
    session, visit = db.session(), visits.current()
    mine = queries.sign_up(session, visit)
    stands = mine is not None and mine.withdrawn_at is None
    fields = {}
    if mine is not None and stands:
        fields = {
            "teach": str(mine.teach_id or forms.ANY), "learn": str(mine.learn_id or forms.ANY),
        }  # fmt: skip
    return _sign_up(fields)


@pages.post("/sign-up")
@policy.allow(policy.LEARNERS)
def sign_up() -> Answer:
    """Sign up, or change what one signed up for; a refusal shows the choice again."""
    try:
        teach, learn = forms.wishes(request.form)
        service.sign_up(db.session(), visits.current(), teach, learn)
    except Invalid as refused:
        return _sign_up(dict(request.form), refused.fields), refused.status
    except NotAllowed as refused:
        return _sign_up(dict(request.form), {"": refused.message}), refused.status
    return go("home", "signed_up")


@pages.post("/match-me")
@policy.allow(policy.LEARNERS)
def match_me() -> Answer:
    """Sign up without a wish, or give up the wish to learn one topic."""
    session, visit = db.session(), visits.current()
    mine = queries.sign_up(session, visit)
    teach = mine.teach_id if mine and mine.withdrawn_at is None else None
    service.sign_up(session, visit, teach, None)
    return go("home", "signed_up")


@pages.post("/withdraw")
@policy.allow(policy.LEARNERS)
def withdraw() -> Answer:
    """Leave the activity; partners are given somebody else."""
    service.withdraw(db.session(), visits.current())
    return go("home", "withdrawn")


@pages.get("/results")
@policy.allow(policy.LEARNERS)
def results() -> Answer:
    """Show what the visitor gained, what others said, and how the scores come about."""
    session, visit = db.session(), visits.current()
    mine = queries.sign_up(session, visit)
    told = [one for one in queries.pairs(session, visit, [visit.person.id])
            if one.standing and one.part(visit.person.id)]  # fmt: skip
    missed = queries.absences(session, visit).get(visit.person.id, 0)
    return render_template(
        "teaching/results.html",
        learnt=[
            {
                "pair": pair,
                "before": pair.answers.get((visit.person.id, Moment.BEFORE)),
                "after": pair.answers.get((visit.person.id, Moment.AFTER)),
            }
            for pair in told
            if pair.explainer.person_id != visit.person.id
        ],
        ratings=[one for pair in told for one in _received(visit, pair)],
        scores=scores.of_person(session, visit, visit.person.id),
        duties=grading.duties(mine, told, missed) if mine else [],
        released=visit.activity.released_at,
    )


def situation(visit: Visit) -> Situation:
    """Return where the visitor stands."""
    session = db.session()
    mine = queries.sign_up(session, visit)
    told = queries.pairs(session, visit, [visit.person.id])
    return Situation(
        sign_up=mine if mine and mine.withdrawn_at is None else None,
        pairs=[one for one in told if one.standing and one.part(visit.person.id)],
        windows=phases.windows(session, visit),
        begun=bool(told) or matching.begun(session, visit),
    )


def _received(visit: Visit, pair: Pair) -> list[dict[str, object]]:
    """Return what others said of the visitor in a pair, once both have rated each other."""
    session, me = db.session(), visit.person.id
    part = pair.part(me)
    assert part is not None  # the caller left out pairs without the visitor
    members = people.members(session, visit, [one.person_id for one in pair.people])
    rubrics = feedback.rubrics(session, visit.activity)
    found: list[dict[str, object]] = []
    raters = pair.listeners if part.id == pair.explainer.id else [pair.explainer]
    for rater in raters:
        given = pair.ratings.get((rater.person_id, part.id))
        both = pair.rated_both(part, rater.person_id)
        rubric = rubrics.get(given.rubric_id) if given and given.rubric_id else None
        found.append(
            {
                "pair": pair,
                "by": names(members, [rater]),
                "both": both,
                "given": given is not None,
                "criteria": rubric_rows(rubric.parsed) if both and rubric else [],
                "marks": given.marks if both and given else {},
                "share": given.share if both and given else None,
                "html": Markup(given.html) if both and given else "",  # noqa: S704 - text.render
            }
        )
    return found


def _sign_up(fields: dict[str, str], faults: dict[str, str] | None = None) -> str:
    session, visit = db.session(), visits.current()
    listed = list(queries.topics(session, visit))
    teach, learn = queries.chosen(session, visit)
    now = situation(visit)
    return render_template(
        "teaching/sign_up.html",
        fields=fields,
        errors=[(name or None, sentence) for name, sentence in (faults or {}).items()],
        faults=faults or {},
        topics=listed,
        full=service.full(session, visit, listed),
        teach_counts=teach,
        learn_counts=learn,
        situation=now,
        window=phases.windows(session, visit).get(SIGN_UP, Window()),
        settled_teach=next((p.topic for p in now.teaches(visit.person.id)), None),
        settled_learn=next((p.topic for p in now.learns(visit.person.id)), None),
        any=forms.ANY,
    )
