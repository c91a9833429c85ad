"""What was typed and never handed in: it is deleted a month after its activity has ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from lti_peer.peerwork.phases import Extension, Phase
from lti_peer.peerwork.submissions import Draft

KEPT: Final = timedelta(days=30)
"""How long drafts stay after the last date of the last of their activity's people."""
AT_ONCE: Final = 500


def stale(session: Session, now: datetime) -> Sequence[UUID]:
    """Return at most 500 drafts that nobody can hand in any more by `now`, the people's clock.

    An activity that has a phase without an end never ends.
    """
    before = now - KEPT
    open_since = or_(_end(Phase) >= before, _end(Phase).is_(None), _end(Extension) >= before)
    of_draft = Phase.activity_id == Draft.activity_id
    lasting = select(Phase.id).outerjoin(Extension).where(of_draft, open_since)
    return session.scalars(
        select(Draft.id)
        .where(Draft.at < before, exists().where(of_draft), ~lasting.exists())
        .limit(AT_ONCE)
    ).all()


def forget(session: Session, drafts: Sequence[UUID], now: datetime) -> None:
    """Delete these drafts, unless somebody has typed there meanwhile."""
    gone = delete(Draft).where(Draft.id.in_(drafts), Draft.at < now - KEPT)
    session.execute(gone, execution_options={"synchronize_session": False})


def _end(row: type[Phase | Extension]) -> ColumnElement[datetime | None]:
    return func.coalesce(row.closes_at, row.due_at)
