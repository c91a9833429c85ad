"""Many learners at once, a few at a time, with progress."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

import requests

from lti_peer.demo.troupe import Report

Who = TypeVar("Who")
Done = TypeVar("Done")
AT_ONCE = 4


class ActFailedError(Exception):
    """A page did not answer as it should: which person, which page, and what it said."""


def each(people: Sequence[Who], act: Callable[[Who], Done], report: Report) -> list[Done]:
    """Let everybody do `act`, a few at a time; return the results in the order of `people`.

    Raises what the first failing act raised, once those under way have ended.
    """
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="learner") as pool:
        futures = [pool.submit(act, person) for person in people]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                report(done, len(people))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [future.result() for future in futures]


def expect(page: requests.Response, what: str) -> requests.Response:
    """Return the page when it is one; raises ActFailedError with what it said otherwise."""
    if page.status_code != 200:  # noqa: PLR2004 - HTTP's own number
        raise ActFailedError(f"{what}: {page.status_code} at {page.url}")
    return page
