"""The lease that lets one of many processes do what must not be done by all of them."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import String, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core import db
from lti_peer.core.db import Base


class Lease(Base):
    """Who does a piece of work just now, and until when unless they renew it."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[UUID]
    until: Mapped[datetime]


def take(session: Session, name: str, holder: UUID, length: timedelta) -> bool:
    """Take or renew the lease `name` for `length`; False when somebody else holds it.

    One conditional UPDATE, so two at once never both have it. The time is the database's.
    """
    moment = db.now(session)
    taken = session.execute(
        update(Lease)
        .where(Lease.name == name, (Lease.holder == holder) | (Lease.until < moment))
        .values(holder=holder, until=moment + length)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result counts rows
        return True
    if session.scalar(select(Lease.name).where(Lease.name == name)) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(Lease(name=name, holder=holder, until=moment + length))
    except IntegrityError:
        return False
    return True


def give_back(session: Session, name: str, holder: UUID) -> None:
    """End the lease `name` at once if `holder` has it, so that another need not wait it out."""
    session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.holder == holder)
        .values(until=db.now(session))
        .execution_options(synchronize_session=False)
    )
