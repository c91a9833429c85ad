"""What tests of the jobs share: a tenant, and news of it."""

import factories
import pytest

from lti_peer.core import outbox
from lti_peer.core.outbox import Channel, OutboxItem


@pytest.fixture
def tenant(database):
    """A deployment's id, committed."""
    with database.transaction() as session:
        return factories.course(session).deployment_id


@pytest.fixture
def put(database, tenant):
    """Write news and commit it."""

    def write(*keys, channel=Channel.AGS):
        with database.transaction() as session:
            for key in keys:
                outbox.put(session, tenant, channel, key, {"key": key})

    return write


@pytest.fixture
def states(database):
    """Read how far each item is, by its key."""

    def read():
        with database.transaction(read_only=True) as session:
            return {item.key: item.state.value for item in session.query(OutboxItem)}

    return read
