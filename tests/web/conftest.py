"""Fixtures for the pages' common parts."""

import pytest
from support.chromium import PATIENCE_MS, watch
from web.gallery import Served, create_gallery


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
def kept(chromium, served):
    """One window for all tests that leave nothing in it, and what its pages complained about.

    A window of its own costs each test more than half a second of CPU.
    """
    context = chromium.new_context(base_url=served.url)
    context.set_default_timeout(PATIENCE_MS)
    page, faults = context.new_page(), []
    watch(page, faults.append, errors=False)
    yield page, faults
    context.close()


@pytest.fixture
def tab(window, kept, served):
    """A function that opens a page of the gallery; its faults fail the test at the end.

    With `fresh`, or options of Playwright for a context, it opens in a window of its own.
    """
    page, faults = kept
    faults.clear()

    def opened(path, width=1280, height=800, *, fresh=False, **options):
        size, shown = {"width": width, "height": height}, page
        if fresh or options:
            shown = window(viewport=size, base_url=served.url, **options)
            watch(shown, faults.append, errors=False)
        else:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme="light", reduced_motion="no-preference")
        shown.goto(path)
        return shown

    served.app.config["DRAFTS"].clear()
    served.app.config["ANSWERS"].clear()
    yield opened
    if page.url.startswith(served.url):
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    assert faults == []
