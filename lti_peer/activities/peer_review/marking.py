"""What a work is worth: from its reviews, and from second looks at its revision."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.activities.peer_review import queries, rules, statements
from lti_peer.core.visit import Visit
from lti_peer.peerwork import scores
from lti_peer.peerwork.feedback import Feedback
from lti_peer.peerwork.submissions import Submission
from lti_peer.rules import scoring
from lti_peer.rules.scoring import Estimate

WORK: Final = "work"
ESTIMATE: Final[scoring.Estimator] = scoring.mean


@dataclass(frozen=True)
class Both:
    """What a work is worth as it was first handed in, and as it was revised."""

    first: Estimate
    final: Estimate | None
    """The same reviewers, each with the marks that they gave last; None without a second look."""
    counted: Estimate
    """The one that is the score."""


def score(session: Session, visit: Visit, submission: Submission) -> None:
    """Score a submission from the reviews that stand, and post it once grades are released."""
    found = both(session, visit, submission)
    if found is None:
        return
    author = submission.author_id
    standing = scores.of_person(session, visit, author).get(WORK)
    kept = scores.keep(session, visit, author, WORK, found.counted, standing)
    if visit.activity.released_at is not None:
        statements.scored(session, visit, submission.author, kept)


def both(session: Session, visit: Visit, submission: Submission) -> Both | None:
    """Return what a work is worth before and after its revision; None without a review."""
    settings = queries.settings(visit)
    reviews = queries.received(session, visit, submission)
    first = _estimate(submission.id, reviews)
    if first is None:
        return None
    again = {
        one.author_id: one
        for one in (queries.looks(session, visit, submission) if submission.revised_at else ())
    }
    last = [again.get(one.author_id, one) for one in reviews]
    final = _estimate(submission.id, last) if again else None
    return Both(first, final, rules.counts(first, final, settings.counted))


def _estimate(subject: UUID, reviews: Sequence[Feedback]) -> Estimate | None:
    found = [
        scoring.Review(one.id, subject, one.author_id, one.share)
        for one in reviews
        if one.share is not None
    ]
    return ESTIMATE(found).get(subject)
