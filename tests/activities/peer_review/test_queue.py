"""The queue over whole classes: who gets which review, with no-shows, rush and late work."""

import random
from dataclasses import dataclass, replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from lti_peer.activities.peer_review.service import SPARE
from lti_peer.rules.allocation import Candidate, no_show_rate, order

K = 3


@dataclass
class Class:
    """A class in memory: the same rule as the service, with a dictionary for a database."""

    seed: int
    size: int
    absent: float
    late: float
    bonus: int

    def run(self):
        dice = random.Random(self.seed)  # noqa: S311 - a simulation that can be repeated
        people = [UUID(int=number + 1) for number in range(self.size)]
        self.needs = {one: Candidate(one, one, K, 0, 0) for one in people}
        self.known = {one: {one} for one in people}
        self.failed = self.completed = 0
        late = set(people[: round(self.late * self.size)])
        shirkers = set(dice.sample(people, round(self.absent * self.size)))
        for rounds in range(K + self.bonus):
            present = [one for one in people if rounds or one not in late]
            dice.shuffle(present)
            for one in present:
                self.take(one, shirks=one in shirkers, bonus=rounds >= K, here=present)
        return self

    def take(self, reviewer, *, shirks, bonus, here):
        no_show = no_show_rate(self.completed, self.failed)
        open_to = [
            need for one, need in self.needs.items()
            if one in here and one not in self.known[reviewer]
            and need.live + need.completed < K + SPARE
        ]  # fmt: skip
        ranked = order(
            open_to, reviewer=reviewer, reviewed_by=(), no_show=no_show, seed=str(self.seed)
        )
        if bonus:
            ranked = [one for one in ranked if one.expected(no_show) < K]
        if not ranked or (bonus and shirks):
            return
        chosen = ranked[0].subject
        self.known[reviewer].add(chosen)
        self.failed, self.completed = self.failed + shirks, self.completed + (not shirks)
        need = self.needs[chosen]
        self.needs[chosen] = replace(need, completed=need.completed + (not shirks))

    @property
    def received(self):
        return [need.completed for need in self.needs.values()]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(8, 40))
def test_every_text_gets_its_reviews_when_all_write_theirs(seed, size):
    assert min(Class(seed, size, absent=0, late=0, bonus=2).run().received) >= K


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(15, 40))
def test_no_shows_and_late_work_are_made_up_for_by_who_takes_another(seed, size):
    assert min(Class(seed, size, absent=0.2, late=0.1, bonus=4).run().received) >= K


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(4, 40))
def test_no_text_ever_gets_more_than_its_reviews_and_a_spare_one(seed, size):
    assert max(Class(seed, size, absent=0.3, late=0.2, bonus=4).run().received) <= K + SPARE
