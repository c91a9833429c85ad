"""`lti-peer doctor`: looks at everything that can be wrong, and says what to do about it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

import click
from sqlalchemy import select, text

from config.settings import Settings
from lti_peer import migrations
from lti_peer.admin import health, record_stores, registrations
from lti_peer.cli import parts
from lti_peer.core import db, outbox
from lti_peer.core.db import Database
from lti_peer.core.endpoints import OWN_NAME
from lti_peer.core.keys import Vault, WrongSecretError
from lti_peer.core.models import Standing
from lti_peer.core.outbox import Delivery
from lti_peer.jobs import senders
from lti_peer.lti import keys
from lti_peer.lti.keys import KeyPhase
from lti_peer.lti.models import ToolKey
from xapi.client import DeliveryError

MOST_SKEW = timedelta(seconds=5)
LONGEST_LAG = timedelta(minutes=5)
OLDEST_KEY = timedelta(days=400)
LEAST_SPACE = 1024**3
"""Bytes that should be free where the data are."""


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, how it is, and what to do."""

    check: str
    verdict: Verdict
    words: str


@click.command()
@parts.as_json
def doctor(as_json: bool) -> None:
    """Look whether the tool can do its work; ends with 1 when something is wrong."""
    found = parts.settings()
    findings = [*_address(found), *_space(found)]
    with parts.database(found, migrated=False) as database:
        findings += _schema(database)
        if findings[-1].verdict is Verdict.OK:
            for look in (_secret, _key, _clock, _lmss, _queue, _stores, _records):
                findings += look(found, database)
    rows = [asdict(finding) for finding in findings]
    parts.show(as_json, rows, parts.table(rows, ""))
    if any(finding.verdict is Verdict.WRONG for finding in findings):
        raise SystemExit(parts.WRONG)


def _address(found: Settings) -> Iterator[Finding]:
    name = "LTI_PEER_BASE_URL"
    if urlsplit(found.base_url).scheme == "https":
        yield Finding(name, Verdict.OK, found.base_url)
    elif urlsplit(found.base_url).hostname == "localhost":
        yield Finding(name, Verdict.WARNING, "localhost is for trying the tool out on one machine.")
    else:
        yield Finding(name, Verdict.WRONG, "Browsers keep our cookies over https alone.")
    if found.allow_private_hosts:
        yield Finding(
            "LTI_PEER_ALLOW_PRIVATE_HOSTS", Verdict.WARNING, "This is for development alone."
        )


def _space(found: Settings) -> Iterator[Finding]:
    folder = found.data_dir.resolve()
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        yield Finding("LTI_PEER_DATA_DIR", Verdict.WRONG, f"{folder} cannot be written to.")
        return
    free = shutil.disk_usage(folder).free
    verdict = Verdict.OK if free >= LEAST_SPACE else Verdict.WARNING
    yield Finding("free space", verdict, f"{free / 1024**3:.1f} GiB in {folder}")


def _schema(database: Database) -> Iterator[Finding]:
    kind = database.engine.dialect.name
    current, head = migrations.current(database), migrations.head()
    with database.engine.connect() as connection:
        version = connection.dialect.server_version_info or ()
    yield Finding("database", Verdict.OK, f"{kind} {'.'.join(map(str, version))}")
    if current == head:
        yield Finding("tables", Verdict.OK, f"at {head}")
    else:
        advice = f"at {current or 'nothing'}, not {head}. Run: lti-peer db upgrade"
        yield Finding("tables", Verdict.WRONG, advice)


def _secret(found: Settings, database: Database) -> Iterator[Finding]:
    vault = Vault(found.secret_key.get_secret_value())
    name = "LTI_PEER_SECRET_KEY"
    with database.transaction(read_only=True) as session:
        key = session.scalar(select(ToolKey).limit(1))
        try:
            if key is not None:
                vault.decrypt(key.sealed)
        except WrongSecretError as fault:
            yield Finding(name, Verdict.WRONG, str(fault))
        else:
            yield Finding(name, Verdict.OK, "opens what is stored")


def _key(_found: Settings, database: Database) -> Iterator[Finding]:
    with database.transaction(read_only=True) as session:
        signing = [one for one in keys.lines(session) if one.phase is KeyPhase.SIGNING]
        moment = db.now(session)
    for line in signing:
        age = moment - line.signs_from
        old = age > OLDEST_KEY
        advice = ". Replace it: lti-peer keys rotate" if old else ""
        words = f"the key has signed for {age.days} days{advice}"
        yield Finding("signing key", Verdict.WARNING if old else Verdict.OK, words)


def _lmss(_found: Settings, database: Database) -> Iterator[Finding]:
    with database.transaction(read_only=True) as session:
        lines = registrations.overview(session)
        trouble = health.trouble(session, [line.platform for line in lines])
    waiting = [one for one in lines if one.waiting or one.platform.state is Standing.PENDING]
    if waiting:
        names = ", ".join(one.platform.name for one in waiting)
        advice = f"{names}. See: lti-peer platform list, or the admin page"
        yield Finding("waits for approval", Verdict.WARNING, advice)
    for line in lines:
        if line.platform.id in trouble:
            words = f"{line.platform.name}: {trouble[line.platform.id]}"
            yield Finding("LMS", Verdict.WARNING, words)


def _clock(_found: Settings, database: Database) -> Iterator[Finding]:
    with database.transaction(read_only=True) as session:
        session.execute(text("SELECT 1"))  # so that connecting does not count
        skew = abs(db.now(session) - datetime.now(UTC))
    verdict = Verdict.OK if skew <= MOST_SKEW else Verdict.WRONG
    yield Finding("clocks", verdict, f"database and machine are {skew.total_seconds():.1f} s apart")


def _queue(_found: Settings, database: Database) -> Iterator[Finding]:
    with database.transaction(read_only=True) as session:
        counts, lag = outbox.backlog(session), outbox.lag(session)
    dead = sum(count for (_, state), count in counts.items() if state is Delivery.DEAD)
    waiting = sum(count for (_, state), count in counts.items() if state is Delivery.PENDING)
    late = lag > LONGEST_LAG
    words = f"{waiting} wait, the oldest for {lag.total_seconds():.0f} s"
    advice = ". Is a worker running? See: lti-peer outbox status" if late else ""
    yield Finding("deliveries", Verdict.WARNING if late else Verdict.OK, words + advice)
    if dead:
        words = f"{dead} were refused for good. See: lti-peer outbox status"
        yield Finding("refused", Verdict.WARNING, words)


def _stores(_found: Settings, database: Database) -> Iterator[Finding]:
    with database.transaction(read_only=True) as session:
        lines = record_stores.overview(session)
    for line in lines:
        if line.problem:
            name = line.endpoint.name if line.endpoint else OWN_NAME
            words = f"{name} takes nothing, and {line.waiting} wait: {line.problem}"
            yield Finding("record store", Verdict.WARNING, words)


def _records(found: Settings, _database: Database) -> Iterator[Finding]:
    store = senders.store(found)
    if store is None:
        yield Finding("record store", Verdict.OK, "the embedded one")
        return
    with store:
        try:
            versions = store.versions()
        except DeliveryError as fault:
            yield Finding("record store", Verdict.WRONG, f"{found.lrs_endpoint}: {fault}")
            return
    speaks = found.lrs_version in versions
    verdict = Verdict.OK if speaks else Verdict.WARNING
    yield Finding("record store", verdict, f"{found.lrs_endpoint} speaks {', '.join(versions)}")
