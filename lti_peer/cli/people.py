"""`lti-peer person`: people whom the tool lets in no more."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from lti_peer.admin import blocking
from lti_peer.cli import acting, parts
from lti_peer.core.errors import PeerError
from lti_peer.core.models import Person


@click.group()
def person() -> None:
    """Let somebody in no more, or again. Nothing of theirs is deleted."""


@person.command("list")
@parts.as_json
def list_blocked(as_json: bool) -> None:
    """List who is blocked."""
    with parts.database(parts.settings()) as database, database.transaction() as session:
        rows = [_row(one) for one in blocking.blocked(session)]
    parts.show(as_json, rows, parts.table(rows, "Nobody is blocked."))


@person.command()
@click.argument("who")
@click.option("--platform", "platform_id", type=click.UUID, help="The LMS, where several fit.")
@parts.as_json
def block(who: str, platform_id: UUID | None, as_json: bool) -> None:
    """Let WHO in no more: an id in the LMS, an e-mail address, or an id here."""
    row = _act(blocking.block, who, platform_id)
    parts.show(as_json, row, f"{row['name']} is not let in any more.")


@person.command()
@click.argument("who")
@click.option("--platform", "platform_id", type=click.UUID, help="The LMS, where several fit.")
@parts.as_json
def unblock(who: str, platform_id: UUID | None, as_json: bool) -> None:
    """Let WHO in again."""
    row = _act(blocking.unblock, who, platform_id)
    parts.show(as_json, row, f"{row['name']} may come in again.")


def _act(
    act: Callable[[Session, str, Person], None], who: str, platform_id: UUID | None
) -> dict[str, Any]:
    try:
        with parts.database(parts.settings()) as database, database.transaction() as session:
            found = blocking.find(session, who, platform_id)
            act(session, acting.actor(), found)
            return _row(found)
    except PeerError as problem:
        raise parts.Stop(f"{problem.message} {problem.advice}".strip()) from None


def _row(one: Person) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name or one.subject,
        "lms": one.platform.name,
        "blocked": one.blocked_at.isoformat(timespec="seconds") if one.blocked_at else None,
    }
