"""A class whose acts are known one by one, so that each figure can be told by hand."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import factories
import pytest

from lti_peer.peerwork import statements
from lti_peer.peerwork.allocations import Allocation, AllocationMember, AllocationState
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.meetings import Meeting, MeetingState
from lti_peer.peerwork.scores import Score
from lti_peer.peerwork.submissions import Submission, SubmissionVersion
from lti_peer.reports import reads
from lti_peer.reports.choice import EVERYTHING
from xapi.lrs import keys, storage
from xapi.statement import Thing, build
from xapi.vocabulary import ANSWERED, CHECK_MOMENT, COMPLETED, LAUNCHED, QUESTION

NOW = factories.NOW


class Deeds(factories.Overlook):
    """Writes what people did straight into the shared tables and the record store."""

    def __init__(self, session, world):
        """Take an open session and a world that has been built."""
        super().__init__(session, world)
        self.ours = {
            "deployment_id": self.visit.deployment_id, "activity_id": self.activity.id
        }  # fmt: skip

    def hand_in(self, who, words=100, at=NOW):
        versions = [SubmissionVersion(number=1, source="", html="", words=words, at=at)]
        return self._store(
            Submission(**self.ours, author_id=self.people[who].id, first_at=at, versions=versions)
        )

    def revise(self, work, at=NOW):
        work.revised_at = at
        self._store(
            SubmissionVersion(submission_id=work.id, number=2, source="", html="", words=120,
                              at=at, revision=True)
        )  # fmt: skip

    def review(self, who, work, share=0.5, words=30, at=NOW, **over):
        self.task(work.id, {who: "reviewer"})
        return self.say(who, Target.SUBMISSION, work.id, share, words, at, **over)

    def say(self, who, target, target_id, share=None, words=0, at=NOW, **over):
        values = {"target": target, "target_id": target_id, "share": share, "words": words}
        return self._store(
            Feedback(**self.ours, author_id=self.people[who].id, at=at, **values, **over)
        )

    def task(self, subject, roles, state=AllocationState.COMPLETED, purpose="review"):
        what = {"purpose": purpose, "subject_id": subject}
        members = [
            AllocationMember(person_id=self.people[who].id, role=role, **what)
            for who, role in roles.items()
        ]
        return self._store(Allocation(**self.ours, **what, state=state, at=NOW, members=members))

    def meet(self, roles, state=MeetingState.HELD):
        made = self.task(uuid4(), roles, purpose="teach")
        first = self.people[next(iter(roles))].id
        self._store(
            Meeting(**self.ours, allocation_id=made.id, starts_at=NOW, minutes=30, state=state,
                    proposed_by=first, at=NOW)
        )  # fmt: skip
        return made

    def score(self, who, share, component="work", number=1):
        self._store(
            Score(**self.ours, person_id=self.people[who].id, component=component, number=number,
                  share=share, method="mean@1", inputs={}, at=NOW)
        )  # fmt: skip

    def tell(self, who, verb, thing=None, **details):
        """Put a statement of the activity into the embedded store."""
        person = self.people[who]
        context = statements.context(self.visit, person)
        extensions = {**context["context_extensions"], **details.pop("context_extensions", {})}
        if thing is None:
            thing = statements.activity(self.visit)
            del context["parent"]
        said = build(
            uuid4(), actor=statements.account(person), verb=verb, thing=thing, at=NOW,
            **{**context, "context_extensions": extensions, **details},
        )  # fmt: skip
        authority = keys.authority("lti-peer")
        storage.store(self.session, self.visit.deployment_id, [said], authority, NOW)

    def open(self, *people):
        for who in people:
            self.tell(who, LAUNCHED)

    def complete(self, *people):
        for who in people:
            self.tell(who, COMPLETED, completion=True)

    def check(self, who, moment, right):
        asked = Thing(f"{self.visit.base_url}/question/1", QUESTION, "Question")
        self.tell(who, ANSWERED, asked, success=right, context_extensions={CHECK_MOMENT: moment})

    def facts(self, chosen=EVERYTHING):
        self.session.flush()
        return reads.facts(self.session, self.visit, chosen)

    def later(self, **gap):
        return NOW + timedelta(**gap)

    def _store(self, row):
        self.session.add(row)
        self.session.flush()
        return row


@pytest.fixture
def deeds(session, world):
    """Six learners in an activity, and nothing done yet."""
    return Deeds(session, world.build(learners=6))


@pytest.fixture
def busy(deeds):
    """Four of six handed in and reviewed in a ring, two of them twice; one opened it, one did not.

    0 → 1 → 2 → 3 → 0, and 0 → 2.
    """
    deeds.open(0, 0, 0, 1, 1, 2, 3, 4)
    work = [deeds.hand_in(who, 100 + who) for who in range(4)]
    for who in range(4):
        deeds.review(who, work[(who + 1) % 4], 0.5, 10 * who, deeds.later(hours=30))
    extra = deeds.review(0, work[2], 0.9, 250, deeds.later(hours=2))
    deeds.say(2, Target.FEEDBACK, extra.id, 1.0)
    for who in range(4):
        deeds.score(who, who / 4)
    deeds.complete(0, 1)
    return SimpleNamespace(deeds=deeds, work=work)
