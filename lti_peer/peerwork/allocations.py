"""Who is matched with whom or what, for which purpose, until when.

Late work, drop-out, a no-show and an unreadable piece are one mechanism: an allocation ends
without being completed, and the need that it served is open again. How many allocations of a
subject may be live is held by a conditional UPDATE and a CHECK, the same on both databases.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, foreign, mapped_column, relationship, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from lti_peer.core import db
from lti_peer.core.db import Base, choice
from lti_peer.core.errors import NotAllowed, NotFound
from lti_peer.core.models import Person
from lti_peer.core.visit import Visit
from lti_peer.peerwork import needs


class AllocationState(StrEnum):
    """How far an allocation is; the first two are live."""

    OFFERED = "offered"
    STARTED = "started"
    COMPLETED = "completed"
    EXPIRED = "expired"
    DECLINED = "declined"
    CANCELLED = "cancelled"


LIVE: Final = (AllocationState.OFFERED, AllocationState.STARTED)


class Allocation(Base):
    """A reasoned match of members with each other and with a subject."""

    __tablename__ = "allocation"
    __table_args__ = (Index(None, "activity_id", "purpose", "state"), Index(None, "subject_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    state: Mapped[AllocationState] = mapped_column(
        choice(AllocationState), default=AllocationState.OFFERED
    )
    lease_until: Mapped[datetime | None]
    """By the people's clock; None never runs out."""
    reason: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Policy, seed and inputs, so that the choice can be explained."""
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    members: Mapped[list["AllocationMember"]] = relationship(
        cascade="all, delete-orphan",
        order_by="AllocationMember.role",
        primaryjoin=lambda: and_(
            Allocation.id == foreign(AllocationMember.allocation_id),
            Allocation.activity_id == foreign(AllocationMember.activity_id),
        ),
    )

    def member(self, role: str) -> "AllocationMember":
        """Return the first member with `role`; raises StopIteration when there is none."""
        return next(member for member in self.members if member.role == role)


class AllocationMember(Base):
    """One person's part in an allocation. Nobody has two standing parts in the same subject."""

    __tablename__ = "allocation_member"
    __table_args__ = (
        UniqueConstraint("allocation_id", "person_id"),
        Index(None, "activity_id", "standing", "person_id"),
        Index(
            "uq_allocation_member_standing",
            "purpose",
            "subject_id",
            "person_id",
            unique=True,
            sqlite_where=text("standing"),
            postgresql_where=text("standing"),
        ),
        Index(None, "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    allocation_id: Mapped[UUID] = mapped_column(ForeignKey("allocation.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(40))
    """`reviewer`, `explainer`, `listener`."""
    purpose: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    standing: Mapped[bool] = mapped_column(default=True)
    """The allocation is live or completed, and this person has not been freed of it."""
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    """The allocation's, which sets it: who has a part in an activity is asked of this table."""

    person: Mapped[Person] = relationship()


_OWN = (
    select(Allocation)
    .join(AllocationMember, AllocationMember.allocation_id == Allocation.id)
    .where(
        Allocation.activity_id == bindparam("activity"),
        AllocationMember.person_id == bindparam("person"),
    )
)
_ONE_OWN = _OWN.where(Allocation.id == bindparam("allocation"))
_MINE = _OWN.where(Allocation.purpose == bindparam("purpose")).order_by(
    Allocation.at, Allocation.id
)


def claim(
    session: Session,
    visit: Visit,
    purpose: str,
    subject_ids: Sequence[UUID],
    *,
    role: str,
    lease: timedelta,
    reason: Mapping[str, Any],
) -> Allocation | None:
    """Give the visitor the first of the subjects that still has room; None when none has.

    The room is taken by one conditional UPDATE, so two people at once never overfill it.
    """
    for subject_id in subject_ids:
        if needs.reserve(session, visit, purpose, subject_id):
            return match(
                session,
                visit,
                purpose,
                subject_id,
                {visit.person.id: role},
                lease_until=visit.now + lease,
                reason=reason,
            )
    return None


def match(
    session: Session,
    visit: Visit,
    purpose: str,
    subject_id: UUID,
    members: Mapping[UUID, str],
    *,
    lease_until: datetime | None = None,
    reason: Mapping[str, Any] | None = None,
) -> Allocation:
    """Bring `members` (person to role) together over a subject; no need is counted."""
    made = Allocation(
        deployment_id=visit.deployment_id,
        activity_id=visit.activity.id,
        purpose=purpose,
        subject_id=subject_id,
        lease_until=lease_until,
        reason=dict(reason or {}),
        at=visit.now,
        members=[
            AllocationMember(person_id=person, role=role, purpose=purpose, subject_id=subject_id)
            for person, role in members.items()
        ],
    )
    session.add(made)
    session.flush()
    return made


def join(session: Session, allocation: Allocation, person_id: UUID, role: str) -> None:
    """Let one more person into a live allocation; no need is counted."""
    allocation.members.append(
        AllocationMember(
            person_id=person_id,
            role=role,
            purpose=allocation.purpose,
            subject_id=allocation.subject_id,
        )
    )
    session.flush()


def free(session: Session, allocation: Allocation, role: str, person_id: UUID) -> None:
    """End one person's standing in an allocation that goes on, or is done, without them.

    They may then have another part in the same subject: one who left, one who teaches it again.
    """
    for member in allocation.members:
        if member.person_id == person_id and member.role == role:
            member.standing = False
    session.flush()


def own(session: Session, visit: Visit, allocation_id: UUID) -> Allocation:
    """Return an allocation in this activity of which the visitor is a member; else NotFound."""
    asked = {
        "allocation": allocation_id, "activity": visit.activity.id, "person": visit.person.id
    }  # fmt: skip
    found = db.remembered(
        session,
        ("own allocation", *asked.values()),
        lambda: session.scalar(_ONE_OWN, asked),
        steady=True,  # whose it is; how it stands is the object's, which changes with it
    )
    if found is None:
        raise NotFound("This is not yours to do.")
    return found


def mine(session: Session, visit: Visit, purpose: str) -> list[Allocation]:
    """Return the visitor's allocations for a purpose, ended ones included, oldest first."""
    asked = {"purpose": purpose, "activity": visit.activity.id, "person": visit.person.id}
    return db.remembered(
        session,
        ("own allocations", *asked.values()),
        lambda: list(session.scalars(_MINE, asked)),
    )


def of(session: Session, visit: Visit, purpose: str) -> list[Allocation]:
    """Return every allocation of the activity for a purpose, oldest first: for staff."""
    return list(
        session.scalars(
            select(Allocation)
            .where(Allocation.activity_id == visit.activity.id, Allocation.purpose == purpose)
            .options(selectinload(Allocation.members))
            .order_by(Allocation.at, Allocation.id)
        )
    )


def start(session: Session, visit: Visit, allocation: Allocation) -> None:
    """Note that work on it has begun; one that has begun or ended stays as it is."""
    _turn(session, allocation, (AllocationState.OFFERED,), AllocationState.STARTED, visit.now)


def complete(session: Session, visit: Visit, allocation: Allocation) -> None:
    """Note that it is done. Work that comes after its lease ran out still counts: it was written.

    Raises NotAllowed when staff have cancelled it or its holder has declined it.
    """
    if allocation.state is AllocationState.COMPLETED:
        return
    if _turn(session, allocation, LIVE, AllocationState.COMPLETED, visit.now):
        _count(session, allocation, live=-1, completed=1)
    elif _turn(
        session, allocation, (AllocationState.EXPIRED,), AllocationState.COMPLETED, visit.now
    ):
        _count(session, allocation, live=0, completed=1)
        for member in allocation.members:
            member.standing = True
    else:
        raise NotAllowed("This has been cancelled, so it cannot be finished any more.")
    session.flush()


def end(session: Session, visit: Visit, allocation: Allocation, state: AllocationState) -> bool:
    """Decline or cancel a live allocation, and open its need again; False when it was not live."""
    if not _turn(session, allocation, LIVE, state, visit.now):
        return False
    _count(session, allocation, live=-1, completed=0)
    for member in allocation.members:
        member.standing = False
    session.flush()
    return True


def expire(session: Session, activity_id: UUID, now: datetime) -> int:
    """End every live allocation whose lease has run out, open their needs; return how many."""
    over = session.scalars(
        select(Allocation)
        .where(
            Allocation.activity_id == activity_id,
            Allocation.state.in_(LIVE),
            Allocation.lease_until < now,
        )
        .options(selectinload(Allocation.members))
        .order_by(Allocation.id)  # two at once wait for each other instead of locking crosswise
    ).all()
    ended = 0
    for allocation in over:
        if _turn(session, allocation, LIVE, AllocationState.EXPIRED, now):
            _count(session, allocation, live=-1, completed=0)
            for member in allocation.members:
                member.standing = False
            ended += 1
    session.flush()
    return ended


def outcomes(session: Session, visit: Visit, purpose: str) -> tuple[int, int]:
    """Return how many allocations of the activity were completed, and how many came to nothing."""
    counts = dict(
        session.execute(
            select(Allocation.state, func.count())
            .where(Allocation.activity_id == visit.activity.id, Allocation.purpose == purpose)
            .group_by(Allocation.state)
        ).all()
    )
    failed = counts.get(AllocationState.EXPIRED, 0) + counts.get(AllocationState.DECLINED, 0)
    return counts.get(AllocationState.COMPLETED, 0), failed


def _turn(
    session: Session,
    allocation: Allocation,
    before: tuple[AllocationState, ...],
    after: AllocationState,
    now: datetime,
) -> bool:
    """Change the state if it is still one of `before`; two at once never both succeed."""
    session.flush()
    ended = None if after in LIVE else now
    changed = session.execute(
        update(Allocation)
        .where(Allocation.id == allocation.id, Allocation.state.in_(before))
        .values(state=after, ended_at=ended)
        .execution_options(synchronize_session=False)
    )
    if _rows(changed) != 1:
        session.refresh(allocation, ["state", "ended_at"])
        return False
    set_committed_value(allocation, "state", after)
    set_committed_value(allocation, "ended_at", ended)
    return True


def _count(session: Session, allocation: Allocation, *, live: int, completed: int) -> None:
    needs.count(
        session,
        allocation.activity_id,
        allocation.purpose,
        allocation.subject_id,
        live=live,
        completed=completed,
    )


def _rows(result: Any) -> int:
    return int(result.rowcount)
