"""Fields of a form, read as what they mean; what is wrong with each is told by its name."""

from collections.abc import Mapping
from datetime import datetime

from lti_peer.web import dates

Form = Mapping[str, str]
"""What was sent, by the name of the field."""
Faults = dict[str, str]
"""What is wrong, as a sentence, by the name of the field."""


def whole(form: Form, name: str, low: int, high: int, faults: Faults) -> int:
    """Return a whole number from `low` to `high`; else add a fault and return `low`."""
    sent = form.get(name, "").strip()
    if sent.isascii() and sent.isdigit() and low <= int(sent[:6]) <= high:
        return int(sent)
    faults[name] = f"Give a whole number from {low} to {high}."
    return low


def moment(form: Form, name: str, zone: str, faults: Faults) -> datetime | None:
    """Return the time that a datetime-local field holds, by the clock of `zone`, in UTC.

    Where it holds none, a fault is added and None returned.
    """
    try:
        return dates.from_field(form.get(name, ""), zone)
    except ValueError:
        faults[name] = "Give a date and a time."
        return None
