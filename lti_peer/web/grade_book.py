"""The grade book, as every kind's page of grades has it: what is there, refused, stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.core import grades
from lti_peer.core.grades import Grade, GradeState
from lti_peer.core.visit import Visit


@dataclass(frozen=True)
class GradeBook:
    """How the grades of one activity stand in the LMS."""

    released: datetime | None
    stopped: bool
    known: Mapping[tuple[UUID, str], Grade]
    """By person and component."""

    def count(self, state: GradeState) -> int:
        """Return how many grades are in a state."""
        return sum(one.state is state for one in self.known.values())

    @property
    def refused(self) -> int:
        """How many the LMS refused for good."""
        return self.count(GradeState.REFUSED)

    @property
    def changed(self) -> int:
        """How many somebody changed in the LMS, so that ours are not sent."""
        return self.count(GradeState.CHANGED)


def read(session: Session, visit: Visit) -> GradeBook:
    """Return how the grades of the visit's activity stand."""
    return GradeBook(
        visit.activity.released_at,
        grades.is_stopped(session, visit.activity.id),
        {(one.person_id, one.component): one for one in grades.of(session, visit.activity)},
    )
