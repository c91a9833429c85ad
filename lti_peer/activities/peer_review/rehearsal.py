"""A peer review that is tried in a sandbox: what the made-up people of it do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.kind import Rehearsal, Stage
from lti_peer.activities.peer_review import queries, revising, service
from lti_peer.activities.peer_review.settings import LOOK, REVIEW, REVISE, SUBMIT
from lti_peer.core.models import Person
from lti_peer.core.visit import Visit
from lti_peer.peerwork import allocations, feedback, phases, submissions
from lti_peer.peerwork.allocations import LIVE
from lti_peer.peerwork.feedback import Feedback, Rubric, Said, Target
from lti_peer.peerwork.submissions import Submission
from lti_peer.rules.phases import Window
from lti_peer.web import text

POLICY: Final = "rehearsal@1"
SPARE: Final = 2
"""Made-up people beyond the reviews that each work gets, so that there is a choice."""
TEXT: Final = (
    "*Synthetic text {}, written by nobody.*\n\nMy claim is that **short practice on several "
    "days** does more than one long evening. First, what is recalled after a pause is kept longer. "
    "Second, a pause shows what has been forgotten. I have no source for the second point yet."
)
SAYINGS: Final = (
    "*Synthetic review.* The claim is clear and comes first. Name a source for the second reason.",
    "*Synthetic review.* Both reasons fit. An example of your own would make the first stronger.",
    "*Synthetic review.* It reads easily. Say for whom the claim does not hold.",
)
REVISION: Final = TEXT.format("(revised)") + " The second point now has one: a made-up study."
NOTE: Final = "Synthetic note: I named a source, as two reviewers had asked."
SEEN: Final = "*Synthetic second look.* The source is there now."
THANKS: Final = "Synthetic answer: your second point showed me what to change."


def stages(visit: Visit) -> tuple[Stage, ...]:
    """Return what can be tried: with a second look where authors may revise."""
    settings, start = (
        queries.settings(visit),
        (
            Stage("submit", "Hand in"),
            Stage("review", "Review", lambda dates: dates.get(REVIEW, Window()).opens),
        ),
    )
    if not settings.revise:
        return (*start, Stage("feedback", "Read feedback", lambda dates: _end(dates, REVIEW)))
    return (
        *start,
        Stage("feedback", "Read and revise", lambda dates: _end(dates, REVIEW)),
        Stage("look", "Look again", lambda dates: dates.get(LOOK, Window()).opens),
        Stage("score", "See the score", lambda dates: _end(dates, LOOK)),
    )


def _end(dates: Mapping[str, Window], key: str) -> datetime | None:
    window = dates.get(key, Window())
    return window.closes or window.due


def cast(visit: Visit) -> int:
    """Return how many made-up people there are: enough to review and to be reviewed."""
    return queries.settings(visit).reviews + SPARE


def play(session: Session, visit: Visit, people: Collection[Person]) -> None:
    """Let people hand in, review the visitor's work, and answer to the visitor's reviews.

    They say whether those helped, and where work is revised, they revise and look again. Whoever
    has done it, or may not do it now, does nothing. If the visitor is among `people`, they act too.
    """
    _hand_in(session, visit, people)
    others = [one for one in people if one.id != visit.person.id]
    work = submissions.own(session, visit)
    window = phases.dates(session, visit.activity).get(REVIEW, Window())
    if work is not None and window.admits(visit.now):
        _review(session, visit, others, work)
        if len(others) < len(people):
            _review_others(session, visit)
    sent = _sent(session, visit)
    _thank(session, visit, others, sent)
    if queries.settings(visit).revise:
        _revise(session, visit, [one for one in people if one not in others or one.id in sent])
        _look_again(session, visit, people)


def _hand_in(session: Session, visit: Visit, people: Collection[Person]) -> None:
    if not phases.dates(session, visit.activity).get(SUBMIT, Window()).admits(visit.now):
        return
    authors = {one.author_id for one in submissions.of(session, visit)}
    for number, one in enumerate(people, 1):
        if one.id not in authors:
            source = TEXT.format(number)
            words = text.words(source)
            service.hand_in(
                session, replace(visit, person=one), source, str(text.render(source)), words
            )


def _review(session: Session, visit: Visit, others: Sequence[Person], work: Submission) -> None:
    """Let as many review the visitor's work as the settings want."""
    rubric = feedback.rubric(session, visit.activity)
    if rubric is None:
        return
    before = {one.author_id for one in queries.received(session, visit, work)}
    missing = queries.settings(visit).reviews - len(before)
    reason = {"policy": POLICY, "rubric": str(rubric.id)}
    for number, one in enumerate([one for one in others if one.id not in before][:missing]):
        theirs = replace(visit, person=one)
        duty = allocations.claim(
            session, theirs, queries.PURPOSE, [work.id],
            role=queries.REVIEWER, lease=service.LEASE, reason=reason,
        )  # fmt: skip
        if duty is not None:
            service.give_review(session, theirs, duty.id, _said(rubric, number))


