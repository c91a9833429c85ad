"""What falls due without anybody's act: kinds turn their activities, goals are evaluated."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select

from lti_peer.activities import registry
from lti_peer.core.db import Database
from lti_peer.core.models import Activity, ActivityState
from lti_peer.goals import telling
from lti_peer.peerwork import leftovers
from lti_peer.previews import making

log = structlog.get_logger()


def turn(database: Database, now: datetime, base_url: str) -> int:
    """Turn every published activity at `now`, the people's clock; return how many were turned.

    `base_url` is the tool's address.

    Each has a transaction of its own, oldest activity first. State is computed from dates, so a
    timer that was asleep for hours catches up in one turn (house.md 4, rule 2). A fault in one
    activity is logged and stops none of the others. Then goals whose date has been are told, and
    sandboxes that nobody uses any more are cleared away, whose activities are turned by nobody, and
    drafts that nobody can hand in any more.
    """
    with database.transaction(read_only=True) as session:
        published = session.scalars(
            select(Activity.id)
            .where(Activity.state == ActivityState.PUBLISHED)
            .order_by(Activity.created_at, Activity.id)
        ).all()
    turned = sum(_turn(database, activity_id, now, base_url) for activity_id in published)
    _tell_goals(database, now, base_url)
    _clear_sandboxes(database, now)
    _clear_drafts(database, now)
    return turned


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


def _tell_goals(database: Database, now: datetime, base_url: str) -> None:
    """Say of each goal whose date has been what it came to; a fault in one stops no other."""
    with database.transaction(read_only=True) as session:
        due = telling.due(session, now)
    for goal_id in due:
        try:
            with database.transaction() as session:
                telling.tell(session, goal_id, now, base_url)
        except Exception:
            log.exception("goal_failed", goal=str(goal_id))


def _clear_sandboxes(database: Database, now: datetime) -> None:
    """Delete sandboxes that are over, each by itself; nearly always there is none to delete."""
    with database.transaction(read_only=True) as session:
        found = making.over(session, now)
    for course_id in found:
        try:
            with database.transaction() as session:
                making.forget(session, course_id)
        except Exception:
            log.exception("sandbox_not_cleared", course=str(course_id))


def _clear_drafts(database: Database, now: datetime) -> None:
    """Delete drafts whose activity ended long ago; nearly always there is none to delete."""
    with database.transaction(read_only=True) as session:
        found = leftovers.stale(session, now)
    if not found:
        return
    try:
        with database.transaction() as session:
            leftovers.forget(session, found, now)
    except Exception:
        log.exception("drafts_not_cleared", items=len(found))
