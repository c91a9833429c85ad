from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from lti_peer.demo.platform.tickets import Tickets


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tickets(clock):
    return Tickets(clock, timedelta(minutes=10), capacity=3)


def test_a_ticket_stands_for_its_value_until_it_is_taken(tickets):
    ticket = tickets.issue("value")

    assert (tickets.read(ticket), tickets.take(ticket)) == ("value", "value")
    with pytest.raises(KeyError):
        tickets.read(ticket)


def test_a_ticket_ends_with_its_lifetime(tickets, clock):
    ticket = tickets.issue("value")
    clock.now += timedelta(minutes=10)

    with pytest.raises(KeyError):
        tickets.read(ticket)


def test_of_many_who_take_a_ticket_one_gets_it(tickets):
    ticket = tickets.issue("value")

    def take(_):
        try:
            return tickets.take(ticket)
        except KeyError:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(take, range(50))).count("value") == 1


def test_of_many_who_use_a_word_one_is_first(tickets):
    with ThreadPoolExecutor(8) as pool:
        firsts = list(pool.map(lambda _: tickets.first_use("jti", None), range(50)))

    assert firsts.count(True) == 1


def test_a_word_is_new_again_after_its_lifetime(tickets, clock):
    tickets.first_use("jti", None)
    clock.now += timedelta(minutes=10)

    assert tickets.first_use("jti", None)


def test_the_oldest_ticket_makes_room(tickets):
    first, *others = [tickets.issue(number) for number in range(4)]

    assert [tickets.read(ticket) for ticket in others] == [1, 2, 3]
    with pytest.raises(KeyError):
        tickets.read(first)
