"""What follows feedback: an author revises, and the same reviewers look again."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.peer_review import queries, service, statements
from lti_peer.activities.peer_review.queries import REVIEWER, SECOND_LOOK
from lti_peer.activities.peer_review.settings import LOOK, REVISE
from lti_peer.core import queries as people
from lti_peer.core.errors import Conflict, Invalid, NotAllowed
from lti_peer.core.visit import Visit
from lti_peer.peerwork import allocations, feedback, phases, submissions
from lti_peer.peerwork.allocations import Allocation, AllocationState
from lti_peer.peerwork.feedback import Feedback, Said, Target
from lti_peer.peerwork.submissions import Submission

POLICY: Final = "same-reviewers@1"
DRAFT: Final = "revision"
"""Where the draft of a revision is kept."""


def demand(session: Session, visit: Visit) -> Submission:
    """Return the visitor's work if it may be revised now; else raise NotAllowed."""
    if not queries.settings(visit).revise:
        raise NotAllowed("Work is not revised in this activity.")
    submission = service.demand_feedback(session, visit)
    phases.demand(session, visit, REVISE, "Revising")
    if not queries.received(session, visit, submission):
        raise NotAllowed("Nobody has reviewed your work, so there is nothing to revise it by.")
    _demand_unseen(session, submission)
    return submission


def hand_in(
    session: Session, visit: Visit, text: tuple[str, str, int], note: str = ""
) -> Submission:
    """Keep a revision of the visitor's work, and ask its reviewers for a second look.

    `text` is the Markdown, its HTML and its words; `note` says what changed. The version that was
    reviewed stays as it was. Raises NotAllowed when revising is closed, and Invalid for the very
    text that was reviewed.
    """
    submission = demand(session, visit)
    _take_turn(session, submission)
    _demand_unseen(session, submission)  # once more: a look that began just now has let go
    if text[0].strip() == submission.judged.source.strip():
        raise Invalid("This is the text that was reviewed. Change something before you hand it in.")
    if submissions.revise(session, visit, submission, text, note):
        statements.handed_in(session, visit, submission)
        _ask_again(session, visit, submission)
    submissions.drop_draft(session, visit, DRAFT)
    return submission


def begin_look(session: Session, visit: Visit, allocation: Allocation) -> None:
    """Note that the visitor has begun a second look; raises NotAllowed when it is closed."""
    phases.demand(session, visit, LOOK, "Looking again")
    queries.turn_on(session, queries.reviewed(session, visit, allocation))
    allocations.start(session, visit, allocation)


def look(
    session: Session, visit: Visit, allocation_id: UUID, said: Said, *, seen: int | None = None
) -> Feedback:
    """Keep what the visitor says of a revision, and score the work afresh.

    A second one replaces the first until looking again closes. Raises NotFound when it is not
    theirs, NotAllowed when it is closed, KeyError or ValueError for marks that cannot be, and
    Conflict when the author, who had more time, has revised since the version `seen`.
    """
    allocation = queries.own_review(session, visit, allocation_id, SECOND_LOOK)
    phases.demand(session, visit, LOOK, "Looking again")
    submission = queries.reviewed(session, visit, allocation)
    _take_turn(session, submission)
    if seen not in {None, submission.newest.number}:
        raise Conflict(
            "The author has revised the text once more. Look at it before you send this."
        )
    return service.keep_review(session, visit, allocation, submission, said, Target.REVISION)


def first_review(session: Session, visit: Visit, submission: Submission) -> Feedback | None:
    """Return what the visitor said of the version that was reviewed."""
    return feedback.latest_by(session, visit, Target.SUBMISSION, submission.id)


def _take_turn(session: Session, submission: Submission) -> None:
    """Wait until nobody else is revising or scoring the submission; then it is as they left it."""
    queries.turn_on(session, submission)
    session.refresh(submission, ["versions", "revised_at"])


def _demand_unseen(session: Session, submission: Submission) -> None:
    """Raise NotAllowed when somebody has begun to look at the revision."""
    if set(queries.looks_asked(session, submission).values()) - {AllocationState.OFFERED}:
        raise NotAllowed(
            "Somebody has begun to look at your revision, so it cannot be changed any more.",
            code="work_in_use",
        )


def _ask_again(session: Session, visit: Visit, submission: Submission) -> None:
    """Ask everybody whose review stands, and who has not been asked; who has left is not asked."""
    asked = queries.looks_asked(session, submission)
    reviews = queries.received(session, visit, submission)
    there = people.members(session, visit, [one.author_id for one in reviews])
    for one in reviews:
        member = there.get(one.author_id)
        if member is None or not member.active or one.author_id in asked:
            continue
        made = allocations.match(
            session, visit, SECOND_LOOK, submission.id, {one.author_id: REVIEWER},
            reason={"policy": POLICY, "rubric": str(one.rubric_id)},
        )  # fmt: skip
        statements.was_assigned(session, visit, made, member.person)
