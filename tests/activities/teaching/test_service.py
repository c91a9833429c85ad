from datetime import timedelta

import pytest

from lti_peer.activities.teaching import appointments, matching, service
from lti_peer.core.errors import Conflict, Invalid, NotAllowed, NotFound
from lti_peer.peerwork import flags, scores

BASE_URL = "https://tool.example"


def test_everybody_teaches_one_and_learns_one(signed):
    for who in signed.people:
        assert signed.teaching(who) is not None
        assert signed.learning(who) is not None


def test_wishes_are_kept_when_they_fit(signed):
    first, second = signed.people[:2]

    assert signed.teaching(first).topic.id == signed.topics[0].id
    assert signed.teaching(first).part(second.id) is not None


def test_nobody_is_matched_before_sign_up_is_due(classroom):
    for who in classroom.people:
        classroom.sign_up(who)

    assert classroom.pairs() == []


def test_the_timer_matches_when_sign_up_was_due_and_only_once(classroom):
    for who in classroom.people:
        classroom.sign_up(who)
    activity = classroom.staff.activity
    for now in (classroom.now, classroom.matched, classroom.matched):
        matching.turn(classroom.session, activity, now, BASE_URL)

    assert len(classroom.pairs()) == 4


def test_a_double_sign_up_says_one_thing_once(classroom):
    who = classroom.people[0]
    first, second = classroom.sign_up(who, 0, 1), classroom.sign_up(who, 0, 1)

    assert first is second
    assert len(classroom.statements("registered")) == 2


def test_nobody_learns_what_they_teach(classroom):
    with pytest.raises(Invalid) as refused:
        classroom.sign_up(classroom.people[0], 0, 0)

    assert set(refused.value.fields) == {"learn"}


def test_a_topic_is_closed_when_enough_people_teach_it(classroom):
    for who in classroom.people[:3]:
        classroom.sign_up(who, 0, 1)

    with pytest.raises(Invalid, match="not signed up"):
        classroom.sign_up(classroom.people[3], 0, 1)


def test_sign_up_closes_when_meetings_are_due(classroom):
    with pytest.raises(NotAllowed, match="closed"):
        classroom.sign_up(classroom.people[0], now=classroom.over)


def test_a_meeting_needs_the_check_before_it_counts(signed):
    pair = signed.pairs()[0]
    agreed = signed.agree(pair)

    with pytest.raises(NotAllowed, match="check question"):
        signed.hold(pair.explainer, agreed)


def test_nobody_confirms_their_own_proposal(signed):
    pair = signed.pairs()[0]
    visit = signed.visit(signed.person(pair.explainer), signed.matched)
    made = appointments.propose(
        signed.session, visit, pair.allocation.id, signed.matched, 30, "Here"
    )

    with pytest.raises(NotAllowed, match="proposed this time"):
        appointments.confirm(signed.session, visit, made.id)


def test_a_meeting_is_not_held_before_its_time(signed):
    pair = signed.pairs()[0]
    made = signed.propose(pair, signed.matched + timedelta(hours=1))

    with pytest.raises(NotAllowed, match="not begun"):
        signed.hold(pair.listeners[0], made)


def test_a_double_click_holds_once(signed):
    pair = signed.pairs()[0]
    agreed = signed.meet(pair)
    visit = signed.visit(signed.person(pair.explainer), signed.matched)

    assert appointments.hold(signed.session, visit, agreed.id) is agreed
    assert len(signed.statements("attended")) == 2


def test_the_first_answer_counts(signed):
    pair = signed.pairs()[0]
    listener = signed.person(pair.listeners[0])
    signed.check(listener, pair, right=False)

    with pytest.raises(Conflict):
        signed.check(listener, pair, right=True)


def test_the_explainer_does_not_answer_the_check(signed):
    pair = signed.pairs()[0]

    with pytest.raises(NotAllowed, match="listens"):
        signed.check(signed.person(pair.explainer), pair)


