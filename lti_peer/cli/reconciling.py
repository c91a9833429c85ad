"""`lti-peer records reconcile`: whether a record store has what happened here."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from config.settings import Settings
from lti_peer.cli import acting, parts
from lti_peer.core import audit, endpoints
from lti_peer.core.db import Database
from lti_peer.core.endpoints import OWN, OWN_NAME, RecordEndpoint
from lti_peer.core.errors import NotFound
from lti_peer.core.keys import Vault
from lti_peer.core.models import Deployment
from lti_peer.jobs import senders
from lti_peer.jobs.endpoints import open_store
from lti_peer.reports import reconcile as comparing
from lti_peer.reports.reconcile import Comparison, Gap, Held
from lti_peer.reports.told import Told, read
from xapi.client import DeliveryError, RecordStore

MOST_SHOWN = 20
"""Gaps that are written out for people; --json has all."""
ELSEWHERE = UUID(int=0)
"""Where statements are kept that name no activity of ours."""


@click.command()
@click.option("--endpoint", "name", default=OWN_NAME, show_default=True, help="Which store.")
@click.option("--resend", is_flag=True, help="Put what is missing back into the outbox.")
@parts.as_json
def reconcile(name: str, resend: bool, as_json: bool) -> None:
    """Compare what happened with what a record store says, and list what is on one side alone.

    Ends with code 1 when something is missing or was refused, and was not put back.
    """
    settings = parts.settings()
    with parts.database(settings) as database:
        endpoint = _endpoint(database, name)
        found = _compared(settings, database, endpoint)
        gaps = [gap for one in found.values() for gap in one.gaps]
        again = _resend(database, name, endpoint, gaps) if resend else 0
    answer = {
        "endpoint": name,
        "lines": [line._asdict() for one in found.values() for line in one.lines],
        "gaps": [gap._asdict() for gap in gaps],
        "waiting": sum(one.waiting for one in found.values()),
        "resent": again,
    }
    parts.show(as_json, answer, _text(answer, gaps))
    owed = sum(gap.kind != "unexpected" for gap in gaps) - again
    click.get_current_context().exit(parts.WRONG if owed else 0)


def _endpoint(database: Database, name: str) -> RecordEndpoint | None:
    """Return the endpoint of that name; None for the tool's own."""
    if name == OWN_NAME:
        return None
    with database.transaction(read_only=True) as session:
        try:
            return endpoints.named(session, name)
        except NotFound as fault:
            raise parts.Stop(fault.message) from None


def _compared(
    settings: Settings, database: Database, endpoint: RecordEndpoint | None
) -> dict[UUID, Comparison]:
    """Return the comparison for each tenant; a store outside is asked with no transaction open."""
    outside, found = _store(settings, endpoint), {}
    with closing(outside) if outside else nullcontext():
        for tenant in _tenants(database, endpoint):
            held = _held(settings.base_url, database, tenant, outside)
            compared = _compare(database, tenant, held, endpoint)
            if outside and _look_closer(outside, held, compared.gaps):
                compared = _compare(database, tenant, held, endpoint)
            found[tenant] = compared
    return found


def _compare(
    database: Database, tenant: UUID, held: Mapping[UUID, Held], endpoint: RecordEndpoint | None
) -> Comparison:
    with database.transaction(read_only=True) as session:
        return comparing.compare(session, tenant, held, endpoint)


def _tenants(database: Database, endpoint: RecordEndpoint | None) -> list[UUID]:
    asked = select(Deployment.id).order_by(Deployment.created_at)
    if endpoint is not None and endpoint.deployment_id is not None:
        asked = asked.where(Deployment.id == endpoint.deployment_id)
    with database.transaction(read_only=True) as session:
        return list(session.scalars(asked))


def _store(settings: Settings, endpoint: RecordEndpoint | None) -> RecordStore | None:
    """Return the store outside; None for the embedded one."""
    if endpoint is None:
        return senders.store(settings)
    vault = Vault(settings.secret_key.get_secret_value())
    return open_store(endpoint, vault, private=settings.allow_private_hosts)


def _held(
    base_url: str, database: Database, tenant: UUID, outside: RecordStore | None
) -> dict[UUID, dict[UUID, Told]]:
    """Return what the store has about each of the tenant's activities."""
    with database.transaction(read_only=True) as session:
        ids = [one.id for one in comparing.activities(session, tenant)]
        there = {one: f"{base_url}/activities/{one}" for one in ids}
        if outside is None:
            return {one: comparing.embedded(session, tenant, iri) for one, iri in there.items()}
    with _answering():
        return {one: _asked(outside, iri) for one, iri in there.items()}


def _asked(store: RecordStore, iri: str) -> dict[UUID, Told]:
    found = store.statements(activity=iri, related_activities="true")
    return {UUID(one["id"]): read(one) for one in found}


def _look_closer(store: RecordStore, held: dict[UUID, dict[UUID, Told]], gaps: list[Gap]) -> bool:
    """Ask for each gap by its id, add to `held` what is there after all, and say whether any is.

    A store's index may lag behind it, and Ralph 5.1 on files finds nothing by an activity.
    """
    with _answering():
        asked = [(one, store.fetch(one.statement)) for one in gaps if one.kind != "unexpected"]
    there = [(gap, statement) for gap, statement in asked if statement]
    for gap, statement in there:
        activity = UUID(gap.activity) if gap.activity else ELSEWHERE
        held.setdefault(activity, {})[gap.statement] = read(statement)
    return bool(there)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except DeliveryError as fault:
        raise parts.Stop(f"The record store does not answer: {fault}") from None


def _resend(database: Database, name: str, endpoint: RecordEndpoint | None, gaps: list[Gap]) -> int:
    with database.transaction() as session:
        count = comparing.resend(session, gaps, endpoint.id if endpoint else OWN)
        audit.record(session, acting.actor(), "records_sent_again", endpoint=name, count=count)
    return count


def _text(answer: Mapping[str, Any], gaps: list[Gap]) -> str:
    """Return the comparison for people: counts, then the first gaps."""
    shown = ("title", "metric", "domain", "statements")
    rows = [{key: line[key] for key in shown} for line in answer["lines"]]
    listed = [
        {"kind": gap.kind, "statement": gap.statement, "verb": gap.verb.rpartition("/")[2],
         "activity": gap.activity}
        for gap in gaps[:MOST_SHOWN]
    ]  # fmt: skip
    more = f"… and {len(gaps) - MOST_SHOWN} more: --json" if len(gaps) > MOST_SHOWN else ""
    waits = f"{answer['waiting']} on the way." if answer["waiting"] else ""
    again = f"{answer['resent']} will be sent again." if answer["resent"] else ""
    parts_ = [
        parts.table(rows, "Nothing has happened yet."),
        parts.table(listed, "Nothing is missing, and nothing is there that was not sent."),
        more, waits, again,
    ]  # fmt: skip
    return "\n".join(part for part in parts_ if part)
