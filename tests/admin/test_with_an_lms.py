"""The admin's acts with an LMS that none of our LTI code had a hand in, over real HTTP."""

from datetime import timedelta

import pytest
from lti.live.conftest import lms_key, placed, servers, stage
from lti.minting import key
from sqlalchemy import delete, select

from lti_peer.admin import health, rotation
from lti_peer.admin.health import Condition
from lti_peer.admin.trials import Trials
from lti_peer.core.models import Platform
from lti_peer.lti import keys
from lti_peer.lti.models import ToolKey
from lti_peer.lti.tokens import AccessToken

__all__ = ["lms_key", "placed", "servers", "stage"]


@pytest.fixture
def rotate(stage, monkeypatch):
    """Publish a new key, as the command does."""
    monkeypatch.setattr(keys, "generate_private_key", lambda **_: key("other"))

    def rotated():
        with stage.database.transaction() as session:
            vault = stage.app.extensions["vault"]
            rotation.rotate(session, "kim", vault, wait=keys.WAIT, compromised=False)

    return rotated


@pytest.fixture
def pass_by(stage):
    """Let time pass for the keys, in the database and in every process; and forget all tokens."""
    rings = [stage.app.extensions["key_ring"], stage.send._services._tokens._signer]

    def passed(length):
        with stage.database.transaction() as session:
            session.execute(delete(AccessToken))
            for row in session.scalars(select(ToolKey)):
                row.created_at, row.signs_from = row.created_at - length, row.signs_from - length
                row.ends_at = row.ends_at and row.ends_at - length
        for ring in rings:
            ring._reread_at = 0.0

    return passed


def test_every_service_of_a_real_lms_is_tried(stage, placed):
    stage.launch(stage.lms.instructor, placed)
    given = stage.app.extensions
    with stage.database.transaction(read_only=True) as session:
        lms_id = session.scalars(select(Platform.id)).one()
    Trials(stage.database, given["vault"], given["key_ring"], private=True).run("kim", lms_id)
    with stage.database.transaction(read_only=True) as session:
        found = health.of(session, session.get_one(Platform, lms_id))
    assert [one for one in found if one.condition is not Condition.WORKS] == []


def test_s2_launches_and_grades_go_on_through_a_whole_rotation(stage, placed, rotate, pass_by):
    learner, shares = stage.lms.learners[0], iter((0.1, 0.2, 0.3, 0.4, 0.5))

    def everything_works():
        assert stage.launch(learner, placed).status_code == 200
        assert stage.browser(stage.lms.instructor).deep_link().status_code == 200
        share = next(shares)
        stage.post(learner, "work", share)
        stage.deliver()
        assert stage.points(learner)["work"] == pytest.approx(20 * share)

    everything_works()
    rotate()
    pass_by(timedelta(0))
    everything_works()
    pass_by(keys.WAIT)
    everything_works()
    pass_by(keys.ALIVE)
    everything_works()
    with stage.database.transaction(read_only=True) as session:
        assert [line.phase for line in keys.lines(session)] == ["signing", "ended"]
