"""What an administrator finds and does: items of the outbox, the audit, a browser."""

import factories
from sqlalchemy import select

from lti_peer.core import outbox
from lti_peer.core.audit import AuditEntry
from lti_peer.core.endpoints import OWN
from lti_peer.core.outbox import Channel, Delivery, OutboxItem

BASE_URL = "https://tool.example"
COOKIE = "__Host-peer-admin"


def put(database, channel=Channel.XAPI, payload=None, *, error=""):
    """Put an item into the outbox, refused for good when there is an error; return its id."""
    payload = payload or factories.statement()
    key = payload.get("id", "1")
    with database.transaction() as session:
        outbox.put(session, factories.course(session).deployment_id, channel, key, payload)
        session.flush()
        item = session.scalars(
            select(OutboxItem).where(OutboxItem.key == key, OutboxItem.endpoint_id == OWN)
        ).one()
        if error:
            item.state, item.last_error, item.attempts = Delivery.DEAD, error, 3
        return item.id


def item(database, item_id):
    """Return an item as it is now."""
    with database.transaction(read_only=True) as session:
        return session.get_one(OutboxItem, item_id)


def acts(database):
    """Return what the audit says, oldest first, as (who, what)."""
    with database.transaction(read_only=True) as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.at))
        return [(one.actor, one.act) for one in entries]


class AdminBrowser:
    """A test client that is signed in; POSTs carry the token of its forms."""

    def __init__(self, app, proof):
        self.app, self.client = app, app.test_client()
        self.client.set_cookie(COOKIE, proof, domain="tool.example", secure=True)
        self.token = app.extensions["vault"].sign("csrf", proof)

    def get(self, path="/", status=200):
        answer = self.client.get(f"/admin{path}", base_url=BASE_URL)
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, path, status=303, token=None, **fields):
        data = {"csrf_token": self.token if token is None else token, **fields}
        answer = self.client.post(f"/admin{path}", data=data, base_url=BASE_URL)
        assert answer.status_code == status, answer.text
        return answer
