"""The embedded store, with its clock in the test's hand."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from conformance.xapi.clients import Client
from flask import Flask

from xapi.lrs import keys
from xapi.lrs.keys import Scope
from xapi.lrs.views import create_blueprint

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until somebody moves it."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def pass_(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def http(database, clock):
    app = Flask(__name__)
    reading = partial(database.transaction, read_only=True)
    store = create_blueprint(
        database.transaction, reading=reading, max_body=200_000,
        clock=lambda _session: clock(), settled=clock,
    )  # fmt: skip
    app.register_blueprint(store, url_prefix="/xAPI")
    return app.test_client()


@pytest.fixture
def client(http, database):
    """A maker of clients: with the scopes, in a tenant by its number."""

    def make(*scopes, tenant=1, version="1.0.3"):
        with database.transaction() as session:
            made = keys.add(session, UUID(int=tenant), "a test", scopes or [Scope.ALL], NOW)
        return Client(http, made, version)

    return make


@pytest.fixture
def lrs(client):
    """A client that may do everything, speaking 1.0.3."""
    return client()


@pytest.fixture(params=["1.0.3", "2.0.0"])
def both(client, request):
    """The same, once for each version."""
    return client(version=request.param)
