"""What a class really did is what its goals hear of it."""

from datetime import timedelta

from goals.pouring import came_to

from lti_peer.activities.peer_review import service
from lti_peer.goals.models import Metric
from lti_peer.peerwork.feedback import Said, Target
from lti_peer.reports import reads


def test_a_goal_hears_who_revised(build):
    class_ = build(learners=5, reviews=1).let_revise()
    for number, who in enumerate(class_.people):
        class_.hand_in(who, source=f"Text {number}.")
    for who in class_.people * 2:  # a second time for whose text the draw left out
        class_.review(who)
    for who in class_.people[:3]:
        class_.revise(who)
        class_.revise(who, "Still better.")
    (outcome,) = came_to(class_.session, class_.staff, (Metric.REVISED, 0.5, 0))
    assert (outcome.count, outcome.whole, outcome.state) == (3, 5, "reached")


def test_goals_hear_what_the_tables_know(build):
    class_ = build(learners=6)
    works = {class_.hand_in(who).id: who for who in class_.people}
    later = class_.reviewing + timedelta(hours=5)
    given = [class_.review(class_.people[0], later) for _ in range(3)]
    given += [class_.review(who, later) for who in class_.people[1:4]]
    for one, points in zip(given, (2, 1, 0, 2, 0, 0), strict=True):
        author = class_.visit(works[one.target_id], class_.after)
        service.rate_review(class_.session, author, one, Said({"helpful": points}, "", "", 0))
    handed, three, helped, both, wait = came_to(
        class_.session, class_.staff,
        (Metric.HANDED_IN, 0.9, 0), (Metric.REVIEWED, 0.5, 3), (Metric.HELPED, 0.5, 1),
        (Metric.HELPED, 0.5, 2), (Metric.FIRST_FEEDBACK, 300, 0),
    )  # fmt: skip
    facts = reads.facts(class_.session, class_.staff)
    assert len(facts.of(Target.SUBMISSION)) == 6  # of five works or of six, by the draw
    assert (handed.count, three.count) == (len(facts.work), 1)
    assert (helped.count, both.count) == (2, 1)
    assert (wait.whole, wait.value) == (6, (later - class_.now) / timedelta(hours=1))
