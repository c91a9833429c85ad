"""The dates of an activity's phases, and other dates for one person.

Only dates are stored. Whether a phase is open is computed for the visitor, each time
(house.md, rule 2), so nobody has to switch anything and a late timer changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core import audit, db
from lti_peer.core.db import Base
from lti_peer.core.errors import Conflict, Invalid, NotAllowed
from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit
from lti_peer.rules.phases import PhaseState, Window


class Phase(Base):
    """A time window for one kind of act in an activity."""

    __tablename__ = "phase"
    __table_args__ = (UniqueConstraint("activity_id", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(40))
    """Which kind of act: `submit`, `review`, `meet`."""
    position: Mapped[int]
    opens_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]

    @property
    def window(self) -> Window:
        """The dates for everybody without an extension."""
        return Window(self.opens_at, self.due_at, self.closes_at)


class Extension(Base):
    """Other dates for one person in one phase."""

    __tablename__ = "extension"
    __table_args__ = (UniqueConstraint("phase_id", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    phase_id: Mapped[UUID] = mapped_column(ForeignKey("phase.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    due_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]


_EVERYBODY = (
    select(Phase).where(Phase.activity_id == bindparam("activity")).order_by(Phase.position)
)
_WITH_EXTENSIONS = (
    select(Phase, Extension)
    .outerjoin(
        Extension,
        (Extension.phase_id == Phase.id) & (Extension.person_id == bindparam("person")),
    )
    .where(Phase.activity_id == bindparam("activity"))
    .order_by(Phase.position)
)


def set_dates(session: Session, activity: Activity, windows: Mapping[str, Window]) -> None:
    """Keep the phases' dates, in the mapping's order; phases that it does not name stay.

    Raises Invalid when a window ends before it opens.
    """
    known = {phase.key: phase for phase in _phases(session, activity.id)}
    for position, (key, window) in enumerate(windows.items()):
        _check(key, window)
        phase = known.get(key)
        if phase is None:
            phase = Phase(deployment_id=activity.deployment_id, activity_id=activity.id, key=key)
            session.add(phase)
        phase.position = position
        phase.opens_at, phase.due_at, phase.closes_at = window.opens, window.due, window.closes
    session.flush()
    db.forget(session)


def dates(session: Session, activity: Activity) -> dict[str, Window]:
    """Return everybody's windows by key, in order."""
    return {phase.key: phase.window for phase in _phases(session, activity.id)}


def windows(session: Session, visit: Visit, person_id: UUID | None = None) -> dict[str, Window]:
    """Return the windows as they are for one person (the visitor), by key, in order."""
    return {
        phase.key: phase.window.extended(more.due_at, more.closes_at) if more else phase.window
        for phase, more in _own(session, visit.activity.id, person_id or visit.person.id)
    }


def demand(session: Session, visit: Visit, key: str, act: str) -> PhaseState:
    """Return OPEN or LATE for the visitor in phase `key`; else raise NotAllowed with the date.

    `act` names what is closed, at the start of a sentence: "Reviewing".
    """
    window = windows(session, visit).get(key, Window())
    state = window.state(visit.now)
    if state is PhaseState.PENDING and window.opens is not None:
        raise NotAllowed(f"{act} opens on {_shown(visit, window.opens)}.", code="phase_pending")
    if state is PhaseState.CLOSED:
        end = window.closes or window.due
        assert end is not None  # a window without an end is never closed
        raise NotAllowed(
            f"{act} closed on {_shown(visit, end)}.",
            advice="If you need more time, ask your instructor for an extension.",
            code="phase_closed",
        )
    return state


def close(session: Session, visit: Visit, key: str) -> None:
    """End phase `key` for everybody now; what was to open at its end opens now.

    Extensions stay. Raises Invalid when the activity has no such phase, and Conflict when it is
    over already.
    """
    known = dates(session, visit.activity)
    if key not in known:
        raise Invalid("This activity has no such phase.")
    if known[key].state(visit.now) is PhaseState.CLOSED:
        raise Conflict("This phase is over already.")
    end = known[key].due
    ended = {key: _ended(known[key], visit.now)}
    for other, window in known.items():
        if other != key and end is not None and window.opens == end > visit.now:
            ended[other] = replace(window, opens=visit.now)
    set_dates(session, visit.activity, {**known, **ended})
    audit.note(session, visit, "closed_phase", phase=key)


def extend(session: Session, visit: Visit, key: str, person_id: UUID, due: datetime) -> None:
    """Give one person until `due` in phase `key`; a second extension replaces the first.

    Raises Invalid when the activity has no such phase.
    """
    phase = next((one for one in _phases(session, visit.activity.id) if one.key == key), None)
    if phase is None:
        raise Invalid("This activity has no such phase.")
    found = session.scalar(
        select(Extension).where(Extension.phase_id == phase.id, Extension.person_id == person_id)
    )
    if found is None:
        found = Extension(deployment_id=visit.deployment_id, phase_id=phase.id, person_id=person_id)
        session.add(found)
    found.due_at, found.closes_at = due, None
    db.forget(session)
    audit.note(session, visit, "extended", phase=key, person=str(person_id), due=due.isoformat())


def _phases(session: Session, activity_id: UUID) -> Sequence[Phase]:
    return db.remembered(
        session,
        ("phases", activity_id),
        lambda: session.scalars(_EVERYBODY, {"activity": activity_id}).all(),
        steady=True,
    )


def _own(
    session: Session, activity_id: UUID, person_id: UUID
) -> Sequence[tuple[Phase, Extension | None]]:
    """Return every phase with one person's extension of it; one read for these and for all's."""

    def load() -> Sequence[tuple[Phase, Extension | None]]:
        asked = {"activity": activity_id, "person": person_id}
        rows = [(phase, more) for phase, more in session.execute(_WITH_EXTENSIONS, asked)]
        db.remembered(
            session, ("phases", activity_id), lambda: [phase for phase, _ in rows], steady=True
        )
        return rows

    return db.remembered(session, ("own phases", activity_id, person_id), load, steady=True)


def _ended(window: Window, now: datetime) -> Window:
    opens = min(window.opens, now) if window.opens is not None else None
    due = min(window.due, now) if window.due is not None else now
    return Window(opens, due, now)


def _shown(visit: Visit, at: datetime) -> str:
    """Return a time as the visitor's clock shows it."""
    return f"{at.astimezone(ZoneInfo(visit.zone)):%d %B %Y, %H:%M} {visit.zone}"


def _check(key: str, window: Window) -> None:
    instants = [one for one in (window.opens, window.due, window.closes) if one is not None]
    if instants != sorted(instants):
        raise Invalid(
            "A phase must open before it is due, and be due before it closes.",
            {f"{key}_due": "This is before the phase opens, or after it closes."},
        )
