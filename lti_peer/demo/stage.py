"""What the demo plays with: the LMS, the tool's address and database, and the way to invite it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.core.models import Activity, Course
from lti_peer.demo.classroom.seat import Seat
from lti_peer.demo.platform.browser import LmsBrowser
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.model import ResourceLink
from lti_peer.peerwork.phases import Phase


@dataclass(frozen=True)
class Stage:
    """The parts that everybody in the demo knows."""

    lms: Lms
    tool_url: str
    database: Database
    """The tool's: the demo moves its people's clock and reads its learning records."""
    invite: Callable[[], str]
    """Returns a fresh registration address of the tool, to be pasted into the LMS."""

    def browser(self, person_id: str) -> LmsBrowser:
        """Return a browser of somebody in the LMS; the caller closes it."""
        return LmsBrowser(self.lms.url, person_id)

    def seat(self, person_id: str) -> Seat:
        """Return a seat of somebody in the LMS; the caller leaves it."""
        return Seat(self.lms.url, person_id)

    def links(self, kind: str) -> list[ResourceLink]:
        """Return the activities of one kind in the course."""
        with self.database.transaction(read_only=True) as session:
            kinds = {
                str(row.id): row.kind for row in session.execute(select(Activity.id, Activity.kind))
            }
        return [one for one in self.lms.links if kinds.get(one.custom.get("activity", "")) == kind]

    def now(self) -> datetime:
        """Return the clock that the class goes by."""
        with self.database.transaction(read_only=True) as session:
            return db.people_now(session)

    def next_date(self) -> datetime | None:
        """Return when the next phase of an activity opens, is due or closes; None: never."""
        with self.database.transaction(read_only=True) as session:
            now = db.people_now(session)
            dates = session.execute(
                select(Phase.opens_at, Phase.due_at, Phase.closes_at)
                .join(Activity, Activity.id == Phase.activity_id)
                .join(Course, Course.id == Activity.course_id)
                .where(Course.sandbox_of.is_(None))
            ).all()
        return min((at for row in dates for at in row if at is not None and at > now), default=None)

    def move(self, by: timedelta) -> None:
        """Move the clock of the class; deliveries and launches keep the real one."""
        self.database.shift += by
