"""The page of one meeting, for those who meet: check, time, and what each says of the other."""

from typing import Any
from uuid import UUID

from flask import render_template, request

from lti_peer.activities.teaching import appointments, forms, guidance, queries, service
from lti_peer.activities.teaching.models import Moment
from lti_peer.activities.teaching.pages import Answer, names, pages
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.settings import EXPLAINER
from lti_peer.core import db
from lti_peer.core import queries as people
from lti_peer.core.errors import Invalid, NotFound
from lti_peer.peerwork import feedback
from lti_peer.peerwork.feedback import Target
from lti_peer.web import identity, policy, text, visits
from lti_peer.web.answers import go
from lti_peer.web.rubrics import rubric_rows

MOST_WORDS = 1_000


@pages.get("/meetings/<uuid:allocation_id>")
@policy.allow(policy.LEARNERS)
def meeting_page(allocation_id: UUID) -> Answer:
    """Show one pair to one of its members: what to do now, and all that is settled."""
    return _page(allocation_id)


@pages.post("/meetings/<uuid:allocation_id>/check")
@policy.allow(policy.LEARNERS)
def check(allocation_id: UUID) -> Answer:
    """Keep the answer to the check question."""
    try:
        option = forms.option(request.form)
        service.answer(db.session(), visits.current(), allocation_id, option)
    except Invalid as refused:
        return _page(allocation_id, faults=refused.fields), refused.status
    return go("meeting_page", "checked", allocation_id=allocation_id)


@pages.post("/meetings/<uuid:allocation_id>/propose")
@policy.allow(policy.LEARNERS)
def propose(allocation_id: UUID) -> Answer:
    """Propose a time and a place; a refusal shows the page again with all that was typed."""
    visit = visits.current()
    try:
        sent = forms.proposal(request.form, visit.zone)
        appointments.propose(
            db.session(), visit, allocation_id, sent.starts_at, sent.minutes, sent.place
        )
    except Invalid as refused:
        return _page(allocation_id, dict(request.form), refused.fields), refused.status
    return go("meeting_page", "proposed", allocation_id=allocation_id)


@pages.post("/meetings/<uuid:allocation_id>/part")
@policy.allow(policy.LEARNERS)
def part(allocation_id: UUID) -> Answer:
    """Ask for another partner."""
    reason, words = request.form.get("reason", ""), request.form.get("words", "")[:MOST_WORDS]
    try:
        appointments.part_ways(db.session(), visits.current(), allocation_id, reason, words)
    except Invalid as refused:
        return _page(allocation_id, dict(request.form), refused.fields), refused.status
    return go("home", "parted")


@pages.post("/times/<uuid:meeting_id>/confirm")
@policy.allow(policy.LEARNERS)
def confirm(meeting_id: UUID) -> Answer:
    """Agree to the proposed time."""
    found = appointments.confirm(db.session(), visits.current(), meeting_id)
    return go("meeting_page", "confirmed", allocation_id=found.allocation_id)


@pages.post("/times/<uuid:meeting_id>/cancel")
@policy.allow(policy.LEARNERS)
def call_off(meeting_id: UUID) -> Answer:
    """Call the meeting off."""
    found = appointments.call_off(db.session(), visits.current(), meeting_id)
    return go("meeting_page", "called_off", allocation_id=found.allocation_id)


@pages.post("/times/<uuid:meeting_id>/held")
@policy.allow(policy.LEARNERS)
def held(meeting_id: UUID) -> Answer:
    """Say that the meeting took place."""
    found = appointments.hold(db.session(), visits.current(), meeting_id)
    return go("meeting_page", "held", allocation_id=found.allocation_id)


@pages.post("/times/<uuid:meeting_id>/missed")
@policy.allow(policy.LEARNERS)
def missed(meeting_id: UUID) -> Answer:
    """Say that the meeting did not take place, and whether the visitor was there."""
    was_there = request.form.get("who") == "me"
    found = appointments.miss(db.session(), visits.current(), meeting_id, i_was_there=was_there)
    told = queries.pair(db.session(), visits.current(), found.allocation_id)
    if not told.standing:
        return go("home", "parted")
    return go("meeting_page", "missed", allocation_id=found.allocation_id)


