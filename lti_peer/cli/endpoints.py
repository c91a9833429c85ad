"""`lti-peer records endpoint`: the record stores that statements go to, beside the tool's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import click
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config.settings import Settings
from lti_peer.activities import registry
from lti_peer.admin import record_stores
from lti_peer.cli import acting, parts
from lti_peer.core import endpoints, outbox
from lti_peer.core.endpoints import RecordEndpoint
from lti_peer.core.errors import Invalid, NotFound
from lti_peer.core.keys import Vault
from lti_peer.jobs.endpoints import open_store
from lti_peer.lti import registration as platforms

secret_option = click.option(
    "--secret", prompt=True, hide_input=True, envvar="RECORD_STORE_SECRET",
    help="Its password; better from RECORD_STORE_SECRET or the prompt.",
)  # fmt: skip


@click.group()
def endpoint() -> None:
    """Say where learning records go, beside the store of the settings."""


@endpoint.command()
@click.argument("name")
@click.argument("url")
@click.option("--key", required=True, help="The user name for the store.")
@secret_option
@click.option(
    "--version", type=click.Choice(["1.0.3", "2.0.0"]), default="1.0.3", show_default=True
)
@click.option("--deployment", default="", help="Whose records, by id or key; all without it.")
@click.option("--verb", "verbs", multiple=True, help="Only these verbs, by IRI; repeatable.")
@click.option(
    "--kind", "kinds", multiple=True, help="Only these kinds; repeatable.",
    type=click.Choice([kind.name for kind in registry.KINDS]),
)  # fmt: skip
@click.option("--pseudonyms", is_flag=True, help="Hide who people are, by a key of its own.")
@click.option("--most", type=click.IntRange(1, 1000), default=100, show_default=True,
              help="Statements in one request.")  # fmt: skip
@click.option("--most-kib", type=click.IntRange(16, 10_240), default=512, show_default=True,
              help="KiB in one request.")  # fmt: skip
@parts.as_json
def add(name: str, url: str, secret: str, as_json: bool, **terms: Any) -> None:
    """Send what is said from now on to the record store at URL, above /statements, too."""
    found = parts.settings()
    with _session(found) as session:
        made = _made(session, terms)
        made.name, made.url, made.secret = name, url, secret
        record_stores.add(
            session, _vault(found), acting.actor(), made,
            pseudonyms=terms["pseudonyms"], private=found.allow_private_hosts,
        )  # fmt: skip
    advice = f"Try it: lti-peer records endpoint test {name}"
    parts.show(as_json, _row(made), f"{name} is told what is said from now on. {advice}")


@endpoint.command("list")
@parts.as_json
def list_all(as_json: bool) -> None:
    """List the endpoints with what waits for each; secrets are not shown."""
    with _session(parts.settings(), read_only=True) as session:
        counts = outbox.by_endpoint(session)
        rows = [{**_row(one), **counts[one.id]} for one in endpoints.standing(session)]
    parts.show(as_json, rows, parts.table(rows, "There is none beside the store of the settings."))


@endpoint.command()
@click.argument("name")
@parts.as_json
def remove(name: str, as_json: bool) -> None:
    """Send nothing more there, forget what waits, and with it the key of the pseudonyms."""
    with _session(parts.settings()) as session:
        found = endpoints.named(session, name)
        waiting = record_stores.remove(session, acting.actor(), found)
    text = f"{name} is told nothing more. {waiting} statements did not reach it."
    parts.show(as_json, {"name": name, "not_delivered": waiting}, text)


@endpoint.command()
@click.argument("name")
@parts.as_json
def pause(name: str, as_json: bool) -> None:
    """Send nothing there for now; what is said meanwhile waits."""
    _set_active(name, as_json, active=False)


@endpoint.command()
@click.argument("name")
@parts.as_json
def resume(name: str, as_json: bool) -> None:
    """Send what waits, and what is said from now on."""
    _set_active(name, as_json, active=True)


@endpoint.command()
@click.argument("name")
@parts.as_json
def test(name: str, as_json: bool) -> None:
    """Ask the store which versions it speaks and whether the key may write; nothing is stored."""
    found = parts.settings()
    with _session(found, read_only=True) as session:
        one = endpoints.named(session, name)
    with open_store(one, _vault(found), private=found.allow_private_hosts) as store:
        trial = record_stores.ask(store)
    with _session(found) as session:
        record_stores.note_trial(session, acting.actor(), one, trial)
    answer = {"writes": trial.writes, "speaks": trial.speaks, "reason": trial.reason}
    parts.show(as_json, _row(one) | answer, f"{name}: {trial.words}")
    if not trial.writes:
        raise click.exceptions.Exit(parts.WRONG)


@endpoint.command()
@click.argument("name")
@click.option("--key", required=True, help="The user name for the store.")
@secret_option
@parts.as_json
def rekey(name: str, key: str, secret: str, as_json: bool) -> None:
    """Use another key from now on; what waits is sent with it."""
    found = parts.settings()
    with _session(found) as session:
        one = endpoints.named(session, name)
        record_stores.rekey(session, _vault(found), acting.actor(), one, key, secret)
    parts.show(as_json, _row(one), f"{name} gets what waits with the new key.")


def _set_active(name: str, as_json: bool, *, active: bool) -> None:
    with _session(parts.settings()) as session:
        found = endpoints.named(session, name)
        record_stores.set_active(session, acting.actor(), found, active=active)
    text = f"{name} gets what waits." if active else f"What is said waits for {name}."
    parts.show(as_json, {"name": name, "active": active}, text)


def _made(session: Session, terms: dict[str, Any]) -> RecordEndpoint:
    """Return an endpoint with the terms of the options, not kept yet."""
    return RecordEndpoint(
        key=terms["key"],
        version=terms["version"],
        deployment_id=_tenant(session, terms["deployment"]),
        verbs=endpoints.words(terms["verbs"]),
        kinds=endpoints.words(terms["kinds"]),
        most_statements=terms["most"],
        most_bytes=terms["most_kib"] * 1024,
    )


@contextmanager
def _session(found: Settings, *, read_only: bool = False) -> Iterator[Session]:
    with parts.database(found) as database:
        try:
            with database.transaction(read_only=read_only) as session:
                yield session
        except IntegrityError:
            raise parts.Stop("There is an endpoint of that name already.") from None
        except Invalid as problem:
            raise parts.Stop(" ".join(problem.fields.values())) from None
        except NotFound as problem:
            raise parts.Stop(f"{problem.message} See: lti-peer records endpoint list") from None


def _vault(found: Settings) -> Vault:
    return Vault(found.secret_key.get_secret_value())


def _tenant(session: Session, wanted: str) -> UUID | None:
    """Return the deployment's id, or None without a wish."""
    known = [one for each in platforms.list_platforms(session) for one in each.deployments]
    found = [one.id for one in known if wanted in (str(one.id), one.deployment_key)]
    if wanted and len(found) != 1:
        raise parts.Stop("There is no such deployment, or several: lti-peer platform list")
    return found[0] if wanted else None


def _row(one: RecordEndpoint) -> dict[str, Any]:
    return {
        "name": one.name,
        "url": one.url,
        "version": one.version,
        "deployment": str(one.deployment_id) if one.deployment_id else "all",
        "verbs": one.verbs.split(),
        "kinds": one.kinds.split(),
        "pseudonyms": bool(one.pseudonym_key),
        "active": one.active,
    }
