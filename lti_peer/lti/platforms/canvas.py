"""Canvas by Instructure (lti.md 3.1)."""

from lti_peer.lti.platforms.quirks import Quirks

CANVAS = Quirks(
    family="canvas",
    issuers=frozenset(
        {
            "https://canvas.instructure.com",
            "https://canvas.beta.instructure.com",
            "https://canvas.test.instructure.com",
        }
    ),
    domains=(".instructure.com", ".canvaslms.com"),
    # Without this every grade counts as a new attempt, until a learner has none left.
    score={"https://canvas.instructure.com/lti/submission": {"new_submission": False}},
    throttle_word=b"rate limit exceeded",
    placements=("assignment_selection", "link_selection"),
    registration={"https://canvas.instructure.com/lti/privacy_level": "name_only"},
)
