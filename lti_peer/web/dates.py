"""Dates as people read them: weekday, zone, and how long there is.

The script `times.js` says the same words in the browser as time goes on; a test compares them.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from markupsafe import Markup, escape

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DASH = " – "
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(at: datetime, now: datetime, zone: str) -> str:
    """Return "Fri 27 Nov, 23:59 Europe/Paris", with the year when it is not this one.

    `at` and `now` are aware; `zone` is an IANA name. Raises ValueError when a time is naive,
    and ZoneInfoNotFoundError when the zone is unknown.
    """
    here = _local(at, zone)
    year = f" {here.year}" if here.year != _local(now, zone).year else ""
    day = f"{WEEKDAYS[here.weekday()]} {here.day} {MONTHS[here.month - 1]}{year}"
    return f"{day}, {here:%H:%M} {zone}"


def field(at: datetime | None, zone: str) -> str:
    """Return a time as a datetime-local field of `zone` holds it; empty for None."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}" if at else ""


def from_field(sent: str, zone: str) -> datetime:
    """Return the time that a datetime-local field of `zone` sent, in UTC.

    Raises ValueError for anything else, and for a year that no clock of ours shows.
    """
    try:
        return datetime.fromisoformat(sent.strip()).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError as fault:
        raise ValueError(sent) from fault


def clock(at: datetime, zone: str) -> str:
    """Return the time of day in the zone, such as "10:42"; same errors as `moment`."""
    return f"{_local(at, zone):%H:%M}"


def left(at: datetime, now: datetime) -> str:
    """Return how long until a deadline, "3 days left", or since it, "closed 2 hours ago".

    Whole units only, rounded down, so that nobody is promised time they do not have.
    """
    gap = at - now
    if gap > timedelta(0):
        return f"{_length(gap)} left"
    return "closed just now" if -gap < timedelta(minutes=1) else f"closed {_length(-gap)} ago"


def relative(at: datetime, now: datetime) -> str:
    """Return "in 3 days", "2 hours ago" or "just now", in whole units, rounded down."""
    gap = at - now
    if abs(gap) < timedelta(minutes=1):
        return "just now"
    return f"in {_length(gap)}" if gap > timedelta(0) else f"{_length(-gap)} ago"


def when(at: datetime, now: datetime, zone: str) -> str:
    """Return a deadline in full: what `moment` says, a dash, and what `left` says.

    Same errors as `moment`.
    """
    return moment(at, now, zone) + DASH + left(at, now)


def deadline(at: datetime, now: datetime, zone: str) -> Markup:
    """Return `when` as markup whose last words the browser keeps up to date.

    A line breaks behind the dash, never before it.
    """
    dash = escape(DASH.replace(" ", "\N{NO-BREAK SPACE}", 1))
    return _marked(at, moment(at, now, zone)) + dash + _living(at, "left", left(at, now))


def ago(at: datetime, now: datetime) -> Markup:
    """Return `relative` as markup that the browser keeps up to date."""
    return _living(at, "relative", relative(at, now))


def register(app: Flask) -> None:
    """Give the templates every public function here as a filter of the same name."""
    for words in (when, moment, clock, left, relative, deadline, ago):
        app.jinja_env.filters[words.__name__] = words


def _local(at: datetime, zone: str) -> datetime:
    """Return the same instant in the zone; a naive time would be read as the machine's own."""
    if at.tzinfo is None:
        raise ValueError("A date without a zone cannot be shown.")
    return at.astimezone(ZoneInfo(zone))


def _length(gap: timedelta) -> str:
    """Return a positive length as "3 days", "2 hours", "5 minutes" or "less than a minute".

    Days from 48 hours on: below that, the hour matters.
    """
    minutes = int(gap.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    for size, unit, least in ((1440, "day", 2880), (60, "hour", 120), (1, "minute", 0)):
        if minutes >= least:
            count = minutes // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    raise AssertionError("unreachable: every length is at least 0 minutes")


def _marked(at: datetime, words: str) -> Markup:
    """Return the words in a `time` element."""
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), words)


def _living(at: datetime, kind: str, words: str) -> Markup:
    """Return the words in a `time` element that the script renews."""
    return Markup('<time datetime="{}" data-words="{}">{}</time>').format(
        at.isoformat(), kind, words
    )
