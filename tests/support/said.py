"""Every statement that the tests make the tool say, judged by Ralph's model when all have run.

One of each shape is kept; processes of xdist hand theirs to the first. A plugin of pytest:
`config.pluginmanager.register(said)`, and `said.hear` for each statement.
"""

import json
import os
import re

import pytest
from support.ralph import RALPH, refusals

HEARD: dict[object, str] = {}
"""The first statement of each shape, as text."""
FORMS = ("duration", "timestamp")
"""Members whose text has a form of its own."""
found: list[str] = []
"""What there is to say at the end, one line each."""


def hear(statement):
    """Keep a statement if there is none of its shape yet."""
    mark = (statement["verb"]["id"], shape(statement))
    if mark not in HEARD:
        HEARD[mark] = json.dumps(statement)


def shape(value, name=""):
    """Return what a JSON value is made of: members, types, and how times are written."""
    if isinstance(value, dict):
        return tuple(sorted((key, shape(one, key)) for key, one in value.items()))
    if isinstance(value, list):
        return tuple(sorted({shape(one) for one in value}, key=repr))
    if name in FORMS:
        return re.sub(r"[0-9]+", "0", value)
    return type(value).__name__


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """Take what a process of xdist has heard."""
    for text in getattr(node, "workeroutput", {}).get("said", ()):
        hear(json.loads(text))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Hand over what was heard, or let it be judged where many tests have run."""
    if hasattr(session.config, "workerinput"):
        session.config.workeroutput["said"] = list(HEARD.values())
        return
    in_ci = os.environ.get("CI") == "true"
    if not HEARD or not (in_ci or session.config.getoption("numprocesses", None)):
        return
    if in_ci:
        RALPH.install()
    if not RALPH.is_there:
        found.append(f"{len(HEARD)} shapes of statements; Ralph would judge them: make ralph")
        return
    refused = refusals(HEARD.values())
    found.append(f"{len(HEARD)} shapes of statements; Ralph's model refuses {len(refused)}.")
    found.extend(refused)
    if refused and session.exitstatus in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    """Say what was found."""
    for line in found:
        terminalreporter.write_line(line)
