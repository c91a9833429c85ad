"""Who runs a command, and how long something lasts: what several commands ask for."""

import getpass
import os
import re
from datetime import timedelta
from typing import Any

import click

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def actor() -> str:
    """Return who acts, for the audit: the account of this machine, "by command line"."""
    return f"{account()}, command line"


def account() -> str:
    """Return the name of the account that runs the command; its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's account need not have a name
        return f"account {os.getuid()}"


class Duration(click.ParamType[timedelta]):
    """A length of time such as 15m, 24h or 7d."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Return the length; ends the command with 2 when it is none."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([1-9]\d{0,5})([smhd])", str(value))
        if found is None:
            self.fail(f"{value!r} is not like 15m, 24h or 7d.", param, ctx)
        return timedelta(**{UNITS[found[2]]: int(found[1])})


DURATION = Duration()
