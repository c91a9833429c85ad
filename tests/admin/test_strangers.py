"""A launch from a deployment that nobody has approved: refused, and seen by administrators."""

import pytest
from lti.wires import app, wire
from sqlalchemy import select

from lti_peer.admin import registrations, strangers
from lti_peer.core.models import Deployment, Standing

__all__ = ["app", "wire"]


@pytest.fixture
def waiting(database):
    """Return the ids of the deployments that wait."""

    def found():
        with database.transaction(read_only=True) as session:
            pending = select(Deployment).where(Deployment.state == Standing.PENDING)
            return [one.deployment_key for one in session.scalars(pending)]

    return found


def launch(wire, key):
    return wire.launch(wire.login(lti_deployment_id=key), deployment_id=key)


def test_n58_an_unknown_deployment_is_refused_and_waits_for_an_approval(wire, waiting):
    assert "deployment_unknown" in launch(wire, "27").text
    assert waiting() == ["27"]
    assert "deployment_pending" in launch(wire, "27").text
    assert waiting() == ["27"]


def test_a_launch_that_cannot_be_believed_makes_nothing_wait(wire, waiting):
    login = wire.login(lti_deployment_id="27")
    assert wire.launch(login, deployment_id="27", nonce="another").status_code == 401
    assert waiting() == []


def test_only_so_many_wait(wire, waiting, monkeypatch):
    monkeypatch.setattr(strangers, "MOST_WAITING", 2)
    for key in ("27", "28", "29"):
        launch(wire, key)
    assert waiting() == ["27", "28"]


def test_once_approved_it_may_launch(wire, database):
    launch(wire, "27")
    with database.transaction() as session:
        found = session.scalars(select(Deployment).where(Deployment.deployment_key == "27")).one()
        registrations.set_standing(session, "kim", found.platform_id, found.id, Standing.ACTIVE)
    assert launch(wire, "27").status_code in {200, 303}
