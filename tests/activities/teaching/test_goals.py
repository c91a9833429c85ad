"""What a class really did is what its goals hear of it."""

from datetime import timedelta

from goals.pouring import came_to

from lti_peer.goals.models import Metric
from lti_peer.reports import reads


def test_goals_hear_what_the_tables_know(classroom):
    for place, who in enumerate(classroom.people):
        classroom.sign_up(who, place % 4, (place + 1) % 4)
    classroom.match()
    pairs = classroom.pairs()
    later = classroom.matched + timedelta(hours=30)
    for pair in pairs[1:]:
        classroom.meet(pair, later)
    visit = classroom.visit(classroom.world.teacher, classroom.matched + timedelta(days=9))
    taught, met, wait, gain = came_to(
        classroom.session, visit,
        (Metric.TAUGHT, 0.5, 1), (Metric.MET, 0.5, 2), (Metric.FIRST_MEETING, 48, 0),
        (Metric.GAIN, 0.0, 0),
    )  # fmt: skip
    facts = reads.facts(classroom.session, visit)
    givers = [person for one in facts.met for person in one.givers]
    assert taught.count == len(set(givers)) == len(pairs) - 1
    there = [person for one in facts.met for person in one.givers | one.receivers]
    assert met.count == sum(there.count(person) >= 2 for person in set(there))
    assert (wait.whole, wait.value) == (len(pairs), 30)
    assert (gain.whole, gain.value) == (len(pairs) - 1, 1)
