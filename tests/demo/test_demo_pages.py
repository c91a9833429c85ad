from datetime import timedelta

import pytest
import requests

from lti_peer.demo.classroom import instructor


@pytest.fixture(scope="module")
def lms(stage):
    """The address of the LMS, with the tool registered and a peer review placed."""
    instructor.register(stage)
    instructor.place(stage, "peer_review", "A demo of a review")
    return stage.lms.issuer


def test_the_clock_goes_forwards_by_a_day(lms, stage):
    before = stage.now()
    requests.post(f"{lms}/demo/clock", data={"step": "day"}, timeout=5)
    assert timedelta(hours=23) < stage.now() - before < timedelta(hours=25)


def test_the_clock_refuses_a_step_that_it_does_not_have(lms):
    assert requests.post(f"{lms}/demo/clock", data={"step": "back"}, timeout=5).status_code == 400


def test_the_class_offers_what_it_can_do(lms):
    page = requests.get(f"{lms}/demo/class", timeout=5)
    assert "Everybody hands in" in page.text


def test_the_class_refuses_what_it_cannot_do(lms):
    assert requests.post(f"{lms}/demo/class", data={"offer": "x"}, timeout=5).status_code == 400


def test_the_records_show_what_people_did_as_sentences(lms, stage):
    link = stage.links("peer_review")[0]
    with stage.seat(stage.lms.learners[0].id) as seat:
        seat.open(link)
    for _ in range(100):
        page = requests.get(f"{lms}/demo/records", timeout=5).text
        if "launched" in page:
            break
    assert stage.lms.learners[0].name in page


def test_the_production_application_has_no_demo_routes(app):
    assert not [rule for rule in app.url_map.iter_rules() if "/demo" in rule.rule]


def test_the_administrators_page_is_a_link_away(lms):
    offered = requests.get(f"{lms}/demo/administrator", timeout=5)
    given = requests.post(f"{lms}/demo/administrator", timeout=5).text
    link = given.partition('<a class="button primary" href="')[2].partition('"')[0]
    assert "Get a link" in offered.text
    assert "Sign in" in requests.get(link, timeout=5).text
