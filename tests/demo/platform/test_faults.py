"""Troubles of the LMS: each does what it says, as long as it was told to."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from demo.platform.conftest import AGS, NRPS

from lti_peer.demo.platform.faults import Fault, Faults

CONTAINER = {"Accept": "application/vnd.ims.lis.v2.lineitemcontainer+json"}


@pytest.fixture
def columns(lms, link, service):
    """Ask for the columns of the course."""
    address = lms.addresses.line_items("2", "1")
    return lambda: service(
        "GET", address, AGS + "lineitem", headers=CONTAINER, allow_redirects=False
    )


def test_a_trouble_lasts_for_so_many_requests():
    faults = Faults()
    faults.begin(Fault.BROKEN, times=2)

    assert [faults.meets(Fault.BROKEN) for _ in range(3)] == [True, True, False]
    assert faults.on == ()


def test_a_trouble_without_a_number_lasts_until_it_is_switched_off():
    faults = Faults()
    faults.begin(Fault.BROKEN)
    assert all(faults.meets(Fault.BROKEN) for _ in range(5))

    faults.end(Fault.BROKEN)
    assert not faults.meets(Fault.BROKEN)


def test_the_clock_goes_wrong_by_all_that_is_switched_on():
    faults = Faults()
    faults.begin(Fault.AHEAD)
    faults.begin(Fault.BEHIND)
    assert faults.skew == timedelta(minutes=-10)

    faults.clear()
    assert faults.skew == timedelta()


@pytest.mark.parametrize(
    ("fault", "status"), [(Fault.BROKEN, 500), (Fault.STRICT, 429), (Fault.MOVED, 307)]
)
def test_services_answer_as_the_trouble_says_and_then_again_as_ever(lms, columns, fault, status):
    lms.faults.begin(fault, times=1)

    assert [columns().status_code for _ in range(2)] == [status, 200]


def test_too_many_requests_says_when_to_come_again(lms, columns):
    lms.faults.begin(Fault.STRICT)
    assert columns().headers["Retry-After"] == "5"


def test_a_service_that_has_moved_names_an_address_that_nobody_may_call(lms, columns):
    lms.faults.begin(Fault.MOVED)
    assert columns().headers["Location"].startswith("http://169.254.169.254/")


def test_a_slow_service_does_its_work_in_the_end(lms, columns):
    lms.faults.delay = 0.05
    lms.faults.begin(Fault.SLOW)
    assert columns().elapsed > timedelta(seconds=0.05)


def test_a_lost_answer_was_done_and_breaks_off(lms, link, service):
    lms.faults.begin(Fault.LOST, times=1)
    address = lms.addresses.line_items("2", "1")
    media = {"Content-Type": "application/vnd.ims.lis.v2.lineitem+json"}
    with pytest.raises(requests.RequestException):
        service(
            "POST", address, AGS + "lineitem", json={"label": "x", "scoreMaximum": 1}, headers=media
        )

    assert [column.label for column in lms.gradebook.columns][1:] == ["x"]


def test_an_lms_that_is_away_answers_no_server_and_still_shows_its_pages(lms, registered):
    lms.services_down = True
    statuses = {
        path: requests.get(lms.url + path, timeout=5).status_code
        for path in ("/lti/certs", "/.well-known/openid-configuration", "/", "/tools")
    }
    assert list(statuses.values()) == [503, 503, 200, 200]
    assert registered.token(NRPS).status_code == 503


def test_a_new_key_signs_and_the_old_one_is_not_published(lms, registered, link, browse):
    old = lms.key.kid
    lms.rotate_key()
    published = requests.get(lms.addresses.jwks, timeout=5).json()["keys"]
    browse(lms.learners[0]).launch(link.id)

    assert [key["kid"] for key in published] == [lms.key.kid] != [old]
    assert registered.launches[-1]["sub"] == lms.learners[0].id


def test_tokens_of_a_clock_that_is_ahead_come_from_the_future(lms):
    lms.faults.begin(Fault.AHEAD)
    ahead = lms.clock() - datetime.now(UTC)
    assert timedelta(minutes=4) < ahead <= timedelta(minutes=5)


def test_a_nameless_roster_has_nobodys_name(lms, registered, service):
    lms.faults.begin(Fault.NAMELESS)
    members = service("GET", lms.addresses.memberships("2", "1"), NRPS).json()["members"]
    assert {"name", "email"} & {name for member in members for name in member} == set()


def test_the_journal_keeps_what_the_answer_was_before_it_was_lost(lms, columns):
    lms.faults.begin(Fault.LOST, times=1)
    with pytest.raises(requests.RequestException):
        columns()
    entry = next(one for one in lms.journal.after(0)[::-1] if one.name == "Line items: list")
    assert (entry.status, entry.answer[0]["label"]) == (200, "Essay grade")
