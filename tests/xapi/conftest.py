import copy
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from xapi import vocabulary as words
from xapi.identity import Account
from xapi.statement import Thing, build

PEER = "https://peer.example.org"
NOW = datetime(2026, 11, 22, 6, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="session")
def typical_text():
    """A full statement of a peer review, as it is sent."""
    return json.dumps(
        build(
            UUID("0193a5c8-7a10-7cc0-8000-000000000001"),
            actor=Account("https://lms.example.org", "learner-17"),
            verb=words.REVIEWED,
            thing=Thing(f"{PEER}/submissions/4", words.SUBMISSION, "A submission"),
            at=NOW,
            scaled=0.8,
            raw=8,
            lowest=0,
            highest=10,
            duration=timedelta(seconds=612.5),
            result_extensions={words.CRITERIA: [{"criterion": f"{PEER}/c/1", "scaled": 0.75}]},
            registration=UUID("5f6c3f0e-9f1b-5c52-9d1c-111111111111"),
            parent=[Thing(f"{PEER}/activities/1", words.PEER_REVIEW_ACTIVITY, "Essay 1")],
            grouping=[Thing("https://lms.example.org/courses/2", words.COURSE)],
            ref=UUID("5f6c3f0e-9f1b-5c52-9d1c-222222222222"),
            context_extensions={words.ROUND: 1, words.ANONYMITY: "double"},
            language="en",
            platform="lti-peer 0.1.0",
        )
    )


@pytest.fixture
def typical(typical_text):
    return json.loads(typical_text)


@pytest.fixture
def small():
    """The smallest valid statement with an id."""
    return copy.deepcopy(
        {
            "id": "0193a5c8-7a10-7cc0-8000-00000000000a",
            "actor": {"mbox": "mailto:somebody@example.org"},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/attended"},
            "object": {"id": "https://example.org/meetings/1"},
        }
    )
