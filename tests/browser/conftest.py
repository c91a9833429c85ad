"""The whole demo in a real Chromium that blocks third-party cookies."""

from urllib.parse import urlsplit

import pytest
from support.chromium import watch

from lti_peer.cli import demonstration
from lti_peer.demo.classroom import instructor
from lti_peer.demo.platform.current import COOKIE

LEARNERS = 6
OURS = {"localhost", "127.0.0.1"}
PHONE = {"is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def stage(chromium, tmp_path_factory):
    """A simulated LMS that knows the tool, the tool and its worker, on loopback."""
    plan = demonstration.plan(22_000, LEARNERS, None)
    with demonstration.brought_up(plan, tmp_path_factory.mktemp("demo")) as stage:
        instructor.register(stage)
        yield stage


@pytest.fixture
def place(stage):
    """A function that adds an activity of a kind to the course; returns its link."""
    return lambda kind="peer_review": instructor.place(stage, kind, f"A {kind} to try")


class Faults:
    """What went wrong in the pages, but for what a test expects."""

    def __init__(self):
        self.found = []
        self._expected = []

    def expect(self, part):
        """Let a message of the console that has `part` in it pass."""
        self._expected.append(part)

    def watch(self, page):
        """Note what the pages of a window's browser complain about, and whom else they ask."""
        watch(page, self.note)
        page.context.on("request", self._follow)

    def note(self, fault):
        if not any(part in fault for part in self._expected):
            self.found.append(fault)

    def _follow(self, request):
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.hostname not in OURS:
            self.note(f"foreign host: {request.url}")


@pytest.fixture
def faults():
    """What the pages complain about; the test fails at its end for anything not expected."""
    kept = Faults()
    yield kept
    assert kept.found == []


@pytest.fixture
def enter(window, stage, faults):
    """A function that gives somebody a browser of their own, and opens a page of the LMS in it."""

    def opened(person, path="/", width=1280, height=800, **options):
        viewport = {"width": width, "height": height}
        phone = PHONE if width <= 480 else {}
        page = window(viewport=viewport, base_url=stage.lms.issuer, **phone, **options)
        faults.watch(page)
        sign_in(page.context, stage, person)
        page.goto(path)
        return page

    return opened


@pytest.fixture
def open_as(enter):
    """A function that opens an activity in the LMS's frame; returns the frame."""

    def opened(person, link, **options):
        page = enter(person, f"/activities/{link.id}", **options)
        return in_tool(page)

    return opened


def sign_in(context, stage, person):
    """Be this person in the LMS from now on, in all pages of this browser."""
    cookie = {"name": COOKIE, "value": person.id, "url": stage.lms.issuer}
    context.add_cookies([cookie])


def in_tool(page):
    """Return the tool's frame once it shows a page of an activity."""
    frame = page.locator("iframe.tool").element_handle().content_frame()
    frame.wait_for_url("**/v/**")
    return frame
