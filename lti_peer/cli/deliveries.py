"""`lti-peer outbox`: what waits to be told to LMSs and record stores."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, TextIO
from uuid import UUID

import click
from sqlalchemy.orm import Session

from lti_peer.admin import deliveries
from lti_peer.admin.deliveries import DeliveryLine
from lti_peer.cli import acting, parts
from lti_peer.core import endpoints
from lti_peer.core import outbox as items
from lti_peer.core.errors import PeerError
from lti_peer.core.outbox import Channel, Delivery

channel_option = click.option(
    "--channel",
    type=click.Choice(Channel, case_sensitive=False),
    help="Grades (ags) or learning records (xapi).",
)


@click.group()
def outbox() -> None:
    """Look at what waits to be told, mend it, and try again what was refused."""


@outbox.command()
@parts.as_json
def status(as_json: bool) -> None:
    """Count the items of each channel, and say how long the oldest has waited."""
    found = parts.settings()
    with parts.database(found) as database, database.transaction(read_only=True) as session:
        counts, lag = items.backlog(session), items.lag(session)
        problems = items.problems(session)
        stores = _stores(session)
    rows = [
        {
            "channel": channel.value,
            **{state.value: counts.get((channel, state), 0) for state in Delivery},
        }
        for channel in Channel
    ]
    waited = {"lag_s": round(lag.total_seconds(), 3)}
    answer = {"channels": rows, "endpoints": stores, **waited, "problems": problems}
    text = [
        parts.table(rows, ""),
        parts.table(stores, ""),
        f"The oldest has waited {lag.total_seconds():.0f} s.",
    ]
    parts.show(as_json, answer, "\n".join([*text, parts.table(problems, "")]).rstrip())


@outbox.command("list")
@channel_option
@click.option(
    "--state", type=click.Choice(Delivery, case_sensitive=False), default=Delivery.DEAD,
    show_default=True, help="How far they are.",
)  # fmt: skip
@click.option("--page", default=1, show_default=True, type=click.IntRange(1))
@parts.as_json
def list_items(channel: Channel | None, state: Delivery, page: int, as_json: bool) -> None:
    """List items, newest first, fifty on a page; by default those that were refused for good."""
    with _session(read_only=True) as session:
        found, more = deliveries.lines(session, state, channel, page)
    rows = [_row(line) for line in found]
    shown = ("id", "channel", "store", "platform", "put_at", "attempts", "error")
    text = parts.table([{name: row[name] for name in shown} for row in rows], "Nothing is there.")
    text += f"\nMore: --page {page + 1}" if more else ""
    parts.show(as_json, {"items": rows, "more": more}, text)


@outbox.command()
@click.argument("item_id", type=click.UUID)
@parts.as_json
def show(item_id: UUID, as_json: bool) -> None:
    """Show one item with what it says. It is about people, so the audit says who read it."""
    with _session() as session:
        line = deliveries.line(session, item_id)
        payload = deliveries.read(session, acting.actor(), item_id)
    row = _row(line)
    text = "\n".join(f"{name:10} {value}" for name, value in row.items())
    pretty = json.dumps(payload, indent=2, ensure_ascii=False)
    parts.show(as_json, {**row, "payload": payload}, f"{text}\n{pretty}")


@outbox.command()
@click.argument("item_id", type=click.UUID, required=False)
@channel_option
@click.option(
    "--with", "mended", type=click.File(encoding="utf-8"),
    help="A file with the mended statement that is sent instead; - for standard input.",
)  # fmt: skip
@parts.as_json
def retry(
    item_id: UUID | None, channel: Channel | None, mended: TextIO | None, as_json: bool
) -> None:
    """Make one item due again, or everything that was refused for good."""
    if mended and not item_id:
        raise click.UsageError("--with needs the id of the item: lti-peer outbox list")
    with _session() as session:
        if item_id and mended:
            deliveries.mend(session, acting.actor(), item_id, mended.read())
        elif item_id:
            deliveries.retry_one(session, acting.actor(), item_id)
        count = 1 if item_id else deliveries.retry(session, acting.actor(), channel)
    said = "1 item is due again." if count == 1 else f"{count} items are due again."
    parts.show(as_json, {"due_again": count}, said)


def _stores(session: Session) -> list[dict[str, Any]]:
    """Return how far the statements for each record store are, the tool's own first."""
    counts = items.by_endpoint(session)
    named = {one.id: one.name for one in endpoints.standing(session)}
    return [
        {"endpoint": name, **counts[endpoint]}
        for endpoint, name in [(endpoints.OWN, endpoints.OWN_NAME), *named.items()]
    ]


@contextmanager
def _session(*, read_only: bool = False) -> Iterator[Session]:
    """Give a session of the database; a refusal becomes a sentence on the terminal."""
    try:
        with (
            parts.database(parts.settings()) as database,
            database.transaction(read_only=read_only) as session,
        ):
            yield session
    except PeerError as problem:
        raise parts.Stop(f"{problem.message} {problem.advice}".strip()) from None


def _row(line: DeliveryLine) -> dict[str, Any]:
    """Return the item as JSON values."""
    return {
        name: str(value) if isinstance(value, UUID) else _plain(value)
        for name, value in asdict(line).items()
    }


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
