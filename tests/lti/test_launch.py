"""A launch from end to end, over the application's test client: cookies, headers, frames."""

import pytest
from lti.minting import BASE_URL, GONE, sign

from lti_peer.core.visit import VisitRecord
from lti_peer.lti.models import LaunchState


def policy(answer):
    """Return who may frame the answer."""
    return answer.headers["Content-Security-Policy"].partition("frame-ancestors ")[2]


def attributes(cookie):
    """Return the name and the attributes of a Set-Cookie header."""
    name, *rest = (part.strip() for part in cookie.split(";"))
    return name.partition("=")[0], {part.partition("=")[0] for part in rest if "=" not in part} | {
        part for part in rest if "=" in part and not part.startswith("Expires")
    }


def test_a_launch_leads_to_the_home_page_of_the_activity(wire, placed):
    login = wire.login()
    answer = wire.launch(login)
    page = login.browser.get(answer.headers["Location"], base_url=BASE_URL)
    assert page.text == "Tess Teacher (synthetic)|instructor|An activity"


def test_a_reload_of_the_page_after_the_launch_repeats_nothing(wire, placed):
    login = wire.login()
    where = wire.launch(login).headers["Location"]
    for _ in range(3):
        assert login.browser.get(where, base_url=BASE_URL).status_code == 200
    assert wire.count(VisitRecord) == 1


def test_the_cookie_of_a_login_is_of_the_only_sort_that_frames_keep(wire):
    name, marks = attributes(wire.login().answer.headers["Set-Cookie"])
    assert name.startswith("__Host-lti-")
    assert marks == {"Secure", "HttpOnly", "Partitioned", "SameSite=None", "Path=/", "Max-Age=300"}


def test_the_launch_takes_the_cookie_of_its_login_away(wire, placed):
    login = wire.login()
    name, _ = attributes(login.answer.headers["Set-Cookie"])
    taken = [each for each in wire.launch(login).headers.getlist("Set-Cookie") if name in each]
    assert ["Max-Age=0" in each for each in taken] == [True]


def test_state_and_nonce_are_not_stored_as_they_are(wire):
    login = wire.login()
    (row,) = wire.all(LaunchState)
    stored = str(vars(row))
    assert login.state not in stored
    assert login.nonce not in stored


def test_a_login_forgets_those_that_are_over(wire):
    wire.login()
    with wire.database.transaction() as session:
        (row,) = session.query(LaunchState)
        row.expires_at = row.created_at.replace(year=2020)
    wire.login()
    assert wire.count(LaunchState) == 1


def test_a_refusal_of_a_known_lms_may_be_framed_by_it_alone(wire):
    answer = wire.launch(aud="other")
    assert policy(answer) == wire.platform.issuer


@pytest.mark.parametrize("over", [{"iss": "https://x.example"}, {"iss": GONE}])
def test_a_refusal_of_an_unknown_lms_may_be_seen_in_any_frame(wire, over):
    assert policy(wire.login(**over).answer) == "*"


def test_a_refused_launch_may_be_posted_again_when_its_cause_is_gone(wire, placed):
    login = wire.login()
    assert wire.launch(login, version="1.1.0").status_code == 400
    assert wire.launch(login).status_code == 303


def test_a_refusal_has_its_code_in_page_and_log(wire, capsys):
    answer = wire.launch(aud="other")
    reference = answer.text.partition("<code>wrong_audience ")[2].partition("</code>")[0]
    assert len(reference) == 8
    assert reference in capsys.readouterr().out


def test_no_claim_and_no_token_gets_into_the_log(wire, capsys):
    login = wire.login()
    token = sign(wire.claims(login, aud="other"))
    wire.post(login, token)
    logged = capsys.readouterr().out
    assert not [secret for secret in ("Tess", "tess@", token, login.state) if secret in logged]


def test_a_refused_launch_never_says_which_part_of_the_secret_was_right(wire):
    handle, value = wire.held()
    first, last = wire.confirm(handle, "x" + value[1:]), wire.confirm(handle, value[:-1] + "x")
    pages = [answer.text.partition("If you ask for help")[0] for answer in (first, last)]
    assert pages[0] == pages[1]
