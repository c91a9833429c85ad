"""What the tests of login and launch share."""

from lti.wires import app, placed, wire

__all__ = ["app", "placed", "wire"]
