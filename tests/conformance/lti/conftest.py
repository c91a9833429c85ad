"""What the cases of lti.md, section 6, share."""

import pytest
from lti.minting import sign
from lti.wires import app, placed, wire

__all__ = ["app", "launched", "placed", "wire"]


@pytest.fixture
def launched(placed, wire):
    """A login and its token, after the launch that consumed them."""
    login = wire.login()
    token = sign(wire.claims(login))
    assert wire.post(login, token).status_code == 303
    return login, token