@pages.get("/meetings/<uuid:allocation_id>/rate/<uuid:part_id>")
@policy.allow(policy.LEARNERS)
def rate_page(allocation_id: UUID, part_id: UUID) -> Answer:
    """Show the short rubric for somebody whom the visitor has met."""
    before = feedback.latest_by(db.session(), visits.current(), Target.PERSON, part_id)
    return _rating(allocation_id, part_id, before.marks if before else {},
                   before.comment if before else "")  # fmt: skip


@pages.post("/meetings/<uuid:allocation_id>/rate/<uuid:part_id>")
@policy.allow(policy.LEARNERS)
def rate(allocation_id: UUID, part_id: UUID) -> Answer:
    """Keep the rating; a refusal shows it again with all that was chosen and typed."""
    session, visit = db.session(), visits.current()
    pair, told = queries.around(session, visit, allocation_id)
    rated = next((one for one in pair.people if one.id == part_id), None)
    if rated is None:
        raise NotFound("You have not met this person here.")
    try:
        said = forms.rating(request.form, service.rubric_for(session, visit, rated.role).parsed)
    except Invalid as refused:
        marks = {
            name.removeprefix("mark-"): int(value)
            for name, value in request.form.items()
            if name.startswith("mark-") and value.isascii() and value.isdigit()
        }
        typed = request.form.get("comment", "")
        return _rating(allocation_id, part_id, marks, typed, refused.fields), refused.status
    service.rate(session, visit, pair, told, part_id, said)
    return go("meeting_page", "rated", allocation_id=allocation_id)


def _rating(
    allocation_id: UUID,
    part_id: UUID,
    marks: dict[str, Any],
    comment: str,
    faults: dict[str, str] | None = None,
) -> str:
    session, visit = db.session(), visits.current()
    pair = queries.pair(session, visit, allocation_id)
    rated = next((one for one in pair.to_rate(visit.person.id) if one.id == part_id), None)
    if rated is None or pair.held is None:
        raise NotFound("There is nobody to rate here yet.", advice="You rate after you have met.")
    rubric = service.rubric_for(session, visit, rated.role)
    return render_template(
        "teaching/rate.html",
        pair=pair,
        part=rated,
        explains=rated.role == EXPLAINER,
        name=names(people.members(session, visit, [rated.person_id]), [rated]),
        criteria=rubric_rows(rubric.parsed),
        marks=marks,
        comment=comment,
        faults=faults or {},
        errors=list((faults or {}).items()),
    )


def _page(
    allocation_id: UUID,
    fields: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> str:
    session, visit = db.session(), visits.current()
    pair = queries.pair(session, visit, allocation_id)
    minutes = str(queries.settings(visit).minutes)
    rubric = service.rubric_for(session, visit, EXPLAINER)
    return render_template(
        "teaching/meeting.html",
        pair=pair,
        me=visit.person.id,
        act=guidance.act(pair, visit.person.id, visit.now).name,
        explains=pair.explainer.person_id == visit.person.id,
        words=text.render(pair.topic.words),
        criteria=rubric_rows(rubric.parsed),
        before=pair.answers.get((visit.person.id, Moment.BEFORE)),
        after=pair.answers.get((visit.person.id, Moment.AFTER)),
        fields=fields if fields is not None else {"minutes": minutes},
        faults=faults or {},
        errors=list((faults or {}).items()),
        is_link=_is_link(pair.meeting.place) if pair.meeting else False,
        **_people(pair),
    )


def _people(pair: Pair) -> dict[str, Any]:
    """Return who meets, whom the check waits for beside the visitor, and whom they have to rate."""
    visit = visits.current()
    me, here = visit.person.id, [one.person_id for one in pair.people]
    members = people.members(db.session(), visit, here)
    waits = [
        one
        for one in pair.listeners
        if one.person_id != me and (one.person_id, Moment.BEFORE) not in pair.answers
    ]
    return {
        "others": names(members, pair.others(me)),
        "shown": [
            (one, identity.name_for(visit, members[one.person_id]))
            for one in pair.people
            if one.person_id in members
        ],
        "waits_for": names(members, waits) if waits else "",
        "unrated": [
            (one, names(members, [one]))
            for one in pair.to_rate(me)
            if (me, one.id) not in pair.ratings
        ],
    }


def _is_link(place: str) -> bool:
    """Return whether a place may be shown as a link: the address of a page, and nothing else."""
    return place.startswith(("https://", "http://")) and not any(map(str.isspace, place))
