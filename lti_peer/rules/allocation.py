"""Who reviews what next: fewest expected reviews first (algorithms.md 4.2)."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

RECIPROCAL_PENALTY = 10.0
"""Two people who review each other are avoided while there is another way (algorithms.md 4.2)."""


@dataclass(frozen=True)
class Candidate:
    """A subject that may need another review.

    `wanted` is how many reviews it should get, `live` how many leases are open on it.
    """

    subject: UUID
    author: UUID
    wanted: int
    completed: int
    live: int

    def expected(self, no_show: float) -> float:
        """Return how many reviews it will have if a share `no_show` of open leases fails."""
        return self.completed + (1 - no_show) * self.live


def order(
    candidates: Sequence[Candidate],
    *,
    reviewer: UUID,
    reviewed_by: Collection[UUID],
    no_show: float,
    seed: str,
) -> list[Candidate]:
    """Return the candidates in the order in which they should be offered to `reviewer`.

    Own work is left out. `reviewed_by` holds the people who review the reviewer's own work,
    `no_show` is the share of leases that fail, 0 to 1. Ties are broken at random by `seed`.
    """
    dice = random.Random(f"{seed} {reviewer}")  # noqa: S311 - reproducible on purpose
    ranked = [
        (
            candidate.expected(no_show)
            + (RECIPROCAL_PENALTY if candidate.author in reviewed_by else 0.0),
            dice.random(),
            candidate,
        )
        for candidate in sorted(candidates, key=lambda c: c.subject)
        if candidate.author != reviewer
    ]
    return [candidate for _, _, candidate in sorted(ranked, key=lambda row: row[:2])]


def no_show_rate(completed: int, failed: int) -> float:
    """Return the running share of leases that fail, from a prior of one in ten of ten leases."""
    return (failed + 1) / (completed + failed + 10)
