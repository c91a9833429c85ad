"""The list of people that the LMS keeps of a course, and how old it is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_peer.core import db, rosters
from lti_peer.core.rosters import RosterView
from lti_peer.core.visit import Visit

NOTICES = {"roster": ("info", "The list of people is being read from the LMS. Look in a moment.")}


@dataclass(frozen=True)
class RosterPart:
    """What the part `parts/roster.html` shows."""

    known: RosterView
    now: datetime
    """The database's clock, by which lists are read; the people's may be moved."""


def read(session: Session, visit: Visit) -> RosterPart:
    """Return what is known of the list of the visit's course."""
    return RosterPart(rosters.view(session, visit), db.now(session))
