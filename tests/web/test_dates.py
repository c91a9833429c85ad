"""Dates say weekday, zone and how long there is, and never promise too much."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest

from lti_peer.web import dates

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def test_a_deadline_is_told_in_full():
    closes = datetime(2026, 11, 27, 22, 59, tzinfo=UTC)

    assert dates.when(closes, NOW, "Europe/Paris") == "Fri 27 Nov, 23:59 Europe/Paris – 3 days left"


def test_another_year_is_named():
    assert dates.moment(datetime(2027, 1, 4, tzinfo=UTC), NOW, "UTC") == "Mon 4 Jan 2027, 00:00 UTC"


def test_the_year_is_that_of_the_zone():
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    assert dates.moment(new_year, NOW, "Europe/Paris") == "Fri 1 Jan 2027, 00:30 Europe/Paris"


def test_the_clock_follows_summer_time():
    before, after = (
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    )

    assert dates.clock(before, "Europe/Paris") == "01:30"
    assert dates.clock(after, "Europe/Paris") == "03:30"


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(days=3, hours=23), "3 days left"),
        (timedelta(hours=48), "2 days left"),
        (timedelta(hours=47, minutes=59), "47 hours left"),
        (timedelta(minutes=119), "119 minutes left"),
        (timedelta(minutes=1, seconds=59), "1 minute left"),
        (timedelta(seconds=59), "less than a minute left"),
        (timedelta(0), "closed just now"),
        (timedelta(seconds=-60), "closed 1 minute ago"),
        (timedelta(days=-400), "closed 400 days ago"),
    ],
)
def test_what_is_left_is_rounded_down(gap, words):
    assert dates.left(NOW + gap, NOW) == words


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(hours=3), "in 3 hours"),
        (timedelta(hours=-3), "3 hours ago"),
    ],
)
def test_a_time_is_told_from_now(gap, words):
    assert dates.relative(NOW + gap, NOW) == words


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        dates.moment(NOW.replace(tzinfo=None), NOW, "UTC")


def test_an_unknown_zone_is_refused():
    with pytest.raises(ZoneInfoNotFoundError):
        dates.moment(NOW, NOW, "Europe/Atlantis")


def test_the_markup_says_the_same_words(show):
    told = show("{{ at|deadline(now, 'UTC')|striptags }}", at=NOW + timedelta(days=3), now=NOW)

    assert told.replace("\N{NO-BREAK SPACE}", " ") == dates.when(
        NOW + timedelta(days=3), NOW, "UTC"
    )


def test_the_zone_cannot_break_out_of_the_markup():
    with pytest.raises((ValueError, ZoneInfoNotFoundError)):
        dates.deadline(NOW, NOW, "<script>")
