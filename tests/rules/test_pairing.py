from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lti_peer.rules.pairing import MOST_LISTENERS, Seeker, pair

TOPICS = [UUID(int=1000 + n) for n in range(6)]


@st.composite
def classes(draw, least=2, most=24):
    """A class with wishes, and the topics that there are."""
    topics = TOPICS[: draw(st.integers(2, 6))]
    wish = st.one_of(st.none(), st.sampled_from(topics))
    seekers = []
    for number in range(draw(st.integers(least, most))):
        teach, learn = draw(wish), draw(wish)
        if teach is not None and teach == learn:
            learn = None
        seekers.append(Seeker(UUID(int=number + 1), teach, learn))
    return seekers, topics


@st.composite
def running_classes(draw):
    """A class in which some teach and some are taught already."""
    seekers, topics = draw(classes())
    found = []
    for one in seekers:
        busy, served = draw(st.integers(0, 2)), draw(st.booleans())
        teach = one.teach or (topics[0] if one.learn != topics[0] else topics[1])
        learn = one.learn or (topics[0] if teach != topics[0] else topics[1])
        found.append(
            Seeker(
                one.person, teach if busy else one.teach, learn if served else one.learn,
                listeners=busy, served=served, unmet=bool(busy) and draw(st.booleans()),
                failures=draw(st.integers(0, 2)),
            )
        )  # fmt: skip
    return [one for one in found if one.teach is None or one.teach != one.learn], topics


def loads(seekers, matches):
    load = {one.person: one.listeners for one in seekers}
    for match in matches:
        load[match.explainer] += 1
    return load


@given(classes())
@settings(max_examples=100, deadline=None)
def test_everybody_is_taught(case):
    seekers, topics = case
    matches = pair(seekers, topics, seed="a")

    assert sorted(m.listener for m in matches) == sorted(one.person for one in seekers)


@given(classes(least=6))
@settings(max_examples=100, deadline=None)
def test_at_most_one_in_a_class_has_nobody_to_teach(case):
    seekers, topics = case
    matches = pair(seekers, topics, seed="a")

    assert len({m.explainer for m in matches}) >= len(seekers) - 1


@pytest.mark.slow
@given(running_classes())
@settings(max_examples=150, deadline=None)
def test_the_rules_hold_while_a_class_is_running(case):
    seekers, topics = case
    assume(len(seekers) > 1)
    matches = pair(seekers, topics, seed="a")
    by_person = {one.person: one for one in seekers}
    taught = {m.listener: m.topic for m in matches}

    assert all(m.explainer != m.listener for m in matches)
    assert len(taught) == len(matches)
    assert not any(by_person[m.listener].served for m in matches)
    assert all(
        load <= max(MOST_LISTENERS, by_person[person].listeners)
        for person, load in loads(seekers, matches).items()
    )


@given(running_classes())
@settings(max_examples=100, deadline=None)
def test_nobody_learns_the_topic_that_they_teach(case):
    seekers, topics = case
    matches = pair(seekers, topics, seed="a")
    learns = {one.person: one.learn for one in seekers if one.served}
    learns |= {m.listener: m.topic for m in matches}

    assert all(learns.get(m.explainer) != m.topic for m in matches)


@given(running_classes())
@settings(max_examples=50, deadline=None)
def test_one_topic_is_taught_by_each_explainer(case):
    seekers, topics = case
    taught = {one.person: {one.teach} for one in seekers if one.listeners}
    for match in pair(seekers, topics, seed="a"):
        taught.setdefault(match.explainer, set()).add(match.topic)

    assert all(len(topics_of_one) == 1 for topics_of_one in taught.values())


@given(classes(), st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_seekers_changes_nothing(case, dice):
    seekers, topics = case
    mixed = list(seekers)
    dice.shuffle(mixed)

    assert pair(mixed, topics, seed="a") == pair(seekers, topics, seed="a")


@given(classes())
@settings(max_examples=50, deadline=None)
def test_people_who_parted_are_kept_apart(case):
    seekers, topics = case
    apart = {frozenset({seekers[0].person, one.person}) for one in seekers[1:]}
    matches = pair(seekers, topics, apart, seed="a")

    assert seekers[0].person not in {m.listener for m in matches}
    assert seekers[0].person not in {m.explainer for m in matches}


def test_wishes_that_fit_are_all_kept():
    wishes = [(0, 1), (1, 0), (2, 3), (3, 2), (0, 2), (2, 0)]
    seekers = [
        Seeker(UUID(int=n + 1), TOPICS[teach], TOPICS[learn])
        for n, (teach, learn) in enumerate(wishes)
    ]

    assert all(match.wished for match in pair(seekers, TOPICS[:4], seed="a"))


def test_a_listener_gives_way_before_an_explainer():
    wishes = [(0, 1), (1, 2), (2, 1), (0, 2), (2, 0)]
    seekers = [
        Seeker(UUID(int=n + 1), TOPICS[teach], TOPICS[learn])
        for n, (teach, learn) in enumerate(wishes)
    ]
    taught = {m.explainer: m.topic for m in pair(seekers, TOPICS[:3], seed="a")}

    assert taught == {one.person: one.teach for one in seekers}


def test_a_late_listener_joins_those_who_have_yet_to_meet():
    met = Seeker(UUID(int=1), TOPICS[0], TOPICS[1], listeners=1, served=True)
    unmet = Seeker(UUID(int=2), TOPICS[0], TOPICS[1], listeners=1, served=True, unmet=True)
    late = Seeker(UUID(int=3), TOPICS[1], TOPICS[0])

    assert [m.explainer for m in pair([met, unmet, late], TOPICS[:2], seed="a")] == [unmet.person]


def test_who_failed_others_is_served_last():
    explainer = Seeker(UUID(int=1), TOPICS[0], TOPICS[1], listeners=1, served=True)
    absent = Seeker(UUID(int=2), TOPICS[1], TOPICS[0], listeners=2, failures=1)
    present = Seeker(UUID(int=3), TOPICS[1], TOPICS[0], listeners=2)

    matches = pair([explainer, absent, present], TOPICS[:2], seed="a")
    assert [m.listener for m in matches] == [present.person]


def test_one_topic_is_not_enough():
    with pytest.raises(ValueError, match="two topics"):
        pair([Seeker(UUID(int=1))], TOPICS[:1], seed="a")
