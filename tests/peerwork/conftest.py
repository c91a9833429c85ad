"""What tests of the shared nouns share: an activity, people, and visits of theirs."""

from uuid import uuid4

import factories
import pytest

from lti_peer.peerwork import needs


@pytest.fixture
def activity(session):
    return factories.activity(session, factories.course(session))


@pytest.fixture
def enter(session, activity):
    """A visit of a new learner."""
    numbers = iter(range(1, 1_000))

    def begin(now=factories.NOW):
        who = factories.person(session, activity.course, number=next(numbers))
        return factories.visit(who, activity, now=now)

    return begin


@pytest.fixture
def want(session, enter):
    """A subject of somebody else's, with a need; return its id."""

    def make(wanted=3, spare=1):
        owner, subject = enter(), uuid4()
        needs.want(session, owner, "review", subject, owner.person.id, wanted, spare)
        return subject

    return make
