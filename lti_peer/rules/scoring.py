"""From reviews to a score with its interval: the interface that every estimator fills."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from uuid import UUID

T_90 = {1: 6.314, 2: 2.920, 3: 2.353, 4: 2.132, 5: 2.015, 6: 1.943, 7: 1.895, 8: 1.860, 9: 1.833}
"""Student's t, two-sided 90 %, by degrees of freedom; beyond nine the normal's 1.645 is close."""
NORMAL_90 = 1.645


@dataclass(frozen=True)
class Review:
    """One reviewer's judgement of one submission as a share of the maximum, 0 to 1."""

    id: UUID
    subject: UUID
    reviewer: UUID
    share: float


@dataclass(frozen=True)
class Estimate:
    """A score with its 90 % interval, all shares from 0 to 1, and how it came about.

    `low` and `high` are None when there are too few reviews to say. `weights` maps a review's id
    to its weight; they add up to 1.
    """

    share: float
    low: float | None
    high: float | None
    weights: Mapping[UUID, float]
    method: str

    @property
    def count(self) -> int:
        """How many reviews it rests on."""
        return len(self.weights)


Estimator = Callable[[Sequence[Review]], dict[UUID, Estimate]]
"""Takes all reviews of one activity and returns an estimate for each reviewed subject."""


def mean(reviews: Sequence[Review]) -> dict[UUID, Estimate]:
    """Return the plain mean of each subject's reviews, with Student's 90 % interval for n >= 3.

    Two reviews say too little about their spread to show one (features.md 3.3, item 24).
    """
    by_subject: dict[UUID, list[Review]] = defaultdict(list)
    for review in reviews:
        by_subject[review.subject].append(review)
    return {subject: _mean(found) for subject, found in by_subject.items()}


def _mean(reviews: Sequence[Review]) -> Estimate:
    shares = sorted(review.share for review in reviews)  # sorted: the same digits in any order
    count, centre = len(shares), fmean(shares)
    low = high = None
    if count >= 3:  # noqa: PLR2004 - see mean
        reach = T_90.get(count - 1, NORMAL_90) * stdev(shares) / count**0.5
        low, high = max(0.0, centre - reach), min(1.0, centre + reach)
    return Estimate(centre, low, high, {r.id: 1 / count for r in reviews}, "mean@1")