def _review_others(session: Session, visit: Visit) -> None:
    """Let the visitor write the reviews that they still owe."""
    so_far = service.progress(session, visit)
    for number in range(so_far.given, so_far.owed):
        duty = service.take_review(session, visit)
        if duty is None:
            return
        rubric = queries.rubric_of(session, visit, duty)
        service.give_review(session, visit, duty.id, _said(rubric, number))


def _said(rubric: Rubric, number: int) -> Said:
    """Return a filled rubric: the best levels, and the next to them, in turns."""
    marks = {
        one.key: one.levels[-1 - (number + place) % 2].points
        for place, one in enumerate(rubric.parsed)
    }
    words = SAYINGS[number % len(SAYINGS)]
    return Said(marks, words, str(text.render(words)), text.words(words))


def _sent(session: Session, visit: Visit) -> dict[UUID, Feedback]:
    """Return the visitor's reviews by whose work they are about."""
    found = feedback.by(session, visit, visit.person.id, Target.SUBMISSION)
    return {submissions.one(session, visit, one.target_id).author_id: one for one in found}


def _thank(
    session: Session, visit: Visit, others: Sequence[Person], sent: Mapping[UUID, Feedback]
) -> None:
    """Let the authors whom the visitor has reviewed answer, once they may read their feedback."""
    answered = queries.ratings(session, visit, list(sent.values()))
    for author in [one for one in others if one.id in sent and sent[one.id].id not in answered]:
        theirs = replace(visit, person=author)
        if service.feedback_is_open(session, theirs):
            said = Said({"helpful": 2}, THANKS, "", text.words(THANKS))
            service.rate_review(session, theirs, sent[author.id], said)


def _revise(session: Session, visit: Visit, authors: Collection[Person]) -> None:
    """Let authors whose work has been reviewed revise it."""
    if not phases.dates(session, visit.activity).get(REVISE, Window()).admits(visit.now):
        return
    for one in authors:
        theirs = replace(visit, person=one)
        work = submissions.own(session, theirs)
        if work and work.revised_at is None and queries.received(session, theirs, work):
            written = (REVISION, str(text.render(REVISION)), text.words(REVISION))
            revising.hand_in(session, theirs, written, NOTE)


def _look_again(session: Session, visit: Visit, people: Collection[Person]) -> None:
    """Let people look at the revisions that they are asked to: every level is the best now."""
    if not phases.dates(session, visit.activity).get(LOOK, Window()).admits(visit.now):
        return
    for one in people:
        theirs = replace(visit, person=one)
        for duty in allocations.mine(session, theirs, queries.SECOND_LOOK):
            if duty.state in LIVE:
                rubric = queries.rubric_of(session, theirs, duty)
                marks = {each.key: each.levels[-1].points for each in rubric.parsed}
                words = text.words(SEEN)
                said = Said(marks, SEEN, str(text.render(SEEN)), words)
                revising.look(session, theirs, duty.id, said)


REHEARSAL: Final = Rehearsal(stages, cast, play)
"""How it is tried."""
