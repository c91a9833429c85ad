"""The demo's own pages in the simulated LMS: the class, the clock, the learning records."""

from lti_peer.demo.pages.views import NAV, create_pages

__all__ = ["NAV", "create_pages"]
