"""No line of a log names a person or holds what opens a door: every line of a run is looked at.

A plugin of pytest, `config.pluginmanager.register(canaries)`, with `heed` among the processors of
structlog. A line is looked at as production would write it (`core.logs`): what this process logs,
what libraries log in it, and what processes of ours that a test has started write to the standard
error that they share with it. A hit fails the test that was running.
"""

import logging
import re

import factories
import pytest

from lti_peer.core import logs

TOKENS = {
    "a signed token": ("eyJ", r"eyJ[\w-]+\.[\w-]+\."),
    "credentials": ("", r"(?i)\b(?:bearer|basic|authorization|cookie)\b['\":= ]+[\w+/=.-]{8,}"),
    "a private key": ("PRIVATE KEY", r"PRIVATE KEY"),
    "an address of e-mail": ("@", r"[\w.+-]+@[\w-]+\.\w"),
    "a made-up person": ("(synthetic)", r"\(synthetic\)"),
    "the secret": (factories.SECRET, re.escape(factories.SECRET)),
}
"""What no line may hold: a part of it that is quick to look for, and how it looks as a whole.

All people of factories and of the simulated LMS are called "… (synthetic)".
"""
PATTERNS = {what: (part, re.compile(whole)) for what, (part, whole) in TOKENS.items()}
LONG = re.compile(r"[\w-]{32,}", re.ASCII)
KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
"""Proofs, states, nonces and invitations have letters of both kinds and digits; ids of rows, names
of functions and folders lack one of them."""

hits: list[str] = []
"""What was found since the last test has ended, one line each."""


def found_in(text):
    """Return what a text holds that no log may hold, in words."""
    found = [
        what for what, (part, whole) in PATTERNS.items() if part in text and whole.search(text)
    ]
    if any(all(kind.search(one) for kind in KINDS) for one in LONG.findall(text)):
        found.append("a random token")
    return found


def look(text):
    """Note what a line holds that no log may hold."""
    hits.extend(f"{what} in the log: {text}" for what in found_in(text))


def heed(logger, name, line):
    """Look at a line of structlog as production would write it, and hand it on as it is.

    What production leaves out of it is a fault as well: whoever reads the log would miss it.
    """
    written = dict(line)
    for step in logs.IMPERSONAL:
        written = step(logger, name, written)
    look(repr(written))
    if str(written.get("reason", "")).startswith("not logged"):
        hits.append(f"production says nothing of it ({written['reason']}): {written['event']}")
    return line


class _Libraries(logging.Handler):
    """Looks at the lines of libraries: production writes the sentence and nothing filled in."""

    def emit(self, record):
        look(str(record.msg))


def pytest_configure():
    """Hear what libraries log."""
    logging.getLogger().addHandler(_Libraries())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call):
    """Fail the test while which a line was written that no log may hold."""
    report = yield
    if call.when == "teardown":
        for line in report.capstderr.splitlines():
            look(line)
    if hits:
        report.outcome = "failed"
        report.longrepr = "\n".join([str(report.longrepr or ""), *hits])
        hits.clear()
    return report
