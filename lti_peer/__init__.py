"""lti-peer: peer review and peer teaching inside an LMS."""

__version__ = "0.1.0"
