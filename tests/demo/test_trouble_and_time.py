"""What the demo plays beside the LMS: frames without cookies, and a clock that knows the dates."""

from datetime import timedelta
from uuid import UUID

import pytest
import requests
from werkzeug.test import Client
from werkzeug.wrappers import Response

from lti_peer.core.models import Activity
from lti_peer.demo import admission
from lti_peer.demo.classroom import instructor
from lti_peer.demo.cookieless import WithoutCookies
from lti_peer.demo.platform.faults import Fault, Faults
from lti_peer.peerwork import phases
from lti_peer.rules.phases import Window

FRAMED = {"Sec-Fetch-Dest": "iframe", "Cookie": "a=1"}


@pytest.fixture
def faults():
    return Faults()


@pytest.fixture
def asked(faults):
    """Ask a tool that tells which cookies came, and sets one of its own."""

    def tool(environ, start_response):
        answer = Response(environ.get("HTTP_COOKIE", "none"))
        answer.set_cookie("b", "2")
        return answer(environ, start_response)

    client = Client(WithoutCookies(tool, faults), use_cookies=False)
    return lambda headers: client.get("/", headers=headers)


def test_frames_keep_cookies_as_long_as_nothing_is_wrong(asked):
    answer = asked(FRAMED)
    assert (answer.text, "Set-Cookie" in answer.headers) == ("a=1", True)


def test_frames_without_cookies_send_none_and_get_none(asked, faults):
    faults.begin(Fault.COOKIELESS)
    answer = asked(FRAMED)
    assert (answer.text, "Set-Cookie" in answer.headers) == ("none", False)


def test_a_window_of_its_own_keeps_them(asked, faults):
    faults.begin(Fault.COOKIELESS)
    answer = asked({**FRAMED, "Sec-Fetch-Dest": "document"})
    assert (answer.text, "Set-Cookie" in answer.headers) == ("a=1", True)


@pytest.fixture(scope="module")
def link(stage):
    """A peer review in the course."""
    if not stage.lms.tools:
        admission.admit(stage)
    return instructor.place(stage, "peer_review", "A review with dates")


def set_due(stage, link, due):
    with stage.database.transaction() as session:
        activity = session.get_one(Activity, UUID(link.custom["activity"]))
        keys = phases.dates(session, activity)
        phases.set_dates(
            session, activity, {**dict.fromkeys(keys, Window()), "submit": Window(due=due)}
        )


def test_the_clock_goes_to_just_after_the_next_date(stage, link):
    due = stage.now().replace(microsecond=0) + timedelta(days=3)
    set_due(stage, link, due)
    assert stage.next_date() == due

    requests.post(f"{stage.lms.url}/demo/clock", data={"step": "next"}, timeout=5)
    assert timedelta() < stage.now() - due < timedelta(minutes=1)


def test_without_a_date_to_come_the_clock_says_so(stage, link):
    set_due(stage, link, None)
    page = requests.get(f"{stage.lms.url}/demo/clock", timeout=5)
    refused = requests.post(f"{stage.lms.url}/demo/clock", data={"step": "next"}, timeout=5)

    assert "No activity has a date still to come" in page.text
    assert refused.status_code == 400
