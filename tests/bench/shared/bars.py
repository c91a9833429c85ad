"""A table of figures, each beside the bar that it is held to."""

import resource
import sys
import time
from collections.abc import Callable
from statistics import quantiles

import structlog

QUIET = 50
"""Above every level that the tool logs at."""


class Bars:
    """Prints one line for each figure."""

    def __init__(self, title, *conditions):
        """Print the heading, and under which conditions the figures are taken."""
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(QUIET))
        _say(f"\n{title}")
        for one in conditions:
            _say(f"  {one}")
        _say(f"  {'':52}{'figure':>10}  {'':13}bar")

    def at_most(self, name, figure, bar, unit=""):
        """Print a figure that should not be above its bar."""
        self._line(name, figure, unit, f"<= {bar:g}", held=figure <= bar)

    def at_least(self, name, figure, bar, unit=""):
        """Print a figure that should not be below its bar."""
        self._line(name, figure, unit, f">= {bar:g}", held=figure >= bar)

    def tell(self, name, figure, unit=""):
        """Print a figure without a bar."""
        self._line(name, figure, unit, "", held=True)

    def note(self, sentence):
        """Print what no figure says."""
        _say(f"  {sentence}")

    def _line(self, name, figure, unit, bar, *, held):
        digits = 0 if figure == int(figure) or abs(figure) >= 100 else 2
        _say(f"  {name:52}{figure:>10,.{digits}f}  {unit:13}{bar:10}{'' if held else 'MISSED'}")


def spent(act: Callable[[], object], *, children=False) -> tuple[float, float]:
    """Return how many seconds of processor and of wall time one act takes."""
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    before, began = resource.getrusage(who), time.perf_counter()
    act()
    wall, after = time.perf_counter() - began, resource.getrusage(who)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def cut(values, percent):
    """Return the value that so many percent of them stay below."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
