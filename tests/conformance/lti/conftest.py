"""What the cases of lti.md, section 6, share."""

from lti.wires import app, wire

__all__ = ["app", "wire"]
