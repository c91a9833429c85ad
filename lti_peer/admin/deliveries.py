"""The outbox by hand: what waits, what was refused, and how it is mended and sent again.

Both the admin page and `lti-peer outbox` act through these; each act is written to the audit.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, update
from sqlalchemy.orm import Session

from lti_peer.core import audit, db
from lti_peer.core.endpoints import RecordEndpoint
from lti_peer.core.errors import Conflict, Invalid, NotFound
from lti_peer.core.models import Deployment, Platform
from lti_peer.core.outbox import Channel, Delivery, OutboxItem
from xapi import validate

PAGE = 50
MOST_FAULTS = 20
MOST_REASONS = 20
DUE_AGAIN = {"state": Delivery.PENDING, "attempts": 0, "batch": None, "last_error": ""}


class NotMended(Invalid):
    """The statement cannot be sent as it is; `faults` says why, one sentence for each fault."""

    code = "statement_invalid"

    def __init__(self, faults: Sequence[str]) -> None:
        """Keep the sentences."""
        super().__init__("Nothing was changed: " + " ".join(faults), {"payload": faults[0]})
        self.faults = list(faults)


@dataclass(frozen=True)
class DeliveryLine:
    """One item as lists show it: nothing of what it says."""

    id: UUID
    channel: Channel
    state: Delivery
    platform: str
    """The name of the LMS whose people it is about."""
    store: str
    """The further record store that it is for; empty for the tool's own one, and for a grade."""
    put_at: datetime
    due_at: datetime
    attempts: int
    version: int
    error: str
    sent_at: datetime | None


def lines(
    session: Session, state: Delivery, channel: Channel | None = None, page: int = 1
) -> tuple[list[DeliveryLine], bool]:
    """Return one page of the items in a state, newest first, and whether there are more.

    `page` counts from 1; a page has 50.
    """
    where = [OutboxItem.state == state, _of(channel)]
    rows = session.execute(
        _lines()
        .where(*where)
        .order_by(OutboxItem.sequence.desc(), OutboxItem.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    return [_line(row) for row in rows[:PAGE]], len(rows) > PAGE


def reasons(
    session: Session, state: Delivery, channel: Channel | None = None
) -> list[tuple[str, Channel, int]]:
    """Return the sentences with which items in a state were refused: sentence, channel, count.

    The most frequent come first, twenty at most.
    """
    count = func.count()
    rows = session.execute(
        select(OutboxItem.last_error, OutboxItem.channel, count)
        .where(OutboxItem.state == state, _of(channel), OutboxItem.last_error != "")
        .group_by(OutboxItem.last_error, OutboxItem.channel)
        .order_by(count.desc(), OutboxItem.last_error)
        .limit(MOST_REASONS)
    )
    return [(error, which, items) for error, which, items in rows]


def line(session: Session, item_id: UUID) -> DeliveryLine:
    """Return one item; raises NotFound."""
    row = session.execute(_lines().where(OutboxItem.id == item_id)).one_or_none()
    if row is None:
        _refuse_unknown()
    return _line(row)


def read(session: Session, actor: str, item_id: UUID) -> dict[str, Any]:
    """Return what an item says, and write down who read it: it is about people.

    Raises NotFound.
    """
    item = _item(session, item_id)
    audit.record(session, actor, "delivery_read", item=str(item.id), channel=item.channel.value)
    return item.payload


def retry(session: Session, actor: str, channel: Channel | None = None) -> int:
    """Make everything due again that was refused for good, of one channel or of all.

    Returns how many items that were.
    """
    count = _make_due(session, OutboxItem.state == Delivery.DEAD, _of(channel))
    channels = channel.value if channel else "all"
    audit.record(session, actor, "deliveries_retried", channel=channels, count=count)
    return count


def retry_one(session: Session, actor: str, item_id: UUID) -> None:
    """Make one item due now that waits or was refused.

    Raises NotFound, and Conflict when it is there already.
    """
    item = _item(session, item_id)
    if not _make_due(session, OutboxItem.id == item.id, OutboxItem.state != Delivery.SENT):
        raise Conflict("This has been delivered, so there is nothing to send again.")
    audit.record(session, actor, "delivery_retried", item=str(item.id), channel=item.channel.value)


def mend(session: Session, actor: str, item_id: UUID, text: str) -> None:
    """Replace a refused statement by the mended one in `text`, and make it due.

    Raises NotFound, Conflict for what is not a refused statement, and NotMended while the text is
    not a valid statement with the same id: whoever has the first one knows it by that.
    """
    item = _item(session, item_id, locked=True)
    if item.channel is not Channel.XAPI or item.state is not Delivery.DEAD:
        raise Conflict("Only a statement that was refused can be mended.")
    statement = _statement(text)
    faults = [f"{fault.path}: {fault.message}" for fault in validate.check(statement)]
    if isinstance(statement, dict) and statement.get("id") != item.key:
        faults.insert(0, f"$.id: It must stay {item.key}.")
    if faults:
        raise NotMended(faults[:MOST_FAULTS])
    item.payload, item.version = statement, item.version + 1
    session.flush()
    _make_due(session, OutboxItem.id == item.id)
    audit.record(session, actor, "delivery_mended", item=str(item.id), channel=item.channel.value)


def _make_due(session: Session, *where: ColumnElement[bool]) -> int:
    """Make items due now, and wake the worker when that is committed; return how many."""
    session.info["news"] = True
    result = session.execute(
        update(OutboxItem)
        .where(*where)
        .values(**DUE_AGAIN, due_at=db.now(session), lease=None)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def _of(channel: Channel | None) -> ColumnElement[bool]:
    """Return what limits a query to a channel, or to all by name: the index begins with it."""
    return OutboxItem.channel.in_([channel] if channel else list(Channel))


def _item(session: Session, item_id: UUID, *, locked: bool = False) -> OutboxItem:
    query = select(OutboxItem).where(OutboxItem.id == item_id)
    item = session.scalar(query.with_for_update() if locked else query)
    if item is None:
        _refuse_unknown()
    return item


def _refuse_unknown() -> NoReturn:
    raise NotFound("There is no such item in the outbox.", code="no_delivery")


def _lines() -> Select[OutboxItem, str, str]:
    return (
        select(OutboxItem, Platform.name, func.coalesce(RecordEndpoint.name, ""))
        .join(Deployment, Deployment.id == OutboxItem.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .outerjoin(RecordEndpoint, RecordEndpoint.id == OutboxItem.endpoint_id)
    )


def _line(row: Row[OutboxItem, str, str]) -> DeliveryLine:
    item, platform, store = row
    return DeliveryLine(
        id=item.id,
        channel=item.channel,
        state=item.state,
        platform=platform,
        store=store,
        put_at=item.sequence,
        due_at=item.due_at,
        attempts=item.attempts,
        version=item.version,
        error=item.last_error,
        sent_at=item.sent_at,
    )


def _statement(text: str) -> Any:
    """Return the JSON value of a text; raises NotMended when it is none."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as fault:
        raise NotMended([f"This is not JSON: {fault}."]) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")
