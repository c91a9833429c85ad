"""Fixtures of whoever launches: an application with a kind for tests, and a wire to it."""

import factories
import pytest
from lti.minting import PROBE, Wire
from sqlalchemy import select

from lti_peer.activities import registry
from lti_peer.app import create_app
from lti_peer.core.models import Deployment


@pytest.fixture
def app(settings, database, monkeypatch):
    """The whole application, with one kind more, which only says who is there."""
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, PROBE))
    return create_app(settings, database)


@pytest.fixture
def wire(app, database):
    """An LMS that is registered with the application."""
    return Wire(app, database)


@pytest.fixture
def placed(wire):
    """An activity that stands at the resource link that launches name."""
    with wire.database.transaction() as session:
        deployment = session.scalars(select(Deployment)).first()
        course = factories.course(session, deployment=deployment, context_key="2")
        return factories.activity(session, course, "probe", resource_link_key="9")
