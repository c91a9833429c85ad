"""Moodle (moodle.md). Most of what the rule says was met there first, so it departs in little.

Scores in one whole second: `lti.ags` stamps a second apart for everybody. Next links without the
role filter, typographic quotes: read everywhere as if they came from here.
"""

from lti_peer.lti.platforms.quirks import Quirks

MOODLE = Quirks(family="moodle", name="moodle")
