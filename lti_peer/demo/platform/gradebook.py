"""The grade book: columns, every score that was ever accepted, and the grade that follows."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from threading import RLock

from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.model import Grade, LineItem, Score
from lti_peer.demo.platform.profile import Profile
from lti_peer.demo.platform.profiles import PLAIN

FULLY_GRADED = "FullyGraded"


class GradeBook:
    """Columns and scores. Safe with threads.

    A grade is never stored: it is computed from the last score and the column's present maximum.
    """

    def __init__(self, profile: Profile = PLAIN) -> None:
        """Begin without columns; `profile` says how scores are judged."""
        self._profile = profile
        self._whole_seconds = profile.whole_seconds
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

        Raises KeyError for an unknown column, ProtocolError for an old or equal timestamp, with
        the status of the profile, and 422 when the learner has no attempt left.
        """
        with self._lock:
            column = self.column(score.line_item_id)
            past = self._scores.setdefault((score.line_item_id, score.person_id), [])
            if past and self._whole(score.at) <= self._kept(column, past[-1]):
                raise ProtocolError(
                    *self._profile.older,
                    f"The score of {score.at.isoformat()} is not newer than the one of "
                    f"{past[-1].at.isoformat()}.",
                )
            if score.attempt:
                self._demand_attempt(sum(each.attempt for each in past) + 1)
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
        score clears the grade, as in Moodle, or is not looked at, by the profile. Points above
        the maximum are cut.

        Raises KeyError for an unknown column.
        """
        with self._lock:
            column = self.column(line_item_id)
            past = self._scores.get((line_item_id, person_id), [])
        looked_at = past[-1:] if self._profile.clears else [each for each in past if _final(each)]
        if not looked_at or not _final(looked_at[-1]):
            return None
        last = looked_at[-1]
        if last.given is None or not last.maximum:
            return None
        points = column.maximum * min(last.given / last.maximum, 1.0)
        return Grade(points=points, comment=last.comment, at=last.at)

    def _demand_attempt(self, used: int) -> None:
        if self._profile.attempts is not None and used > self._profile.attempts:
            raise ProtocolError(422, "no_attempt_left", "This learner has no attempt left.")

    def _kept(self, column: LineItem, score: Score) -> datetime:
        """Return the time that is kept of a score, which the next one must exceed."""
        arrived = self._profile.keeps_arrival and column.link_id is not None
        return self._whole(score.received_at if arrived else score.at)

    def _whole(self, at: datetime) -> datetime:
        return at.replace(microsecond=0) if self._whole_seconds else at


def _final(score: Score) -> bool:
    return score.grading_progress == FULLY_GRADED and score.given is not None
