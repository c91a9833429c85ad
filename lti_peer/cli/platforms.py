"""`lti-peer platform` and `lti-peer registration`: the LMSs that the tool knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from config.settings import Settings
from lti_peer.admin import registrations
from lti_peer.cli import acting, parts
from lti_peer.core.errors import PeerError
from lti_peer.core.models import Platform
from lti_peer.lti import registration as platforms


@click.group()
def platform() -> None:
    """Add, approve, disable, list and remove LMSs."""


@click.group()
def registration() -> None:
    """Let an LMS register the tool by itself."""


@platform.command()
@click.option("--issuer", required=True, help="The LMS's issuer, an https address.")
@click.option("--client-id", required=True, help="What the LMS calls this tool.")
@click.option("--auth-url", required=True, help="Its OIDC authentication address.")
@click.option("--token-url", required=True, help="Its OAuth 2 token address.")
@click.option("--jwks-url", required=True, help="Where its public keys are.")
@click.option("--audience", default="", help="The token audience where it differs (Brightspace).")
@click.option("--deployment", "deployments", multiple=True, help="A deployment id; repeatable.")
@click.option("--host", "hosts", multiple=True, help="A further host of its services; repeatable.")
@click.option("--name", default="", help="What to call it in lists.")
@parts.as_json
def add(as_json: bool, **values: Any) -> None:
    """Add an LMS whose addresses you know."""
    found = parts.settings()
    entry = platforms.Entry(**values)
    with _session(found) as session:
        private = found.allow_private_hosts
        made = registrations.add(session, acting.actor(), entry, private=private)
        row = _row(made)
    parts.show(as_json, row, f"Added {row['name']} as {row['id']}.")


@platform.command("list")
@parts.as_json
def list_all(as_json: bool) -> None:
    """List the LMSs."""
    with _session(parts.settings()) as session:
        rows = [_row(one) for one in platforms.list_platforms(session)]
    shown = [{**row, "deployments": " ".join(row["deployments"])} for row in rows]
    text = parts.table(shown, "No LMS is registered. Begin with: lti-peer registration invite")
    parts.show(as_json, rows, text)


@platform.command()
@click.argument("platform_id", type=click.UUID)
@click.option("--deployment", "deployments", multiple=True, help="A deployment id; repeatable.")
@click.option("--host", "hosts", multiple=True, help="A further host of its services; repeatable.")
@parts.as_json
def approve(
    platform_id: UUID, deployments: tuple[str, ...], hosts: tuple[str, ...], as_json: bool
) -> None:
    """Let an LMS be used that has registered by itself, or a further part or host of one."""
    with _session(parts.settings()) as session:
        approved = registrations.approve(
            session, acting.actor(), platform_id, hosts=hosts, deployments=deployments
        )
        row = _row(approved)
    parts.show(as_json, row, f"{row['name']} may be used.")


@platform.command()
@click.argument("platform_id", type=click.UUID)
@parts.as_json
def disable(platform_id: UUID, as_json: bool) -> None:
    """Let nobody of an LMS in any more, until it is approved again. All work is kept."""
    with _session(parts.settings()) as session:
        row = _row(registrations.disable(session, acting.actor(), platform_id))
    parts.show(as_json, row, f"{row['name']} is disabled.")


@platform.command()
@click.argument("platform_id", type=click.UUID)
@click.option("--with-courses", is_flag=True, help="Remove its courses and all their work too.")
@parts.as_json
def remove(platform_id: UUID, with_courses: bool, as_json: bool) -> None:
    """Forget an LMS."""
    with _session(parts.settings()) as session:
        gone = registrations.remove(session, acting.actor(), platform_id, with_courses=with_courses)
        row = _row(gone)
    parts.show(as_json, row, f"{row['name']} is forgotten.")


@registration.command()
@click.option("--name", default="", help="What to call the LMS in lists.")
@click.option("--activate", is_flag=True, help="Let it be used without a further approval.")
@parts.as_json
def invite(name: str, activate: bool, as_json: bool) -> None:
    """Print the one-time address that an administrator pastes into the LMS."""
    found = parts.settings()
    with _session(found) as session:
        url = registrations.invite(session, acting.actor(), found.base_url, name, activate=activate)
    parts.show(as_json, {"url": url}, url)


@contextmanager
def _session(found: Settings) -> Iterator[Session]:
    """Give a session of the database; a refusal becomes a sentence on the terminal."""
    try:
        with parts.database(found) as database, database.transaction() as session:
            yield session
    except PeerError as problem:
        raise parts.Stop(f"{problem.message} {problem.advice}".strip()) from None


def _row(one: Platform) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "state": one.state.value,
        "issuer": one.issuer,
        "client_id": one.client_id,
        "deployments": [deployment.deployment_key for deployment in one.deployments],
        "last_launch": one.last_launch_at.isoformat() if one.last_launch_at else "never",
    }
