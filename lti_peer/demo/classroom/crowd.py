"""Many learners at once, a few at a time, with progress."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

import requests

from lti_peer.demo.platform.browser import LmsBrowser
from lti_peer.demo.stage import Stage
from lti_peer.demo.troupe import Report

T = TypeVar("T")
AT_ONCE = 4


class ActFailedError(Exception):
    """A page did not answer as it should: which person, which page, and what it said."""


def each(
    stage: Stage, people: Sequence[str], act: Callable[[LmsBrowser], T], report: Report
) -> list[T]:
    """Let each person do `act` in a browser of their own; return the results in their order.

    Raises what the first failing act raised, once those under way have ended.
    """

    def one(person: str) -> T:
        with stage.browser(person) as browser:
            return act(browser)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="learner") as pool:
        futures = [pool.submit(one, person) for person in people]
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            report(done, len(people))
    return [future.result() for future in futures]


def expect(page: requests.Response, what: str) -> requests.Response:
    """Return the page when it is one; raises ActFailedError with what it said otherwise."""
    if page.status_code != 200:  # noqa: PLR2004 - HTTP's own number
        raise ActFailedError(f"{what}: {page.status_code} at {page.url}")
    return page
