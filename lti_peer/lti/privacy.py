"""What the tool keeps of a person: the answer to a DataPrivacyLaunchRequest (LTI 1.3, 2024).

It counts and names nothing: the page is for the person and for administrators of their LMS, and
neither needs to read others' words in it.
"""

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lti_peer.core import db
from lti_peer.core.models import Person
from lti_peer.lti.claims import Launch
from lti_peer.lti.errors import LaunchError

WORDS = {
    "membership": "courses",
    "submission": "texts handed in, each version counted",
    "feedback": "reviews and other feedback written",
    "allocation_member": "tasks shared with others",
    "meeting": "meetings",
    "score": "scores",
    "grade": "grades sent to the LMS",
    "flag": "calls for a human",
    "visit": "pages that are open just now",
    "audit_entry": "notes on what they did as staff",
    "course_group_member": "groups",
    "sandbox": "activities tried as a preview",
}
"""What the tables are called on the page; one that is not here is called by its own name."""
HIDDEN = frozenset({"roster_entry"})
"""Says what `membership` says."""


@dataclass(frozen=True)
class Held:
    """What is kept of one person: how many of what, the most first."""

    known: bool
    """Whether the tool knows the person at all."""
    named: bool
    """Whether it keeps their name or their e-mail address."""
    counts: tuple[tuple[str, int], ...]


def held(session: Session, launch: Launch) -> Held:
    """Return what is kept of the person that the message is about.

    They may ask themselves, and so may an administrator of their LMS. Raises LaunchError 403 for
    anybody else, and 400 when the message names nobody.
    """
    if not launch.for_user:
        raise LaunchError("bad_claim", "Your LMS did not say whom this is about.", status=400)
    if launch.for_user != launch.subject and not launch.administers:
        raise LaunchError(
            "privacy_of_another",
            "Only the person themselves, or an administrator of the LMS, may see what is kept.",
            status=403,
        )
    person = session.scalar(
        select(Person).where(
            Person.platform_id == launch.platform.id, Person.subject == launch.for_user
        )
    )
    if person is None:
        return Held(known=False, named=False, counts=())
    return Held(True, bool(person.name or person.email), _counts(session, person))


def _counts(session: Session, person: Person) -> tuple[tuple[str, int], ...]:
    """Count the rows of every table that points to the person, by what they are called."""
    found = []
    for table in db.Base.metadata.sorted_tables:
        columns = [
            key.parent for key in table.foreign_keys if key.column is Person.__table__.c["id"]
        ]
        if columns and table.name not in HIDDEN:
            mine = or_(*(column == person.id for column in columns))
            count = session.scalar(select(func.count()).select_from(table).where(mine)) or 0
            found.append((WORDS.get(table.name, table.name.replace("_", " ")), count))
    return tuple(sorted((one for one in found if one[1]), key=lambda one: -one[1]))
