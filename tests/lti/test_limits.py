"""How often one address may launch and register (security.md T22)."""

import pytest
from lti.minting import BASE_URL

from lti_peer.core.errors import TooOften
from lti_peer.lti import views
from lti_peer.web.limit import Limit, network

SCHOOL, HOME = "192.0.2.7", "198.51.100.1"


@pytest.fixture
def ask(app):
    """A function that asks from an address; returns the status and the seconds to wait."""

    def asked(path, address, method="POST"):
        answer = app.test_client().open(
            path, method=method, base_url=BASE_URL, environ_base={"REMOTE_ADDR": address}
        )
        return answer.status_code, answer.headers.get("Retry-After")

    return asked


@pytest.mark.parametrize("path", ["/lti/login", "/lti/launch", "/lti/launch/confirm"])
def test_t22_a_flood_of_messages_waits_and_others_do_not(app, ask, path):
    app.extensions["launch_limit"] = Limit(2, 60)
    assert [ask(path, SCHOOL)[0] in {400, 401} for _ in "ab"] == [True, True]
    assert ask(path, SCHOOL) == (429, "30")
    assert ask(path, HOME)[0] in {400, 401}
    assert ask("/lti/jwks.json", SCHOOL, "GET")[0] == 200


def test_t22_invitations_are_not_tried_by_the_thousand(app, ask):
    limit = Limit(views.REGISTRATIONS, views.WINDOW_S, lambda: 0.0)
    app.extensions["registration_limit"] = limit
    tries = [ask("/lti/register/guess", SCHOOL, "GET")[0] for _ in range(21)]
    assert tries == [403] * 20 + [429]


def test_t22_behind_a_proxy_that_nobody_named_people_are_not_counted_together(app, ask):
    app.extensions["launch_limit"] = Limit(1, 60)
    assert {ask("/lti/login", one)[0] for one in ("127.0.0.1", "127.0.0.1", "::1", "::1")} == {400}


def test_t22_three_classes_of_300_behind_one_address_launch_at_once_and_never_wait():
    limit = Limit(views.ATTEMPTS, views.WINDOW_S, lambda: 0.0)
    for _ in range(3 * 300 * 3):  # login, launch, and the storage's confirmation
        limit.count(SCHOOL)


def test_what_was_used_up_comes_back_bit_by_bit():
    now = [0.0]
    limit = Limit(60, 60, lambda: now[0])
    for _ in range(60):
        limit.count(HOME)
    now[0] = 2.0
    limit.count(HOME)
    limit.count(HOME)
    with pytest.raises(TooOften) as waiting:
        limit.count(HOME)
    assert waiting.value.wait_s == 1


def test_a_household_with_many_addresses_is_one():
    same = {network("2001:db8:1:2::7"), network("2001:db8:1:2:aaaa::1%eth0")}
    assert same == {"2001:0db8:0001:0002"}
    assert network("::ffff:192.0.2.7") == network(SCHOOL) == SCHOOL
