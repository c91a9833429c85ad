"""An endpoint that is away is asked less and less often, and at once again when it answered."""

from datetime import timedelta

import pytest

from lti_peer.jobs.breaker import LONGEST, Breaker


class Clock:
    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock)


def test_a_new_endpoint_may_be_asked(breaker):
    assert breaker.wait == timedelta(0)


def test_the_wait_doubles_up_to_five_minutes(breaker):
    waits = [breaker.failed("no answer").total_seconds() for _ in range(12)]
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST.total_seconds()


def test_the_endpoint_may_be_asked_again_when_the_wait_is_over(breaker, clock):
    breaker.failed("no answer")
    assert breaker.wait == timedelta(seconds=1)
    clock.seconds += 1
    assert breaker.wait == timedelta(0)


def test_an_answer_ends_the_wait(breaker):
    breaker.failed("no answer")
    breaker.failed("no answer")
    breaker.worked()
    assert breaker.wait == timedelta(0)
    assert breaker.failed("no answer") == timedelta(seconds=1)


def test_a_pause_that_was_asked_for_is_kept_up_to_five_minutes(breaker):
    assert breaker.failed("429", timedelta(seconds=17)) == timedelta(seconds=17)
    assert breaker.failed("429", timedelta(days=2)) == LONGEST
