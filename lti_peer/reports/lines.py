"""Activities as lines of a table, those of a course or the runs of one: columns that they share."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from lti_peer.core.models import Activity
from lti_peer.reports.counts import Counts
from lti_peer.reports.shape import Column, Sort, Table, Value
from xapi.vocabulary import KINDS

STAGES: Final = {
    "opened": "Opened",
    "handed_in": "Handed in",
    "tasked": "Tasked",
    "reviewed": "Reviewed",
    "met": "Met",
    "rated": "Rated",
    "revised": "Revised",
    "completed": "All done",
}
"""As `taking_part.stages` counts them, but for signing up."""


def lines(
    found: Sequence[Activity],
    reached: Counts,
    work: Mapping[UUID, tuple[int, float | None]],
    marks: Mapping[UUID, Mapping[str, float]],
) -> Table:
    """Return a line for each activity, with the stages that somebody reached in any."""
    used = [key for key in STAGES if any(reached[one.id].get(key) for one in found)]
    components = sorted({component for mine in marks.values() for component in mine})
    rows: list[tuple[Value, ...]] = [
        (
            one.title, number, KINDS[one.kind].name if one.kind in KINDS else one.kind,
            *(reached[one.id].get(key, 0) for key in used), *work.get(one.id, (0, None)),
            *(marks[one.id].get(component) for component in components),
        )
        for number, one in enumerate(found, 1)
    ]  # fmt: skip
    columns = (
        Column("activity", "Activity", Sort.TEXT), Column("number", "No."),
        Column("kind", "Kind", Sort.TEXT),
        *(Column(key, STAGES[key]) for key in used), Column("given", "Given"),
        Column("words", "Words each", Sort.NUMBER),
        *(Column(f"score_{c}", f"Mean score: {c}", Sort.POINTS) for c in components),
    )  # fmt: skip
    return Table(columns, rows)