def test_a_stranger_does_not_see_a_pair(signed):
    pair = signed.pairs()[0]
    stranger = next(one for one in signed.people if pair.part(one.id) is None)

    with pytest.raises(NotFound):
        service.answer(
            signed.session, signed.visit(stranger, signed.matched), pair.allocation.id, 0
        )


def test_ratings_come_after_the_meeting(signed):
    pair = signed.pairs()[0]

    with pytest.raises(NotAllowed, match="after you have met"):
        signed.rate(signed.person(pair.listeners[0]), pair, pair.explainer)


def test_who_did_everything_has_a_full_score_and_is_complete(signed):
    for pair in signed.pairs():
        signed.meet(pair)
        signed.rate_all(pair)

    kept = scores.standing(signed.session, signed.staff)
    assert [kept[one.id]["participation"].share for one in signed.people] == [1, 1, 1, 1]
    assert [kept[one.id]["teaching"].share for one in signed.people] == [1, 1, 1, 1]
    assert len(signed.statements("completed")) == 4


def test_a_score_lists_the_facts_that_it_comes_from(signed):
    who = signed.people[0]
    score = scores.of_person(signed.session, signed.staff, who.id)["participation"]

    assert score.method == "duties@1"
    assert sum(score.inputs.values()) == pytest.approx(score.share)


def test_the_teaching_score_is_what_the_listener_said(signed):
    pair = signed.pairs()[0]
    signed.meet(pair)
    signed.rate(signed.person(pair.listeners[0]), pair, pair.explainer, points=1)
    kept = scores.of_person(signed.session, signed.staff, pair.explainer.person_id)

    assert kept["teaching"].share == pytest.approx(0.5)


def test_two_missed_meetings_call_the_staff_and_part_the_pair(signed):
    pair = signed.pairs()[0]
    explainer = signed.person(pair.explainer)
    for days in (0, 1):
        now = signed.matched + timedelta(days=days)
        agreed = signed.agree(pair, now)
        appointments.miss(signed.session, signed.visit(explainer, now), agreed.id, i_was_there=True)

    assert pair.allocation.id not in {one.allocation.id for one in signed.pairs()}
    assert "silence" in {one.reason for one in flags.pending(signed.session, signed.staff)}


def test_an_absence_is_a_duty_not_done_for_the_absent_alone(signed):
    pair = signed.pairs()[0]
    explainer, listener = signed.person(pair.explainer), signed.person(pair.listeners[0])
    agreed = signed.agree(pair)
    visit = signed.visit(explainer, signed.matched)
    appointments.miss(signed.session, visit, agreed.id, i_was_there=True)
    kept = scores.standing(signed.session, signed.staff)

    assert kept[listener.id]["participation"].share < kept[explainer.id]["participation"].share


@pytest.mark.parametrize("people", [5])
def test_who_drops_out_is_replaced_without_anybodys_hand(classroom):
    for who in classroom.people:
        classroom.sign_up(who)
    classroom.match()
    gone = classroom.people[0]
    left = [classroom.person(one) for one in classroom.teaching(gone).listeners]
    service.withdraw(classroom.session, classroom.visit(gone, classroom.matched))

    assert classroom.pairs(gone) == []
    assert all(classroom.learning(who) for who in left)


@pytest.mark.parametrize("people", [5])
def test_a_late_joiner_learns_at_once(classroom):
    for who in classroom.people[:4]:
        classroom.sign_up(who)
    classroom.match()
    late = classroom.people[4]
    classroom.sign_up(late, now=classroom.matched)

    assert classroom.learning(late) is not None


@pytest.mark.parametrize("people", [5])
def test_a_late_joiner_learns_from_one_who_has_taught_already(classroom):
    for who in classroom.people[:4]:
        classroom.sign_up(who)
    classroom.match()
    for pair in classroom.pairs():
        classroom.meet(pair)
    classroom.sign_up(classroom.people[4], now=classroom.matched)

    assert len(classroom.pairs()) == 5
    assert classroom.learning(classroom.people[4]).live


