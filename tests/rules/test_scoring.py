"""From reviews to a score with its interval, the same digits for the same reviews."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_peer.rules import scoring
from lti_peer.rules.scoring import Review

SUBJECT = UUID(int=1)


def reviews(*shares):
    return [
        Review(UUID(int=100 + n), SUBJECT, UUID(int=200 + n), share)
        for n, share in enumerate(shares)
    ]


def estimate(*shares):
    return scoring.mean(reviews(*shares))[SUBJECT]


shares = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_a_score_is_the_mean_of_its_reviews():
    assert estimate(0.5, 1.0).share == 0.75
    assert estimate(0.5, 1.0).count == 2


def test_each_review_counts_the_same():
    assert set(estimate(0.1, 0.2, 0.9, 0.4).weights.values()) == {0.25}


@pytest.mark.parametrize("given_shares", [(0.5,), (0.2, 0.9)])
def test_fewer_than_three_reviews_show_no_interval(given_shares):
    found = estimate(*given_shares)
    assert (found.low, found.high) == (None, None)


def test_the_interval_is_students():
    found = estimate(0.4, 0.5, 0.6)
    reach = 2.920 * 0.1 / 3**0.5  # t for 90 % and two degrees of freedom, times s / sqrt(n)
    assert found.low == pytest.approx(0.5 - reach)
    assert found.high == pytest.approx(0.5 + reach)


def test_reviews_that_agree_have_an_interval_of_no_width():
    found = estimate(0.7, 0.7, 0.7)
    assert found.low == found.high == pytest.approx(0.7)


def test_subjects_are_scored_apart():
    other = UUID(int=2)
    found = scoring.mean([*reviews(1.0), Review(UUID(int=9), other, UUID(int=8), 0.0)])
    assert (found[SUBJECT].share, found[other].share) == (1.0, 0.0)


def test_without_reviews_there_is_no_score():
    assert scoring.mean([]) == {}


@given(shares.map(lambda given_shares: reviews(*given_shares)), st.data())
def test_the_order_of_reviews_changes_no_digit(one, data):
    assert scoring.mean(one) == scoring.mean(data.draw(st.permutations(one)))


@given(shares)
def test_a_score_and_its_interval_lie_from_nothing_to_all(given_shares):
    found = estimate(*given_shares)
    assert 0 <= found.share <= 1
    if found.low is not None:
        assert 0 <= found.low <= found.share + 1e-12
        assert found.share - 1e-12 <= found.high <= 1


@given(shares)
def test_the_weights_add_up_to_one(given_shares):
    assert sum(estimate(*given_shares).weights.values()) == pytest.approx(1)
