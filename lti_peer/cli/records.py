"""`lti-peer records`: where records go, and who may use the embedded record store."""

from datetime import UTC, datetime
from uuid import UUID

import click
from sqlalchemy.orm import Session

from lti_peer.cli import acting, parts
from lti_peer.cli.endpoints import endpoint
from lti_peer.cli.reconciling import reconcile
from lti_peer.core import audit
from lti_peer.lti import registration as platforms
from xapi.lrs import keys
from xapi.lrs.keys import Scope

ALONE = UUID(int=0)
"""The tenant of a store that no LMS writes to: where no deployment is known yet."""


@click.group()
def records() -> None:
    """Say who may use the embedded record store, and whether a store has what happened."""


records.add_command(reconcile)
records.add_command(endpoint)


@records.group()
def key() -> None:
    """Make, list and remove keys of the record store."""


@key.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    default=[Scope.READ.value],
    show_default=True,
    help="What it may be used for; repeatable.",
)
@click.option("--deployment", default="", help="Whose records: a deployment's id or key.")
@parts.as_json
def add(name: str, scopes: tuple[str, ...], deployment: str, as_json: bool) -> None:
    """Make a key with its secret, which is shown this once.

    Whoever reads the store can see who reviewed whom, so a key undoes the anonymity of a review.
    """
    found = parts.settings()
    with parts.database(found) as database, database.transaction() as session:
        tenant, whose = _tenant(session, deployment)
        made = keys.add(session, tenant, name, map(Scope, scopes), datetime.now(UTC))
        about = {"name": name, "scopes": list(scopes), "tenant": str(tenant)}
        audit.record(session, acting.actor(), "records_key_made", **about)
    answer = {
        "endpoint": f"{found.base_url.rstrip('/')}/xAPI",
        "key": made.key,
        "secret": made.secret,
    }
    lines = [f"{word:<9} {value}" for word, value in answer.items()]
    parts.show(as_json, answer, "\n".join([*lines, f"It opens the records of {whose}."]))


@key.command("list")
@parts.as_json
def list_all(as_json: bool) -> None:
    """List the keys that open something; secrets are not kept."""
    with (
        parts.database(parts.settings()) as database,
        database.transaction(read_only=True) as session,
    ):
        names = {tenant: name for tenant, name, _ in _deployments(session)}
        rows = [
            {
                "name": one.name,
                "key": one.key,
                "scopes": one.scopes,
                "records of": names.get(one.tenant, "no deployment"),
                "made": f"{one.created:%Y-%m-%d}",
            }
            for one in keys.standing(session)
        ]
    parts.show(as_json, rows, parts.table(rows, "There is no key."))


@key.command()
@click.argument("named")
@parts.as_json
def remove(named: str, as_json: bool) -> None:
    """Make a key worthless, named by itself or by a name that no other has."""
    with parts.database(parts.settings()) as database, database.transaction() as session:
        standing = keys.standing(session)
        found = [one for one in standing if one.key == named] or [
            one for one in standing if one.name == named
        ]
        if len(found) != 1:
            many = "Several keys have this name; say which" if found else "There is no such key"
            raise parts.Stop(f"{many}: lti-peer records key list")
        (one,) = found
        keys.revoke(session, one.tenant, one.key, datetime.now(UTC))
        audit.record(session, acting.actor(), "records_key_removed", name=one.name)
    parts.show(as_json, {"key": one.key}, f"{one.name} opens nothing any more.")


def _tenant(session: Session, wanted: str) -> tuple[UUID, str]:
    """Return the tenant and how to call it; without a wish the only one there is."""
    known = _deployments(session)
    found = [
        (tenant, name) for tenant, name, key in known if not wanted or wanted in (str(tenant), key)
    ]
    if len(found) == 1:
        return found[0]
    if not known and not wanted:
        return ALONE, "no deployment: no LMS is registered yet"
    shown = "\n".join(f"  {tenant}  {name}" for tenant, name, _ in known)
    reason = "Say whose records with --deployment" if found else "There is no such deployment"
    raise parts.Stop(f"{reason}.\n{shown}".rstrip())


def _deployments(session: Session) -> list[tuple[UUID, str, str]]:
    """Return each deployment's id, how to call it, and the LMS's key for it."""
    return [
        (one.id, f"{platform.name}, deployment {one.deployment_key}", one.deployment_key)
        for platform in platforms.list_platforms(session)
        for one in platform.deployments
    ]
