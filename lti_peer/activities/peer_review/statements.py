"""The sentences of a peer review. No names, no text: lengths, marks as shares, and versions.

The person whose work it is stands in no statement about a review (features.md 5.6, Y9): an author
who reads their own records cannot learn from them who reviewed.
"""

from sqlalchemy.orm import Session

from lti_peer.activities.peer_review import queries
from lti_peer.core.models import Person
from lti_peer.core.visit import Visit
from lti_peer.peerwork.allocations import Allocation
from lti_peer.peerwork.feedback import Feedback, Rubric, Target
from lti_peer.peerwork.scores import Score
from lti_peer.peerwork.statements import activity, part, say
from lti_peer.peerwork.submissions import Submission
from xapi.vocabulary import (
    ANONYMITY,
    ASSIGNMENT_ALGORITHM,
    COMPLETED,
    DECLINED_REVIEW,
    EXPERIENCED,
    FEEDBACK,
    FLAGGED,
    RATED,
    REVIEW,
    REVIEW_TASK,
    REVIEWED,
    REVIEWER_ROLE,
    REVISED,
    ROUND,
    RUBRIC_VERSION,
    SCORED,
    SUBMISSION,
    SUBMISSION_VERSION,
    SUBMITTED,
    WAS_ASSIGNED,
    WORD_COUNT,
    Extension,
)

HELPFUL_MAXIMUM = 2
"""The most points that an author gives to a review."""


def handed_in(session: Session, visit: Visit, submission: Submission) -> None:
    """Say: the visitor handed in the newest version of their work, or revised it by that."""
    version = submission.newest
    say(
        session, visit, REVISED if version.revision else SUBMITTED,
        part(visit, SUBMISSION, submission.id), submission.id, version.number,
        result_extensions={WORD_COUNT: version.words},
        context_extensions={SUBMISSION_VERSION: version.number},
    )  # fmt: skip


def was_assigned(
    session: Session, visit: Visit, allocation: Allocation, reviewer: Person | None = None
) -> None:
    """Say: the reviewer, by default the visitor, was given a review or second look to write."""
    say(
        session, visit, WAS_ASSIGNED, part(visit, REVIEW_TASK, allocation.id), allocation.id,
        person=reviewer,
        context_extensions={ASSIGNMENT_ALGORITHM: str(allocation.reason["policy"])},
    )  # fmt: skip


def declined(session: Session, visit: Visit, allocation: Allocation) -> None:
    """Say: the visitor gave a review back."""
    say(session, visit, DECLINED_REVIEW, part(visit, REVIEW_TASK, allocation.id), allocation.id)


def flagged(session: Session, visit: Visit, submission: Submission) -> None:
    """Say: the visitor called for a human to look at a piece of work."""
    say(
        session, visit, FLAGGED, part(visit, SUBMISSION, submission.id),
        submission.id, visit.person.id,
    )  # fmt: skip


def reviewed(session: Session, visit: Visit, given: Feedback, rubric: Rubric, version: int) -> None:
    """Say: the visitor reviewed this version of a submission, and gave it this share, 0 to 1.

    A second look says that it is of round 2.
    """
    again: dict[Extension, int] = {ROUND: 2} if given.target is Target.REVISION else {}
    say(
        session, visit, REVIEWED, part(visit, SUBMISSION, given.target_id), given.id,
        scaled=given.share,
        result_extensions={WORD_COUNT: given.words},
        context_extensions={
            **_how(visit), **again, REVIEWER_ROLE: "peer", RUBRIC_VERSION: rubric.version,
            SUBMISSION_VERSION: version,
        },
    )  # fmt: skip


def read_feedback(session: Session, visit: Visit, submission: Submission) -> None:
    """Say: the visitor read the feedback on their work."""
    say(session, visit, EXPERIENCED, part(visit, FEEDBACK, submission.id), submission.id)


def rated(session: Session, visit: Visit, review: Feedback, rating: Feedback) -> None:
    """Say: the visitor judged how helpful a review of their work was, 0 to 1."""
    say(
        session, visit, RATED, part(visit, REVIEW, review.allocation_id or review.id), rating.id,
        scaled=rating.marks["helpful"] / HELPFUL_MAXIMUM,
        result_extensions={WORD_COUNT: rating.words},
        context_extensions=_how(visit),
    )  # fmt: skip


def scored(session: Session, visit: Visit, person: Person, score: Score) -> None:
    """Say: the person earned this score, 0 to 1, in the activity."""
    say(
        session, visit, SCORED, activity(visit), score.id,
        person=person, scaled=score.share,
    )  # fmt: skip


def completed(session: Session, visit: Visit) -> None:
    """Say: the visitor has handed in and written every review that was asked of them."""
    say(
        session, visit, COMPLETED, activity(visit), visit.activity.id, visit.person.id,
        completion=True,
    )  # fmt: skip


def _how(visit: Visit) -> dict[Extension, str]:
    return {ANONYMITY: "double" if queries.settings(visit).blind else "open"}
