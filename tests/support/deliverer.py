"""A worker for one endpoint, which tests kill: see `support.victims`."""

import factories
from support.victims import LEASE

from lti_peer.core import outbox
from lti_peer.core.db import Database
from lti_peer.core.keys import Vault
from lti_peer.jobs.endpoints import Endpoints
from lti_peer.jobs.worker import Worker


def deliver(ready, url):
    """Deliver statements to the endpoints of the database."""
    outbox.LEASE = LEASE
    database = Database(url)
    with database.transaction(read_only=True) as session:
        outbox.lag(session)
    endpoints = Endpoints(database, Vault(factories.SECRET), "https://tool.example", private=True)
    worker = Worker(database, {}, "https://tool.example", {}, endpoints)
    ready()
    worker.run()
