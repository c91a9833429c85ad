"""`lti-peer admin`: the way to the admin page."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from sqlalchemy.orm import Session

from config.settings import Settings
from lti_peer.admin import sessions
from lti_peer.cli import acting, parts
from lti_peer.core.errors import PeerError


@click.group()
def admin() -> None:
    """Sign in to the admin page, and out of it everywhere."""


@admin.command()
@click.option(
    "--for", "life", default="15m", show_default=True, type=acting.DURATION,
    help="How long the link works, a day at most.",
)  # fmt: skip
@click.option(
    "--name", default="", help="Whom it is for, as the audit will say; else your account."
)
@parts.as_json
def link(life: timedelta, name: str, as_json: bool) -> None:
    """Print an address that opens the admin page once, for whoever opens it first."""
    found = parts.settings()
    with _session(found) as session:
        url, until = sessions.link(
            session, found.base_url, name or acting.account(), acting.actor(), life
        )
    answer = {"url": url, "expires_at": until.isoformat(timespec="seconds")}
    parts.show(as_json, answer, url)


@admin.command("sign-out")
@parts.as_json
def sign_out(as_json: bool) -> None:
    """End every session of the admin page, and every link that has not been used."""
    with _session(parts.settings()) as session:
        count = sessions.sign_out_all(session, acting.actor())
    parts.show(as_json, {"ended": count}, f"{count} sessions and links are ended.")


@contextmanager
def _session(found: Settings) -> Iterator[Session]:
    try:
        with parts.database(found) as database, database.transaction() as session:
            yield session
    except PeerError as problem:
        raise parts.Stop(problem.message) from None
