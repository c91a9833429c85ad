from collections import Counter

import factories
import pytest

from lti_peer.reports import across, institution
from lti_peer.reports.sums import Sums


@pytest.fixture
def found(busy, session):
    """The sums of the one course, in which six learners are and two did nothing."""
    session.flush()
    deeds = busy.deeds
    deeds.meet({3: "explainer", 4: "listener"})
    return across.courses(session, deeds.teacher.platform_id, deeds.visit.base_url)


def row_of(figure, place=0):
    keys = [column.key for column in figure.table.columns]
    return dict(zip(keys, figure.table.rows[place], strict=True))


def test_a_course_is_summed_as_its_own_report_does(found):
    (one,) = found
    assert (len(one.people), one.works, one.reviews, one.openings, one.finished) == (6, 4, 5, 8, 2)
    assert sorted(one.waits) == [2, 30, 30, 30]
    assert (one.given.total(), one.received.total(), len(one.active)) == (6, 6, 5)
    assert one.scores == {"work": (0.375, 4)}


def test_a_review_that_was_replaced_is_one(busy, session):
    deeds, first = busy.deeds, busy.deeds.hand_in(4)
    said = deeds.review(5, first, words=10)
    deeds.say(5, said.target, first.id, 0.5, 70, replaces_id=said.id)
    (one,) = across.courses(session, deeds.teacher.platform_id, deeds.visit.base_url)
    person = deeds.people[4].id.hex
    assert (one.reviews, one.received[person]) == (6, 1)
    assert one.words == 310 + 70


def test_a_number_about_fewer_than_five_people_is_withheld(found):
    row = row_of(institution.figures(found)[0])
    assert (row["learners"], row["active"]) == (6, 5 / 6)
    assert row["works"] is None  # four handed in
    assert row["alone"] is None  # one stands alone
    assert row["busiest"] is None  # a fifth of six is one
    assert row["score_work"] is None


def test_a_course_with_fewer_than_five_learners_is_left_out_with_a_sentence_why(found):
    small = Sums("Seminar", people={"a", "b"}, activities=1)
    figure = institution.figures([*found, small])[0]
    assert [row[0] for row in figure.table.rows] == [found[0].title]
    assert "1 course with fewer than 5 learners is left out" in figure.sentence


def test_what_is_withheld_cannot_be_told_from_the_sum():
    assert institution.withhold({"0": 20, "1": 3, "2": 9}) == {"0": 20, "1": None, "2": None}
    assert institution.withhold({"0": 20, "1": 3, "2": 4}) == {"0": 20, "1": None, "2": None}
    assert institution.withhold({"0": 20, "1": 0}) == {"0": 20, "1": 0}


def test_no_sentence_tells_what_went_with_a_number_that_is_withheld():
    given = Counter({f"one{n}": 1 for n in range(20)} | {f"two{n}": 2 for n in range(3)})
    course = Sums("Tides", people={*given, *"abcdef"}, given=given)
    figure = institution.load([course])
    assert [many for _, many in figure.table.rows] == [None, 20, None, 0, 0, 0]
    assert "29 learners, counted in each of their courses, 5 or more gave" in figure.sentence


def test_a_time_that_is_withheld_cannot_be_told_from_how_many_works_have_a_review():
    course = Sums("Tides", people=set("abcdef"), works=37, waits=[30.0] * 20 + [99.0] * 9 + [200.0])
    figure = institution.waits([course])
    assert figure.sentence.startswith("Half of 30 works")
    assert [many for _, many in figure.table.rows] == [0, 20, None, None, 0, 7]


def test_who_only_handed_in_stands_without_a_tie():
    quiet = Sums("Quiet", people=set("abcdef"), authors=set("abcdef"), works=6, activities=1)
    row = row_of(institution.figures([quiet])[0])
    assert (row["active"], row["alone"]) == (1, 6)


def test_another_lms_is_not_summed(busy, session):
    other = factories.platform(session)
    session.flush()
    assert across.courses(session, other.id, busy.deeds.visit.base_url) == []
    assert [one for one, _ in across.institutions(session)] == [busy.deeds.teacher.platform_id]


def test_a_picture_shows_nothing_where_a_number_is_withheld(found):
    waits = institution.figures(found)[2]
    assert dict(waits.table.rows)["1 to 3 days"] is None  # three works
    assert waits.picture is None  # four works waited


def test_where_nobody_gave_anything_nobody_is_in_balance():
    quiet = Sums("Quiet", people=set("abcdef"), authors=set("abcdef"), works=6, activities=1)
    assert row_of(institution.figures([quiet])[0])["balanced"] is None
