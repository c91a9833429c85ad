"""Reading values that others sent."""

import math


def finite(value: object) -> float | None:
    """Return a JSON number as a float; None for anything else, NaN and infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
