"""What the cases of lti.md, section 6, share."""

import factories
import pytest
from lti.minting import sign
from lti.wires import app, wire
from sqlalchemy import select

from lti_peer.core.models import Deployment

__all__ = ["app", "launched", "placed", "wire"]


@pytest.fixture
def placed(wire):
    """An activity that stands at the resource link that launches name."""
    with wire.database.transaction() as session:
        deployment = session.scalars(select(Deployment)).first()
        course = factories.course(session, deployment=deployment, context_key="2")
        return factories.activity(session, course, "probe", resource_link_key="9")


@pytest.fixture
def launched(placed, wire):
    """A login and its token, after the launch that consumed them."""
    login = wire.login()
    token = sign(wire.claims(login))
    assert wire.post(login, token).status_code == 303
    return login, token
