"""A peer review that is tried in a sandbox: what the made-up people of it do."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from lti_peer.activities.kind import Rehearsal, Stage
from lti_peer.activities.peer_review import queries, service
from lti_peer.activities.peer_review.settings import REVIEW, SUBMIT
from lti_peer.core.models import Person
from lti_peer.core.visit import Visit
from lti_peer.peerwork import allocations, feedback, phases, submissions
from lti_peer.peerwork.feedback import Rubric, Said, Target
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
THANKS: Final = "Synthetic answer: your second point showed me what to change."


def cast(visit: Visit) -> int:
    """Return how many made-up people there are: enough to review and to be reviewed."""
    return queries.settings(visit).reviews + SPARE


def play(session: Session, visit: Visit, people: Collection[Person]) -> None:
    """Let people hand in, review the visitor's work, and say whether the visitor's reviews helped.

    Whoever has done it, or may not do it now, does nothing. If the visitor is among `people`, they
    review as well.
    """
    _hand_in(session, visit, people)
    others = [one for one in people if one.id != visit.person.id]
    work = submissions.own(session, visit)
    window = phases.dates(session, visit.activity).get(REVIEW, Window())
    if work is not None and window.admits(visit.now):
        _review(session, visit, others, work)
        if len(others) < len(people):
            _review_others(session, visit)
    _thank(session, visit, others)


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


def _thank(session: Session, visit: Visit, others: Sequence[Person]) -> None:
    """Let the authors whom the visitor has reviewed answer, once they may read their feedback."""
    people = {one.id: one for one in others}
    sent = feedback.by(session, visit, visit.person.id, Target.SUBMISSION)
    answered = queries.ratings(session, visit, sent)
    for review in [one for one in sent if one.id not in answered]:
        author = people.get(submissions.one(session, visit, review.target_id).author_id)
        if author is not None and service.feedback_is_open(session, replace(visit, person=author)):
            said = Said({"helpful": 2}, THANKS, "", text.words(THANKS))
            service.rate_review(session, replace(visit, person=author), review, said)


REHEARSAL: Final = Rehearsal(
    stages=(
        Stage("submit", "Hand in"),
        Stage("review", "Review", lambda dates: dates.get(REVIEW, Window()).opens),
        Stage(
            "feedback",
            "Read feedback",
            lambda dates: dates.get(REVIEW, Window()).closes or dates.get(REVIEW, Window()).due,
        ),
    ),
    cast=cast,
    play=play,
)
"""How it is tried."""
