"""Fixtures of whoever launches: an application with a kind for tests, and a wire to it."""

import pytest
from lti.minting import PROBE, Wire

from lti_peer.activities import registry
from lti_peer.app import create_app


@pytest.fixture
def app(settings, database, monkeypatch):
    """The whole application, with one kind more, which only says who is there."""
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, PROBE))
    return create_app(settings, database)


@pytest.fixture
def wire(app, database):
    """An LMS that is registered with the application."""
    return Wire(app, database)
