"""One sender for each channel, and what else a worker does, from the settings."""

from config.settings import Settings
from lti_peer.core.db import Database
from lti_peer.core.keys import Vault
from lti_peer.core.outbox import Channel
from lti_peer.jobs import records
from lti_peer.jobs.delivery import Sender
from lti_peer.jobs.endpoints import Endpoints
from lti_peer.jobs.worker import Chore
from lti_peer.lti import ags, notices, roster, services
from xapi.client import RecordStore
from xapi.statement import Version


def build(settings: Settings, database: Database) -> dict[Channel, Sender]:
    """Return how each channel's items are told."""
    vault = Vault(settings.secret_key.get_secret_value())
    return {
        Channel.XAPI: _records(settings, database),
        Channel.AGS: ags.sender(database, vault, private=settings.allow_private_hosts),
    }


def endpoints(settings: Settings, database: Database) -> Endpoints:
    """Return what delivers to the record stores beside the tool's own."""
    vault = Vault(settings.secret_key.get_secret_value())
    return Endpoints(database, vault, settings.base_url, private=settings.allow_private_hosts)


def chores(settings: Settings, database: Database) -> dict[str, Chore]:
    """Return what a worker does beside delivering: it reads rosters, and asks for notices."""
    vault = Vault(settings.secret_key.get_secret_value())
    calls = services.build(database, vault, private=settings.allow_private_hosts)
    return {
        "rosters": lambda: int(roster.refresh(database, calls)),
        "notices": lambda: int(notices.tell(database, calls, settings.base_url)),
    }


def store(settings: Settings) -> RecordStore | None:
    """Return the record store outside, or None where the embedded one is used."""
    if not settings.lrs_endpoint:
        return None
    version: Version = "2.0.0" if settings.lrs_version == "2.0.0" else "1.0.3"
    return RecordStore(
        settings.lrs_endpoint,
        settings.lrs_key,
        settings.lrs_secret.get_secret_value(),
        version=version,
    )


def _records(settings: Settings, database: Database) -> Sender:
    outside = store(settings)
    if outside is None:
        return records.RecordSender(records.to_embedded(database), apart=True, far=False)
    return records.RecordSender(records.to_store(outside), apart=False)
