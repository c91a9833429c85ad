from lti_peer.core import queries
from lti_peer.peerwork.feedback import Target
from lti_peer.peerwork.meetings import MeetingState
from lti_peer.peerwork.submissions import SubmissionState
from lti_peer.reports import taking_part


def test_the_funnel_counts_each_learner_once_at_each_stage(busy):
    figure = taking_part.participation(busy.deeds.facts())
    assert [(stage, count) for stage, count, _ in figure.table.rows] == [
        ("Opened it", 5),
        ("Handed in", 4),
        ("Got a review or a partner", 4),
        ("Reviewed", 4),
        ("Rated what they got", 1),
        ("Did everything", 2),
    ]
    assert "(3)" in figure.sentence  # from reviewing to rating
    assert figure.picture.count("<rect") == 12


def test_who_acted_has_opened_it_even_when_no_statement_says_so(deeds):
    deeds.hand_in(0)
    assert dict(taking_part.stages(deeds.facts()))["Opened it"] == {deeds.people[0].id.hex}


def test_withdrawn_work_is_not_handed_in(deeds):
    deeds.hand_in(0).state = SubmissionState.WITHDRAWN
    assert "Handed in" not in dict(taking_part.stages(deeds.facts()))


def test_a_meeting_that_was_missed_is_not_met(deeds):
    deeds.meet({0: "explainer", 1: "listener"}, MeetingState.MISSED)
    assert "Met" not in dict(taking_part.stages(deeds.facts()))


def test_staff_and_people_who_left_are_not_counted(deeds, session):
    deeds.hand_in(0)
    queries.member(session, deeds.visit, deeds.people[0].id).active = False
    session.flush()
    facts = deeds.facts()
    assert len(facts.names) == 5
    assert taking_part.stages(facts) == []


def test_with_nothing_done_it_says_so_and_draws_nothing(deeds):
    figure = taking_part.participation(deeds.facts())
    assert figure.sentence == "Nobody of 6 learners has opened it yet."
    assert figure.picture is None


def test_days_begin_at_midnight_of_the_viewer(deeds):
    deeds.hand_in(0, at=deeds.later(hours=14, minutes=30))  # 23:30 UTC
    days = taking_part.days(deeds.facts(), "Europe/Paris")
    assert days.table.rows == [("2026-11-24", 1)]


def test_a_day_without_an_act_is_shown_as_0(deeds):
    deeds.hand_in(0)
    deeds.hand_in(1, at=deeds.later(days=2))
    assert [n for _, n in taking_part.days(deeds.facts(), "UTC").table.rows] == [1, 0, 1]


def test_a_long_time_is_shown_by_weeks_and_loses_no_act(deeds):
    deeds.hand_in(0)
    deeds.hand_in(1, at=deeds.later(days=100))
    rows = taking_part.days(deeds.facts(), "UTC").table.rows
    assert len(rows) == 15
    assert sum(count for _, count in rows) == 2


def test_return_visits_are_openings_beyond_the_first(busy):
    figure = taking_part.returns(busy.deeds.facts())
    assert figure.table.rows[:4] == [("never", 1), ("once", 3), ("2 times", 1), ("3 times", 1)]
    assert figure.sentence.startswith("2 of 6 learners came back")


def test_without_statements_it_says_that_visits_are_not_known(deeds):
    deeds.hand_in(0)
    figure = taking_part.returns(deeds.facts())
    assert "not known here" in figure.sentence
    assert figure.picture is None


def test_words_are_those_of_the_feedback_that_stands(deeds):
    work = deeds.hand_in(0)
    first = deeds.review(1, work, words=10)
    deeds.say(1, Target.SUBMISSION, work.id, 0.5, 60, replaces_id=first.id)
    rows = dict(taking_part.words(deeds.facts()).table.rows)
    assert rows["50 to 99 words"] == 1
    assert sum(rows.values()) == 1
