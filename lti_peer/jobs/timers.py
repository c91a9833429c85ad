"""What falls due without anybody's act: each published activity is turned by its kind."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select

from lti_peer.activities import registry
from lti_peer.core.db import Database
from lti_peer.core.models import Activity, ActivityState

log = structlog.get_logger()


def turn(database: Database, now: datetime, base_url: str) -> int:
    """Turn every published activity at `now`, the people's clock; return how many were turned.

    `base_url` is the tool's address.

    Each has a transaction of its own, oldest activity first. State is computed from dates, so a
    timer that was asleep for hours catches up in one turn (house.md 4, rule 2). A fault in one
    activity is logged and stops none of the others.
    """
    with database.transaction(read_only=True) as session:
        published = session.scalars(
            select(Activity.id)
            .where(Activity.state == ActivityState.PUBLISHED)
            .order_by(Activity.created_at, Activity.id)
        ).all()
    return sum(_turn(database, activity_id, now, base_url) for activity_id in published)


def _turn(database: Database, activity_id: UUID, now: datetime, base_url: str) -> bool:
    try:
        with database.transaction() as session:
            activity = session.get(Activity, activity_id)
            kind = registry.find(activity.kind) if activity else None
            if activity is None or kind is None:
                return False
            kind.turn(session, activity, now, base_url)
    except Exception:
        log.exception("turn_failed", activity=str(activity_id))
        return False
    return True
