"""The statement that tests and benches say: a full one about a review, of about 1.5 kB."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from xapi import vocabulary as words
from xapi.identity import Account
from xapi.statement import StatementJson, Thing, build

PEER = "https://peer.example.org"
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def review(number: int) -> StatementJson:
    """Return a new statement that somebody reviewed the submission of this number."""
    return build(
        uuid4(),
        actor=Account("https://lms.example.org", f"learner-{number % 300}"),
        verb=words.REVIEWED,
        thing=Thing(f"{PEER}/submissions/{number}", words.SUBMISSION, "A submission"),
        at=NOW,
        scaled=0.8,
        raw=8,
        lowest=0,
        highest=10,
        duration=timedelta(seconds=612.5),
        registration=uuid4(),
        parent=[Thing(f"{PEER}/activities/1", words.PEER_REVIEW_ACTIVITY, "Essay")],
        grouping=[Thing("https://lms.example.org/courses/2", words.COURSE)],
        ref=uuid4(),
        result_extensions={words.CRITERIA: [{"criterion": f"{PEER}/c/1", "scaled": 0.75}]},
        context_extensions={words.ROUND: 1, words.ANONYMITY: "double"},
        language="en",
        platform="lti-peer",
    )
