"""How far chance alone could move a share, a middle value, a mean or a difference: 90 % intervals.

All are two-sided, and written out here because each is a line of arithmetic.
"""

from collections.abc import Sequence
from math import comb, fsum, sqrt
from statistics import fmean

Z_90 = 1.6448536269514722
"""The normal's 95th centile: two-sided 90 %, as the intervals of scores have."""
BEYOND = 0.05
"""What may lie beyond each end."""

Interval = tuple[float, float]


def share(count: int, whole: int) -> Interval:
    """Return Wilson's score interval of the share `count` of `whole`, 0 to 1.

    It stays within 0 and 1 and holds its promise also for few people and for shares near the ends
    (E. B. Wilson, 1927, JASA 22, 209-212; recommended by Brown, Cai and DasGupta, 2001, Statistical
    Science 16, 101-133). Raises ValueError unless 0 <= count <= whole and whole > 0.
    """
    if not 0 <= count <= whole or whole == 0:
        raise ValueError("A share is of at least one, and at most the whole.")
    part, square = count / whole, Z_90 * Z_90
    centre = (part + square / (2 * whole)) / (1 + square / whole)
    reach = Z_90 / (1 + square / whole) * sqrt(part * (1 - part) / whole + square / whole**2 / 4)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def middle(values: Sequence[float]) -> Interval | None:
    """Return the interval of the median by order statistics; None for fewer than five values.

    The j-th smallest and the j-th largest, for the largest j at which a fair coin thrown n times
    shows fewer than j heads with a chance of at most 5 % (David and Nagaraja, 2003, Order
    Statistics, section 7.1). It asks nothing of how the values are spread, and may be infinite.
    """
    ordered, count = sorted(values), len(values)
    place, beyond = 0, 0.5**count
    while beyond <= BEYOND and place < count / 2:
        place += 1
        beyond += comb(count, place) * 0.5**count
    return (ordered[place - 1], ordered[count - place]) if place else None


def mean(values: Sequence[float]) -> Interval | None:
    """Return Student's interval of the mean of such values; None for fewer than five.

    For differences of the same people it is that of the paired t-test. The quantile of Student's t
    is the Cornish-Fisher expansion (Abramowitz and Stegun, 1964, 26.7.5), which is within 0.1 %
    from five values on.
    """
    count = len(values)
    if count < 5:  # noqa: PLR2004 - as for a middle value
        return None
    z, free = Z_90, count - 1
    quantile = (
        z
        + (z**3 + z) / (4 * free)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * free**3)
    )
    centre = fmean(values)
    spread = sqrt(
        fsum((one - centre) ** 2 for one in values) / free
    )  # stdev takes ten times as long
    reach = quantile * spread / sqrt(count)
    return centre - reach, centre + reach


def change(better: int, worse: int, whole: int) -> Interval:
    """Return the interval of (better - worse) / whole for answers given twice, -1 to 1.

    `better` were wrong at first and then right, `worse` the other way round. The adjusted Wald
    interval for paired shares: one more of each, two more in all (Bonett and Price, 2012, Journal
    of Educational and Behavioral Statistics 37, 479-488). Raises ValueError for impossible counts.
    """
    if min(better, worse) < 0 or better + worse > whole or whole == 0:
        raise ValueError("Better and worse are parts of the whole.")
    up, down = (better + 1) / (whole + 2), (worse + 1) / (whole + 2)
    reach = Z_90 * sqrt((up + down - (up - down) ** 2) / (whole + 2))
    return max(-1.0, up - down - reach), min(1.0, up - down + reach)
