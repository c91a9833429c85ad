"""A small LMS in memory, to show and to test the tool against.

It speaks LTI 1.3 and LTI Advantage over real HTTP with real signed tokens, behaves like Moodle
where Moodle is strict, and shares no protocol code with the tool: it is a witness of its own.
For loopback only: anyone who can reach it can be anyone.
"""

from lti_peer.demo.platform.app import create_lms
from lti_peer.demo.platform.browser import LmsBrowser
from lti_peer.demo.platform.lms import Lms

__all__ = ["Lms", "LmsBrowser", "create_lms"]
