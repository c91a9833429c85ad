import pytest

from lti_peer.peerwork.feedback import Target
from lti_peer.reports import exchange, results
from lti_peer.reports.activity import people


def test_the_load_counts_each_learner_once(busy):
    rows = dict(exchange.load(busy.deeds.facts()).table.rows)
    assert rows == {"0": 2, "1": 3, "2": 1, "3": 0, "4": 0, "5+": 0}


def test_two_reviews_of_one_work_are_apart_by_their_points(busy):
    figure = exchange.agreement(busy.deeds.facts())
    assert dict(figure.table.rows)["26 to 50 points"] == 1
    assert figure.sentence.startswith("Two reviews of the same work are 40 points")


def test_few_pairs_of_reviews_make_no_picture(busy):
    figure = exchange.agreement(busy.deeds.facts())
    assert figure.picture is None
    assert figure.sentence.endswith("From 5 pairs on there is a picture.")


def test_the_first_review_of_a_work_ends_its_waiting(busy):
    busy.deeds.hand_in(4)
    rows = dict(exchange.speed(busy.deeds.facts()).table.rows)
    assert rows["within a day"] == 1
    assert rows["1 to 3 days"] == 3
    assert rows["none yet"] == 1


def test_balance_sets_what_was_given_against_what_was_received(busy):
    figure = exchange.balance(busy.deeds.facts())
    assert figure.table.rows == [("0", "0", 2), ("1", "1", 2), ("1", "2", 1), ("2", "1", 1)]
    assert figure.sentence.startswith("1 gave more than they got, 1 got more")


def test_in_a_meeting_the_explainer_gives_and_the_listener_receives(deeds):
    deeds.meet({0: "explainer", 1: "listener"})
    facts, (one, other) = deeds.facts(), [who.id.hex for who in deeds.people[:2]]
    assert (exchange.given(facts)[one], exchange.received(facts)[one]) == (1, 0)
    assert (exchange.given(facts)[other], exchange.received(facts)[other]) == (0, 1)


def test_in_a_meeting_of_equals_everybody_gives_and_receives(deeds):
    deeds.meet({0: "member", 1: "member", 2: "member"})
    facts = deeds.facts()
    assert list(exchange.given(facts).values()) == [1, 1, 1, 0, 0, 0]
    assert exchange.given(facts) == exchange.received(facts)


def test_who_met_or_reviewed_nobody_stands_alone(busy):
    rows = exchange.isolation(busy.deeds.facts()).table.rows
    assert rows[:3] == [("Person 5 (synthetic)", 0), ("Person 6 (synthetic)", 0),
                        ("Person 2 (synthetic)", 2)]  # fmt: skip


def test_a_review_of_removed_work_makes_no_tie(deeds):
    deeds.say(0, Target.SUBMISSION, deeds.activity.id, 0.5)
    assert not any(deeds.facts().ties.values())


def test_who_marks_higher_than_others_is_told_by_the_same_works(busy):
    facts = busy.deeds.facts()
    first, second = (one.id.hex for one in busy.deeds.people[:2])
    assert exchange.leaning(facts) == pytest.approx({first: 0.4, second: -0.4})


def test_the_table_of_everybody_has_all_their_numbers(busy):
    table = people(busy.deeds.facts()).table
    assert [column.key for column in table.columns][-1] == "score_work"
    assert table.rows[0] == ("Person 1 (synthetic)", 3, 1, 2, 1, 250, 0.4, 3, 0.0)
    assert table.shown()[0] == ["Person 1 (synthetic)", "3", "1", "2", "1", "250", "+40", "3", "0"]


def test_only_the_newest_score_counts(deeds):
    deeds.score(0, 0.2)
    deeds.score(0, 0.95, number=2)
    (figure,) = results.scores(deeds.facts())
    assert dict(figure.table.rows)["90–100"] == 1
    assert sum(count for _, count in figure.table.rows) == 1


def test_from_five_scores_on_there_is_a_picture_with_quartiles(deeds):
    for who, share in enumerate((0.2, 0.4, 0.6, 0.8, 1.0)):
        deeds.score(who, share)
    (figure,) = results.scores(deeds.facts())
    assert (
        figure.sentence == "The middle of 5 scores is 60 of 100; half of all lie between 40 and 80."
    )
    assert figure.picture


def test_the_gain_is_of_those_who_answered_before_and_after(deeds):
    for who in range(5):
        deeds.check(who, "before", right=who == 0)
        deeds.check(who, "after", right=who < 3)
    deeds.check(5, "before", right=True)
    figure = results.gain(deeds.facts())
    assert [row[1] for row in figure.table.rows] == [1, 3]
    assert "2 learnt it, 0 lost it" in figure.sentence
    assert figure.sentence.endswith("50 % of what there was to gain.")
