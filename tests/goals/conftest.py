"""A class of which only statements are known, so that each outcome can be told by hand."""

from dataclasses import replace
from uuid import UUID, uuid4

import factories
import pytest

from lti_peer.goals import runs, service
from lti_peer.goals.forms import Plan
from lti_peer.peerwork import statements
from xapi.lrs import keys, storage
from xapi.statement import Thing, build
from xapi.vocabulary import (
    ANSWERED,
    CHECK_MOMENT,
    QUESTION,
    RATED,
    REVIEW,
    REVIEW_TASK,
    REVIEWED,
    SUBMISSION,
    WAS_ASSIGNED,
)

NOW = factories.NOW


class Told(factories.Overlook):
    """Puts what people did into the record store, and nowhere else."""

    def say(self, who, verb, thing=None, at=NOW, *, about=None, tenant=None, **details):
        """Store one statement of somebody about a thing of the activity, or about itself."""
        visit = replace(self.visit, chosen=about or self.activity)
        person = self.people[who]
        context = statements.context(visit, person)
        extensions = {**context["context_extensions"], **details.pop("extensions", {})}
        if thing is None:
            thing = statements.activity(visit)
            del context["parent"]
        said = build(
            uuid4(), actor=statements.account(person), verb=verb, thing=thing, at=at,
            **{**context, "context_extensions": extensions, **details},
        )  # fmt: skip
        self.put(said, tenant)
        return UUID(said["id"])

    def put(self, said, tenant=None):
        tenant = tenant or self.visit.deployment_id
        storage.store(self.session, tenant, [said], keys.authority("lti-peer"), NOW)

    def review(self, who, work, at=NOW):
        self.say(who, REVIEWED, self.thing(SUBMISSION, work), at)

    def help(self, who, author, helpful, task):
        """Give somebody a review to write, and let its author say whether it helped."""
        self.say(who, WAS_ASSIGNED, self.thing(REVIEW_TASK, task))
        self.say(author, RATED, self.thing(REVIEW, task), scaled=helpful)

    def check(self, who, *, before, after):
        for moment, right in (("before", before), ("after", after)):
            self.say(
                who, ANSWERED, self.thing(QUESTION, 1), success=right,
                extensions={CHECK_MOMENT: moment},
            )  # fmt: skip

    def thing(self, kind, number):
        word = kind.id.rpartition("/")[2]
        return Thing(f"{self.visit.base_url}/{word}/{number}", kind, kind.name)

    def want(self, metric, target, amount=0, due=NOW, group="", activity=None):
        visit = replace(self.visit, chosen=activity or self.activity)
        return service.add(self.session, visit, metric, Plan(amount, target, due, group))

    def outcome(self, goal, visit=None):
        self.session.flush()
        return runs.judged(self.session, visit or self.visit, [goal])[0].outcome


@pytest.fixture
def told(session, world):
    """Six learners in an activity, and nothing said yet."""
    return Told(session, world.build(learners=6))
