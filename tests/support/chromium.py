"""A real Chromium: one for all tests of a process, each of which gets windows of its own."""

import os
import shutil

import pytest

PATIENCE_MS = 30_000
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
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
def chromium():
    """A real Chromium; skipped where there is none, except in continuous integration."""
    if not CHROMIUM:
        pytest.skip("no Chromium: install the package `chromium`, or set CHROMIUM")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where asked for

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium):
    """A function that opens a window of a new browser, with Playwright's options for a context.

    It closes with the test.
    """
    contexts = []

    def opened(**options):
        contexts.append(chromium.new_context(**options))
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
