from datetime import timedelta

from sqlalchemy import select

from lti_peer.core.outbox import OutboxItem
from lti_peer.goals import service, telling
from lti_peer.goals.forms import Plan
from lti_peer.goals.models import Goal, Metric
from lti_peer.jobs import timers
from xapi.vocabulary import GOAL_OUTCOME, LAUNCHED

SOON = timedelta(hours=1)


def turn(told, now):
    """Let the timers turn; return what was said of goals."""
    told.session.commit()
    timers.turn(told.world.database, now, told.visit.base_url)
    with told.world.database.transaction(read_only=True) as session:
        said = [one.payload for one in session.scalars(select(OutboxItem))]
    return [one for one in said if one["object"]["id"].startswith(f"{told.visit.base_url}/goal/")]


def test_a_goal_is_told_once_at_its_date_in_the_name_of_who_set_it(told):
    for who in range(5):
        told.say(who, LAUNCHED)
    due = told.visit.now + SOON
    told.want(Metric.OPENED, 0.8, due=due)
    assert turn(told, due) == []  # statements may still be on their way
    turn(told, due + SOON)
    (said,) = turn(told, due + 2 * SOON)
    assert said["actor"]["account"]["name"] == told.teacher.subject
    assert said["result"]["success"] is True
    outcome = said["result"]["extensions"][GOAL_OUTCOME.id]
    assert (outcome["state"], outcome["count"], outcome["whole"]) == ("reached", 5, 6)
    assert outcome["low"] < said["result"]["score"]["scaled"] < outcome["high"]


def test_a_goal_with_too_few_data_says_neither_success_nor_failure(told):
    told.check(0, before=False, after=True)
    told.want(Metric.GAIN, 0.0)
    (said,) = turn(told, told.visit.now + SOON)
    assert "success" not in said["result"]
    assert "score" not in said["result"]
    assert said["result"]["extensions"][GOAL_OUTCOME.id] == {
        "state": "too-few-data", "metric": "gain", "unit": "gain", "target": 0.0, "whole": 1,
    }  # fmt: skip


def test_nothing_is_told_of_an_activity_whose_statements_are_elsewhere(told):
    told.want(Metric.OPENED, 0.8)
    assert turn(told, told.visit.now + SOON) == []
    assert told.session.scalars(select(Goal.told_at)).one() is not None


def test_nothing_is_told_for_somebody_who_has_been_erased(told):
    told.say(0, LAUNCHED)
    goal = told.want(Metric.OPENED, 0.8)
    goal.created_by = None
    assert turn(told, told.visit.now + SOON) == []
    assert told.session.scalars(select(Goal.told_at)).one() is not None


def test_a_changed_goal_is_told_again(told):
    told.say(0, LAUNCHED)
    goal = told.want(Metric.OPENED, 0.8)
    assert len(turn(told, told.visit.now + SOON)) == 1
    told.session.refresh(goal)
    service.change(told.session, told.visit, goal, Plan(0, 0.5, told.visit.now, ""))
    assert len(turn(told, told.visit.now + SOON)) == 2


def test_a_fault_in_one_goal_stops_no_other(told, monkeypatch):
    told.say(0, LAUNCHED)
    poison, sound = told.want(Metric.OPENED, 0.8), told.want(Metric.COMPLETED, 0.8)

    def evaluated(session, visit, line):
        if line.goal.id == poison.id:
            raise ValueError("a fault in one goal")
        say(session, visit, line)

    say = telling.evaluated
    monkeypatch.setattr(telling, "evaluated", evaluated)
    (said,) = turn(told, told.visit.now + SOON)
    assert said["object"]["id"].endswith(str(sound.id))
