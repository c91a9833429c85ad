"""Buttons that let something go wrong: what they do, and that pages say so."""

import pytest
from browser.looking import faults_in_all_views
from demo.platform.test_in_chromium import tab
from support.clicks import follow, unfold, until

from lti_peer.demo.platform import Lms, create_lms
from lti_peer.demo.platform.faults import Fault
from lti_peer.demo.platform.model import AccessToken
from lti_peer.demo.platform.trouble import WORDS

__all__ = ["tab"]


@pytest.fixture
def quiet(lms_key):
    """An LMS that is served to nobody."""
    return Lms("http://127.0.0.1:1", learners=2, key=lms_key)


@pytest.fixture
def client(quiet):
    return create_lms(quiet).test_client()


def test_every_trouble_has_its_words():
    assert set(WORDS) == set(Fault)


def test_without_trouble_the_page_says_that_all_is_well(client):
    page = client.get("/trouble").text
    assert "All is well. Press a button" in page
    assert 'aria-pressed="true"' not in page


@pytest.mark.parametrize("fault", Fault)
def test_a_trouble_is_switched_on_and_off(client, quiet, fault):
    client.post("/trouble", data={"on": fault})
    assert quiet.faults.on == (fault,)
    assert WORDS[fault].label in client.get("/").text

    client.post("/trouble", data={"off": fault})
    assert quiet.faults.on == ()
    assert WORDS[fault].label not in client.get("/").text


def test_one_button_makes_all_well_again(client, quiet):
    for fault in Fault:
        quiet.faults.begin(fault)
    assert "and 9 more" in client.get("/").text
    client.post("/trouble", data={"act": "clear"})
    assert quiet.faults.on == ()


def test_the_key_is_changed(client, quiet):
    before = quiet.key.kid
    client.post("/trouble", data={"act": "rotate"})
    assert quiet.key.kid != before


def test_access_tokens_are_forgotten(client, quiet):
    ticket = quiet.access_tokens.issue(AccessToken(client_id="c", scopes=frozenset()))
    client.post("/trouble", data={"act": "forget"})
    with pytest.raises(KeyError):
        quiet.access_tokens.read(ticket)


@pytest.mark.parametrize("wrong", [{"on": "x"}, {"off": "x"}, {"act": "x"}, {}])
def test_a_button_that_is_not_there_is_refused(client, wrong):
    assert client.post("/trouble", data=wrong).status_code == 400


@pytest.mark.parametrize(
    ("back", "there"), [("/journal", "/journal"), ("//evil.example", "/trouble"), ("", "/trouble")]
)
def test_a_button_leads_back_to_where_it_was_pressed(client, back, there):
    pressed = client.post("/trouble", data={"on": "slow", "back": back})
    assert (pressed.status_code, pressed.headers["Location"]) == (303, there)


def test_the_drawer_has_the_same_buttons(client, quiet):
    quiet.faults.begin(Fault.LOST)
    page = client.get("/journal").text
    assert "(1 switched on)" in page
    assert page.count("aria-pressed") == len(Fault)
    assert '<input type="hidden" name="back" value="/journal">' in page


@pytest.mark.browser
def test_the_page_can_be_used_by_everybody(tab):
    page = tab("/trouble")
    follow(page.get_by_role("button", name="Answers are lost"))
    assert page.get_by_role("status").inner_text().startswith("Switched on: answers are lost.")

    assert faults_in_all_views(page) == []


@pytest.mark.browser
def test_a_button_in_the_drawer_stays_in_the_drawer(lms, tab):
    page = tab("/grades")
    page.get_by_text("Show protocol").click()
    drawer = page.frame_locator(".drawer iframe")
    unfold(drawer.get_by_text("Let something go wrong"))
    until(drawer.get_by_role("button", name="The LMS is away"), lambda: lms.services_down)

    drawer.get_by_text("(1 switched on)").wait_for()
    assert page.url.endswith("/grades")
