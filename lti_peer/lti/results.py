"""What the LMS's grade book shows: results, page after page (AGS 2.0, 3.3).

A grade that somebody changed there must not be overwritten without a word, so it is looked at
before ours is sent. One person is asked for alone; when a second of the same column comes in one
round, the column is read whole, once.
"""

import math
from dataclasses import dataclass
from uuid import UUID

from lti_peer.core.models import Platform
from lti_peer.lti import links
from lti_peer.lti.claims import RESULTS_TYPE, SCOPE_RESULT_READ, SCOPE_SCORE
from lti_peer.lti.http import Refused
from lti_peer.lti.services import Call, Declined, Services, asking, below
from lti_peer.lti.tokens import TokenRefused

READING = frozenset({SCOPE_RESULT_READ})
SCORING = frozenset({SCOPE_SCORE})
ROUNDING = 0.0051
"""Points by which a grade may differ and still be ours: grade books keep two decimals and more."""
PASSING = frozenset({408, 425, 429})
SERVER_FAULT = 500


class NotReadable(Exception):
    """This LMS does not let the tool see what its grade book shows."""


@dataclass(frozen=True)
class Result:
    """What the grade book shows for one person in one column."""

    subject: str
    points: float
    maximum: float
    """Above 0."""

    @property
    def share(self) -> float:
        """The share of the maximum; above 1 where staff gave more than the maximum."""
        return self.points / self.maximum

    def shows(self, share: float | None) -> bool:
        """Whether this is what `share` of the maximum becomes in a grade book, rounding allowed."""
        ours = None if share is None else share * self.maximum
        return ours is not None and abs(self.points - ours) < ROUNDING


def read(
    services: Services, platform: Platform, column_url: str, subject: str = ""
) -> dict[str, Result]:
    """Return the results of a column by the people's subjects, of one person if that is given.

    Nobody without a number is among them. No transaction may be open. Raises Declined, and what
    `links.pages` raises.
    """
    url = below(column_url, "results")
    asked = asking(url, user_id=subject) if subject else url
    call = Call("GET", asked, _scopes(platform, READING), RESULTS_TYPE)
    found: dict[str, Result] = {}
    for _, answer in links.pages(services, platform, call):
        if not answer.ok:
            raise Declined(answer)
        given = answer.json()
        listed = map(_result, given if isinstance(given, list) else [])
        found |= {result.subject: result for result in listed if result}
    return found


class Shown:
    """What grade books show, remembered for the length of one round of sending."""

    def __init__(self, services: Services) -> None:
        """Begin knowing nothing."""
        self._services = services
        self._closed: set[UUID] = set()
        self._asked: set[str] = set()
        self._whole: dict[str, dict[str, Result]] = {}

    def of(self, platform: Platform, column_url: str, subject: str) -> Result | None:
        """Return what is shown for a person; None when there is no grade.

        Raises NotReadable, and what `read` raises when the LMS is away.
        """
        granted = not platform.scopes or SCOPE_RESULT_READ in platform.scopes
        if platform.id in self._closed or not granted:
            raise NotReadable
        if column_url not in self._whole and column_url in self._asked:
            self._whole[column_url] = self._read(platform, column_url, "")
        if column_url in self._whole:
            return self._whole[column_url].get(subject)
        self._asked.add(column_url)
        return self._read(platform, column_url, subject).get(subject)

    def scopes(self, platform: Platform) -> frozenset[str]:
        """Return what the token of a score allows: reading as well, so that one token does both."""
        return _scopes(platform, SCORING) if platform.id not in self._closed else SCORING

    def afresh(self, platform: Platform, column_url: str, subject: str) -> Result | None:
        """Return the same, asked anew; None also when it cannot be read."""
        try:
            return self._read(platform, column_url, subject).get(subject)
        except NotReadable:
            return None

    def _read(self, platform: Platform, column_url: str, subject: str) -> dict[str, Result]:
        try:
            return read(self._services, platform, column_url, subject)
        except Declined as refusal:
            if _passes(refusal.answer.status):
                raise
        except TokenRefused as refusal:
            if _passes(refusal.status):
                raise
        except Refused:
            pass  # what it answers is no list
        self._closed.add(platform.id)
        raise NotReadable


def _scopes(platform: Platform, needed: frozenset[str]) -> frozenset[str]:
    """Return both scopes where the LMS has granted both, else what is needed."""
    both = READING | SCORING
    return both if both <= set(platform.scopes) else needed


def _passes(status: int) -> bool:
    return status in PASSING or status >= SERVER_FAULT


def _result(given: object) -> Result | None:
    if not isinstance(given, dict):
        return None
    points, maximum = _number(given.get("resultScore")), _number(given.get("resultMaximum", 1))
    if points is None or maximum is None or maximum <= 0:
        return None
    return Result(str(given.get("userId")), points, maximum)


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value)
