from math import comb, inf, sqrt
from statistics import NormalDist, fmean, stdev

import pytest

from lti_peer.rules import intervals


@pytest.mark.parametrize(("count", "whole"), [(0, 5), (3, 6), (21, 24), (24, 24), (270, 300)])
def test_at_the_ends_of_a_shares_interval_the_score_test_just_refuses(count, whole):
    score = NormalDist().inv_cdf(0.95)
    for end in intervals.share(count, whole):
        off = abs(count / whole - end)
        assert off == pytest.approx(score * sqrt(end * (1 - end) / whole), abs=1e-9)


def test_the_interval_of_a_share_stays_within_it():
    assert intervals.share(21, 24) == pytest.approx((0.7251, 0.9489), abs=1e-4)
    assert intervals.share(0, 5)[0] == 0
    assert intervals.share(5, 5)[1] == 1


def fewer(count, whole):
    """Return the chance that a fair coin shows at most so many heads."""
    return sum(comb(whole, heads) for heads in range(count + 1)) / 2**whole


@pytest.mark.parametrize("whole", [5, 6, 7, 8, 20, 21, 300])
def test_the_interval_of_a_middle_value_is_the_tightest_that_holds_nine_times_in_ten(whole):
    low, high = intervals.middle(range(1, whole + 1))
    assert low + high == whole + 1
    assert 1 - 2 * fewer(low - 1, whole) >= 0.9
    assert 1 - 2 * fewer(low, whole) < 0.9


def test_four_values_have_no_interval_of_their_middle():
    assert intervals.middle([1, 2, 3, 4]) is None
    assert intervals.middle([1, 2, 3, 4, inf]) == (1, inf)


@pytest.mark.parametrize(("count", "student"), [(5, 2.13185), (6, 2.01505), (11, 1.81246)])
def test_the_interval_of_a_mean_is_that_of_the_paired_t_test(count, student):
    values = [0.1 * n for n in range(count)]
    low, high = intervals.mean(values)
    reach = student * stdev(values) / sqrt(count)  # Student's t from the usual table
    assert (high - low) / 2 == pytest.approx(reach, rel=1e-3)
    assert (high + low) / 2 == pytest.approx(fmean(values))


def test_four_values_have_no_interval_of_their_mean():
    assert intervals.mean([1, 2, 3, 4]) is None


def test_the_interval_of_a_change_is_that_of_bonett_and_price():
    # by hand: 7/22 and 2/22; 5/22 ± 1.645 √((9/22 - (5/22)²)/22)
    assert intervals.change(6, 1, 20) == pytest.approx((0.0176, 0.4369), abs=1e-4)
    low, high = intervals.change(5, 5, 10)
    assert low == pytest.approx(-high)


@pytest.mark.parametrize("wrong", [(3, 2), (-1, 2), (0, 0)])
def test_impossible_counts_have_no_interval(wrong):
    with pytest.raises(ValueError, match="share"):
        intervals.share(*wrong)
    with pytest.raises(ValueError, match="Better"):
        intervals.change(2, wrong[0], wrong[1] and 1)
