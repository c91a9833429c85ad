"""Fixtures for the pages' common parts."""

import pytest
from support.chromium import watch
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


@pytest.fixture
def tab(window, served):
    """A function that opens a page of the gallery; its faults fail the test at the end."""
    faults = []

    def opened(path, width=1280, height=800, **options):
        viewport = {"width": width, "height": height}
        page = window(viewport=viewport, base_url=served.url, **options)
        watch(page, faults.append, errors=False)
        page.goto(path)
        return page

    served.app.config["DRAFTS"].clear()
    served.app.config["ANSWERS"].clear()
    yield opened
    assert faults == []
