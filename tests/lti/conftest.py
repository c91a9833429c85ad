"""What the tests of login and launch share."""

from lti.wires import app, wire

__all__ = ["app", "wire"]
