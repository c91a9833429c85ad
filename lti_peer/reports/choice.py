"""What of a report somebody asked for: one group of the course, some days, or everything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_peer.core import db, groups
from lti_peer.core.errors import Invalid
from lti_peer.core.groups import GroupView
from lti_peer.core.visit import Visit
from lti_peer.reports.shape import Id

Time = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
"""A column of times; what never happened is in no days."""


@dataclass(frozen=True)
class Choice:
    """Whose acts a report counts, and of which days, in the viewer's zone; None: all of them."""

    group: GroupView | None = None
    first: date | None = None
    last: date | None = None
    """The last day that counts."""
    zone: str = "UTC"

    @cached_property
    def people(self) -> frozenset[Id] | None:
        """The people of the group; None is everybody."""
        return None if self.group is None else frozenset(one.hex for one in self.group.people)

    @cached_property
    def since(self) -> datetime | None:
        """From when on things count."""
        return self._midnight(self.first) if self.first else None

    @cached_property
    def until(self) -> datetime | None:
        """From when on things do not count any more."""
        return self._midnight(self.last + timedelta(days=1)) if self.last else None

    def has(self, at: datetime) -> bool:
        """Return whether what happened then counts."""
        since, until = self.since, self.until
        return (since is None or since <= at) and (until is None or at < until)

    def during(self, at: Time) -> list[ColumnElement[bool]]:
        """Return the conditions for rows whose time counts; none where every time does."""
        return [*([at >= self.since] if self.since else []), *self.before(at)]

    def before(self, at: Time) -> list[ColumnElement[bool]]:
        """Return the condition for rows that were there at the end."""
        return [at < self.until] if self.until else []

    def by(self, person: Any) -> list[ColumnElement[bool]]:
        """Return the condition for rows of the group's people; none where everybody counts."""
        return [] if self.group is None else [person.in_(self.group.people)]

    @property
    def query(self) -> dict[str, str]:
        """What an address says of it: none of it where everything counts."""
        said = {
            "group": self.group.group.key if self.group else "",
            "first": self.first.isoformat() if self.first else "",
            "last": self.last.isoformat() if self.last else "",
        }
        return {name: value for name, value in said.items() if value}

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


EVERYTHING = Choice()


def read(session: Session, visit: Visit, said: Mapping[str, str]) -> Choice:
    """Return the choice that an address's words make; raises Invalid for one that is none."""
    first, last = _day(said.get("first", "")), _day(said.get("last", ""))
    if first and last and last < first:
        raise Invalid("The last day is before the first one.")
    return Choice(_group(session, visit, said.get("group", "")), first, last, visit.zone)


def groups_of(session: Session, visit: Visit) -> list[GroupView]:
    """Return the groups of the visit's course, each with its active members; read once a page."""
    return db.remembered(session, ("groups", visit.course.id), lambda: groups.of(session, visit))


def _group(session: Session, visit: Visit, key: str) -> GroupView | None:
    if not key:
        return None
    found = next((one for one in groups_of(session, visit) if one.group.key == key), None)
    if found is None:
        raise Invalid("There is no such group in this course any more.")
    return found


def _day(word: str) -> date | None:
    """Return the day that a form's field names; years that no clock knows are refused."""
    try:
        day = date.fromisoformat(word) if word else None
    except ValueError:
        raise Invalid("A day is written like 2026-12-04.") from None
    if day and not 2000 <= day.year <= 2100:  # noqa: PLR2004 - room for a zone's shift at both ends
        raise Invalid("This day is in no year that a course is in.")
    return day
