"""What the demo plays with: the LMS, the tool's address and database, and the way to invite it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.demo.platform.browser import LmsBrowser
from lti_peer.demo.platform.lms import Lms


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
        return LmsBrowser(self.lms.issuer, person_id)

    def now(self) -> datetime:
        """Return the clock that the class goes by."""
        with self.database.transaction(read_only=True) as session:
            return db.people_now(session)

    def move(self, by: timedelta) -> None:
        """Move the clock of the class; deliveries and launches keep the real one."""
        self.database.shift += by
