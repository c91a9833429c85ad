"""`lti-peer keys`: the key pairs with which the tool signs what it says to LMSs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import click

from lti_peer.admin import rotation
from lti_peer.cli import acting, parts
from lti_peer.core.errors import PeerError
from lti_peer.core.keys import Vault
from lti_peer.lti import keys as pairs
from lti_peer.lti.keys import KeyLine


@click.group()
def keys() -> None:
    """Look at the tool's own keys, and replace them."""


@keys.command("list")
@parts.as_json
def list_all(as_json: bool) -> None:
    """List the keys, newest first, with what each does now and until when."""
    with (
        parts.database(parts.settings()) as database,
        database.transaction(read_only=True) as session,
    ):
        found = pairs.lines(session)
    _show(found, as_json=as_json)


@keys.command()
@click.option(
    "--wait", default="24h", show_default=True, type=acting.DURATION,
    help="How long it is published before it signs: longer than LMSs keep our key set.",
)  # fmt: skip
@click.option("--compromised", is_flag=True, help="Others may know the old key: drop it at once.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@parts.as_json
def rotate(wait: timedelta, compromised: bool, yes: bool, as_json: bool) -> None:
    """Publish a new key, which replaces the old one after a while; no LMS notices."""
    if compromised and not yes:
        click.confirm(
            "LMSs that keep our key set refuse grades until they fetch it again. Go on?", abort=True
        )
    settings = parts.settings()
    vault = Vault(settings.secret_key.get_secret_value())
    try:
        with parts.database(settings) as database, database.transaction() as session:
            found = rotation.rotate(
                session, acting.actor(), vault, wait=wait, compromised=compromised
            )
    except PeerError as problem:
        raise parts.Stop(problem.message) from None
    _show(found, as_json=as_json)


def _show(found: Sequence[KeyLine], *, as_json: bool) -> None:
    rows = [_row(line) for line in found]
    parts.show(as_json, rows, parts.table(rows, "There is no key yet; the first login makes one."))


def _row(line: KeyLine) -> dict[str, Any]:
    return {
        "kid": line.kid,
        "phase": line.phase.value,
        "published_from": _moment(line.published_from),
        "signs_from": _moment(line.signs_from),
        "signs_until": _moment(line.signs_until),
        "published_until": _moment(line.published_until),
    }


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
