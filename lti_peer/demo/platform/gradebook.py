"""The grade book: columns, every score that was ever accepted, and the grade that follows."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from threading import RLock

from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.model import Grade, LineItem, Score

FULLY_GRADED = "FullyGraded"


class GradeBook:
    """Columns and scores. Safe with threads.

    A grade is never stored: it is computed from the last score and the column's present maximum.
    `whole_seconds` compares timestamps as Moodle does.
    """

    def __init__(self, clock: Callable[[], datetime], *, whole_seconds: bool = False) -> None:
        """Begin without columns."""
        self._clock = clock
        self._whole_seconds = whole_seconds
        self._number = 0
        self._lock = RLock()
        self._columns: dict[str, LineItem] = {}
        self._scores: dict[tuple[str, str], list[Score]] = {}

    @property
    def columns(self) -> tuple[LineItem, ...]:
        """All columns, in the order in which they were made."""
        with self._lock:
            return tuple(self._columns.values())

    def column(self, line_item_id: str) -> LineItem:
        """Return one column. Raises KeyError."""
        with self._lock:
            return self._columns[line_item_id]

    def coupled(self, link_id: str) -> tuple[LineItem, ...]:
        """Return the columns of one activity."""
        return tuple(column for column in self.columns if column.link_id == link_id)

    def add(self, column: LineItem) -> LineItem:
        """Keep a new column and return it with its id; the id given is not looked at."""
        with self._lock:
            self._number += 1
            kept = replace(column, id=str(self._number))
            self._columns[kept.id] = kept
            return kept

    def change(self, column: LineItem) -> None:
        """Put this column in the place of the one with its id. Raises KeyError."""
        with self._lock:
            self.column(column.id)
            self._columns[column.id] = column

    def remove(self, line_item_id: str) -> None:
        """Drop a column with all its scores. Raises KeyError."""
        with self._lock:
            del self._columns[line_item_id]
            for key in [key for key in self._scores if key[0] == line_item_id]:
                del self._scores[key]

    def accept(self, score: Score) -> None:
        """Keep a score if it is newer than the last of this person in this column.

        Raises KeyError for an unknown column, ProtocolError 409 for an old or equal timestamp.
        """
        with self._lock:
            self.column(score.line_item_id)
            past = self._scores.setdefault((score.line_item_id, score.person_id), [])
            if past and self._time(score) <= self._time(past[-1]):
                raise ProtocolError(
                    409,
                    "timestamp_not_newer",
                    f"The score of {score.at.isoformat()} is not newer than the one of "
                    f"{past[-1].at.isoformat()}.",
                )
            past.append(score)

    def history(self, line_item_id: str, person_id: str | None = None) -> tuple[Score, ...]:
        """Return every accepted score of a column, or of one person in it, as they came."""
        with self._lock:
            found = [
                score
                for (column, person), scores in self._scores.items()
                if column == line_item_id and person_id in (None, person)
                for score in scores
            ]
        return tuple(sorted(found, key=lambda score: score.received_at))

    def restore(self, columns: Iterable[LineItem], scores: Iterable[Score]) -> None:
        """Take back, ids and all, what a snapshot kept; scores in the order of their coming."""
        with self._lock:
            self._columns = {column.id: column for column in columns}
            self._number = max(map(int, self._columns), default=0)
            self._scores = {}
            for score in scores:
                key = (score.line_item_id, score.person_id)
                self._scores.setdefault(key, []).append(score)

    def grade(self, line_item_id: str, person_id: str) -> Grade | None:
        """Return what stands in the grade book now.

        None without a score, and when the last one is not fully graded or has no points: such a
        score clears the grade, as in Moodle. Points above the maximum are cut.

        Raises KeyError for an unknown column.
        """
        with self._lock:
            column = self.column(line_item_id)
            past = self._scores.get((line_item_id, person_id))
        if not past:
            return None
        last = past[-1]
        if last.grading_progress != FULLY_GRADED or last.given is None or not last.maximum:
            return None
        points = column.maximum * min(last.given / last.maximum, 1.0)
        return Grade(points=points, comment=last.comment, at=last.at)

    def _time(self, score: Score) -> datetime:
        return score.at.replace(microsecond=0) if self._whole_seconds else score.at
