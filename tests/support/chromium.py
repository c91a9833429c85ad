"""A real Chromium: one for all tests of a process, each of which gets windows of its own.

Where there is one, it is Chromium's own build without a head: the same engine, for two thirds of
the CPU. That build knows no way to block third-party cookies, so tests of the LMS's frame are
marked `whole_chromium`, and get the whole one.
"""

import os
import shutil
from contextlib import ExitStack, closing
from functools import cache

import pytest

PATIENCE_MS = 30_000
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
HEADLESS = os.environ.get("CHROMIUM_HEADLESS") or shutil.which("chromium-headless-shell")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--always-sparkplug",  # axe is a long script that runs once in each page
    "--test-third-party-cookie-phaseout",  # as it will be, and is in others, for frames
]


@pytest.fixture(scope="session")
def launch():
    """A function that starts a browser; skipped where there is none, except where none may be."""
    if not CHROMIUM:
        pytest.skip("no Chromium: install the package `chromium`, or set CHROMIUM")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where asked for

    with sync_playwright() as playwright, ExitStack() as started:

        def launched(path):
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            return started.enter_context(closing(browser))

        yield cache(launched)


@pytest.fixture(scope="session")
def chromium(launch):
    """A real Chromium, the lightest there is."""
    return launch(HEADLESS or CHROMIUM)


@pytest.fixture
def window(launch, request):
    """A function that opens a window of a new browser, with Playwright's options for a context.

    It closes with the test.
    """
    whole = request.node.get_closest_marker("whole_chromium")
    browser = launch(CHROMIUM if whole else HEADLESS or CHROMIUM)
    contexts = []

    def opened(**options):
        contexts.append(browser.new_context(**options))
        contexts[-1].set_default_timeout(PATIENCE_MS)
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def watch(page, note, *, errors=True):
    """Tell `note` what the pages of a window's browser complain about.

    That is what their scripts raise, what breaks a policy, and any other `errors` if wanted.
    """

    def read(line):
        if "Policy" in line.text or (errors and line.type == "error"):
            note(f"console: {line.text} {line.location}")

    page.context.on("weberror", lambda fault: note(f"script: {fault.error}"))
    page.context.on("console", read)