def test_partners_who_part_do_not_meet_again(signed):
    pair = signed.pairs()[0]
    explainer, listener = signed.person(pair.explainer), signed.person(pair.listeners[0])
    visit = signed.visit(listener, signed.matched)
    appointments.part_ways(signed.session, visit, pair.allocation.id, "time", "")

    again = signed.learning(listener)
    assert again.explainer.person_id != explainer.id


def test_bad_conduct_calls_the_instructor(signed):
    pair = signed.pairs()[0]
    visit = signed.visit(signed.person(pair.listeners[0]), signed.matched)
    appointments.part_ways(signed.session, visit, pair.allocation.id, "conduct", "Please look.")

    assert "conduct" in {one.reason for one in flags.pending(signed.session, signed.staff)}


def test_one_alone_waits_and_staff_know(classroom):
    classroom.sign_up(classroom.people[0])
    classroom.sign_up(classroom.people[1])
    classroom.match()
    service.withdraw(classroom.session, classroom.visit(classroom.people[1], classroom.matched))

    reasons = [one.reason for one in flags.pending(classroom.session, classroom.staff)]
    assert reasons == ["coverage"]


def test_a_call_is_taken_back_when_somebody_is_found(classroom):
    first, second, third = classroom.people[:3]
    classroom.sign_up(first)
    classroom.sign_up(second)
    classroom.match()
    service.withdraw(classroom.session, classroom.visit(second, classroom.matched))
    classroom.sign_up(third, now=classroom.matched)

    assert flags.pending(classroom.session, classroom.staff) == []
    assert classroom.learning(first).explainer.person_id == third.id


def test_statements_hold_no_name_and_no_text(signed):
    pair = signed.pairs()[0]
    signed.meet(pair)
    signed.rate(signed.person(pair.listeners[0]), pair, pair.explainer, comment="secretword")
    told = str(signed.statements())

    assert "synthetic" not in told
    assert "secretword" not in told
    assert pair.topic.title not in told


def test_the_timer_has_nothing_to_do_once_all_are_matched_or_called_for(classroom, monkeypatch):
    for who in classroom.people[:3]:
        classroom.sign_up(who)
    activity = classroom.staff.activity
    matching.turn(classroom.session, activity, classroom.matched, BASE_URL)
    monkeypatch.setattr(matching, "match", None)

    matching.turn(classroom.session, activity, classroom.matched, BASE_URL)


@pytest.mark.parametrize("people", [5])
def test_who_leaves_the_course_is_replaced_by_the_timer(classroom):
    for who in classroom.people:
        classroom.sign_up(who)
    classroom.match()
    gone = classroom.people[0]
    left = classroom.person(classroom.teaching(gone).listeners[0])
    classroom.remove(gone)
    matching.turn(classroom.session, classroom.staff.activity, classroom.matched, BASE_URL)

    assert classroom.pairs(gone) == []
    assert classroom.learning(left) is not None


def test_nobody_is_matched_after_meetings_were_due(classroom):
    for who in classroom.people:
        classroom.sign_up(who)

    assert classroom.match(classroom.over) == 0
    assert classroom.pairs() == []


@pytest.fixture
def trio(classroom):
    """A pair that a third person has joined."""
    for who, teach, learn in zip(classroom.people[:2], (0, 1), (1, 0), strict=True):
        classroom.sign_up(who, teach, learn)
    classroom.match()
    classroom.sign_up(classroom.people[2], 2, 1, now=classroom.matched)
    return classroom.learning(classroom.people[2])


def test_three_meet_and_the_explainer_rates_both_listeners(classroom, trio):
    assert len(trio.listeners) == 2
    classroom.meet(trio)
    classroom.rate_all(trio)

    assert len(classroom.statements("attended")) == 3
    assert len(classroom.statements("rated")) == 4


def test_of_three_two_go_on_when_a_listener_leaves(classroom, trio):
    service.withdraw(classroom.session, classroom.visit(classroom.people[2], classroom.matched))
    left = [one for one in classroom.pairs() if one.allocation is trio.allocation]

    assert [len(one.listeners) for one in left] == [1]
