"""Fixtures for the pages' common parts."""

import os
import shutil

import pytest
from web.gallery import Served, create_gallery

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def gallery():
    """The gallery as an app."""
    return create_gallery()


@pytest.fixture
def show(gallery):
    """A function that renders a template's source with the parts at hand."""

    def rendered(source, **values):
        with gallery.test_request_context("/parts"):
            return gallery.jinja_env.from_string(source).render(**values)

    return rendered


@pytest.fixture(scope="module")
def served():
    """The gallery over real HTTP."""
    site = Served()
    yield site
    site.close()


@pytest.fixture(scope="module")
def chromium():
    """A real Chromium; skipped where there is none, except in continuous integration."""
    if not CHROMIUM and not os.environ.get("CI"):
        pytest.skip("no Chromium: install the package `chromium`, or set CHROMIUM")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only where asked for

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium, served):
    """A function that opens a page of the gallery; its faults fail the test at the end."""
    contexts, faults = [], []

    def opened(path, width=1280, height=800, **options):
        viewport = {"width": width, "height": height}
        context = chromium.new_context(viewport=viewport, base_url=served.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda line: faults.append(line.text) if "Policy" in line.text else None)
        page.goto(path)
        return page

    served.app.config["DRAFTS"].clear()
    served.app.config["ANSWERS"].clear()
    yield opened
    for context in contexts:
        context.close()
    assert faults == []
