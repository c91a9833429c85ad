"""The manners of six LMSs, as a tool meets them (lti.md 3): each difference, once."""

import json
from dataclasses import replace

import pytest
import requests
from demo.platform.conftest import AGS, GRADED, NRPS
from demo.platform.fake_tool import BLOCK, LTI
from urllib3.util import SKIP_HEADER

from lti_peer.demo.platform import Lms, create_lms
from lti_peer.demo.platform.profiles import PROFILES

SCORE = {"Content-Type": "application/vnd.ims.lis.v1.score+json"}
COLUMN = {"Content-Type": "application/vnd.ims.lis.v2.lineitem+json"}
NO_ATTEMPT = {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}
COLUMNS = {"Accept": "application/vnd.ims.lis.v2.lineitemcontainer+json"}


@pytest.fixture
def profile(request):
    """The manners that a test names, or those that it changes."""
    return PROFILES[getattr(request, "param", "plain")]


@pytest.fixture
def lms(serve, lms_key, profile):
    """An LMS of these manners."""
    server = serve("127.0.0.1")
    lms = Lms(server.url, learners=5, profile=profile, key=lms_key)
    server.start(create_lms(lms))
    return lms


@pytest.fixture
def registered(lms, tool):
    """A tool in this LMS, by its own registration or by hand."""
    if lms.profile.registers:
        tool.register(lms.addresses.configuration, lms.new_registration_token())
        return tool
    fields = {"name": "Fake", "login_url": f"{tool.url}/login"}
    fields |= {"launch_url": f"{tool.url}/launch", "jwks_url": f"{tool.url}/jwks"}
    if lms.profile.fetches:
        fields = {"address": f"{tool.url}/configuration.json"}
    requests.post(f"{lms.url}/tools/by-hand", data=fields, timeout=5)
    return told(tool, lms)


def told(tool, lms):
    """Tell the tool what an administrator would."""
    tool.platform = {
        "issuer": lms.issuer,
        "authorization_endpoint": lms.addresses.authorization,
        "token_endpoint": lms.addresses.token,
        "jwks_uri": lms.addresses.jwks,
    }
    block = {"deployment_id": lms.tool.deployment_id}
    tool.registration = {"client_id": lms.tool.client_id, BLOCK: block}
    return tool


def of(*names):
    return pytest.mark.parametrize("profile", names, indirect=True)


@pytest.fixture
def column(lms, link):
    return lms.gradebook.columns[0]


@pytest.fixture
def send(lms, service, column):
    """Send a score for the first learner at a second of one minute."""

    def call(second, points=8, **changed):
        body = {
            "userId": lms.learners[0].id, "timestamp": f"2027-11-22T08:00:{second:09.6f}+00:00",
            "activityProgress": "Completed", "gradingProgress": "FullyGraded",
            "scoreGiven": points, "scoreMaximum": 20, **changed,
        }  # fmt: skip
        deployment = lms.tool.deployment_id
        url = lms.addresses.line_item("2", column.id, deployment)
        path, _, query = url.partition("?")
        address = f"{path}/scores" + (f"?{query}" if query else "")
        return service("POST", address, AGS + "score", data=json.dumps(body), headers=SCORE)

    return call


@of("moodle")
def test_moodle_keeps_when_a_score_came_by_the_whole_second(lms, send, column):
    assert send(1.0).status_code == 204
    arrived = lms.gradebook.history(column.id)[0].received_at
    past = send(0, timestamp=arrived.isoformat())

    assert past.status_code == 409
    assert send(1.9).status_code == 204


@of("canvas", "openedx")
def test_others_say_400_to_a_score_that_is_not_newer_and_name_the_timestamp(send):
    send(1.0)
    refused = send(1.0, **NO_ATTEMPT)
    assert (refused.status_code, "timestamp" in refused.text.lower()) == (400, True)
    assert send(1.000001, **NO_ATTEMPT).status_code == 204


@of("canvas")
def test_canvas_counts_a_score_as_an_attempt_unless_it_says_otherwise(send):
    statuses = [send(at, **said).status_code for at, said in enumerate([{}, NO_ATTEMPT, {}])]
    assert statuses == [204, 204, 422]


@of("canvas", "blackboard")
def test_a_score_that_is_not_final_is_not_looked_at(lms, send, column):
    send(1.0)
    send(2.0, gradingProgress="Pending")
    assert lms.gradebook.grade(column.id, lms.learners[0].id).points == 8


@of("blackboard")
def test_blackboard_loses_line_breaks_that_are_not_written_its_way(lms, send, column):
    send(1.0, comment="one\ntwo<br/>three")
    assert lms.gradebook.history(column.id)[0].comment == "one two\nthree"


@of("canvas", "brightspace", "moodle")
def test_a_stranger_gets_no_grade(lms, send):
    assert send(1.0, userId="nobody").status_code == lms.profile.stranger >= 400


@of("moodle")
def test_moodle_has_typographic_quotes_in_links_of_columns(lms, link, service):
    for name in ("b", "c"):
        body = {"label": name, "scoreMaximum": 1}
        service(
            "POST", lms.addresses.line_items("2", "1"), AGS + "lineitem", json=body, headers=COLUMN
        )
    page = service(
        "GET", lms.addresses.line_items("2", "1") + "&limit=1", AGS + "lineitem", headers=COLUMNS
    )

    said = page.headers["Link"].encode("latin-1").decode()
    assert said.endswith("rel=“next”")
    assert "&amp;from=1" in said


@of("moodle")
def test_the_next_page_of_moodles_roster_has_lost_the_role(lms, registered, service):
    address = lms.addresses.memberships("2", "1") + "&role=Learner&limit=2"
    page = service("GET", address, NRPS)
    assert "role" not in page.headers["Link"]


@of("canvas", "sakai")
def test_members_have_roles_by_uri(lms, registered, service):
    found = service("GET", lms.addresses.memberships("2", lms.tool.deployment_id), NRPS).json()
    assert found["members"][0]["roles"] == [
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
    ]


@of("openedx")
def test_open_edx_has_no_roster_and_small_letters_in_its_token(lms, registered):
    given = registered.token(AGS + "score").json()
    assert (given["token_type"], registered.token(NRPS).status_code) == ("bearer", 400)


@of("openedx")
def test_open_edx_makes_no_column_without_an_id_and_deletes_none(lms, column, service):
    address = lms.addresses.line_items("2", "1")
    bare = service(
        "POST", address, AGS + "lineitem", json={"label": "x", "scoreMaximum": 1}, headers=COLUMN
    )
    gone = service("DELETE", lms.addresses.line_item("2", column.id, "1"), AGS + "lineitem")
    assert (bare.status_code, gone.status_code) == (400, 403)


@of("moodle")
def test_moodle_says_that_its_token_is_a_page(registered):
    assert registered.token(AGS + "score").headers["Content-Type"].startswith("text/html")


@of("brightspace")
def test_brightspace_takes_assertions_for_its_authorisation_server_alone(lms, registered):
    wrong, right = (
        registered.assertion(aud=aud) for aud in (lms.addresses.token, lms.profile.audience)
    )
    statuses = [registered.token(AGS + "score", each).status_code for each in (wrong, right)]
    assert statuses == [401, 200]
    assert registered.platform["authorization_server"] == lms.profile.audience


@of("moodle", "canvas")
def test_a_request_without_a_user_agent_is_refused(lms):
    silent = {"User-Agent": SKIP_HEADER}
    answers = [
        requests.get(lms.addresses.jwks, headers=headers, timeout=5) for headers in (silent, {})
    ]
    assert [answer.status_code for answer in answers] == [403, 200]


def claims_of(lms, registered, browse, link):
    browse(lms.learners[0]).launch(link.id)
    return registered.launches[-1]


@of("openedx", "canvas", "sakai")
def test_launches_are_said_in_the_lmss_own_way(lms, registered, browse, link):
    said = claims_of(lms, registered, browse, link)

    assert said["iss"] == lms.issuer
    assert ("azp" in said) == lms.profile.names_party
    assert len(said[LTI + "roles"]) == 1 + bool(lms.profile.further_roles)
    assert set(said[LTI + "custom"]) == {"activityId"}
    assert said["exp"] - said["iat"] == 3600


@of("moodle")
def test_moodle_gives_no_data_and_knows_the_request_by_its_address(lms, registered, browse):
    registered.items = [GRADED]
    page = browse(lms.instructor).deep_link()
    assert "Placed in the course" in page.text
    assert len(lms.links) == 1


@of("canvas", "blackboard")
def test_many_customers_share_an_issuer_and_register_nobody(lms):
    assert lms.issuer in {"https://canvas.instructure.com", "https://blackboard.com"}
    assert requests.get(lms.addresses.configuration, timeout=5).status_code == 404


@of("sakai")
def test_a_hint_that_is_encoded_twice_must_come_back_so(lms, registered, browse, link):
    begun = [one for one in lms.journal.after(0) if one.name == "Login initiation"][-1]
    assert "%25" in begun.body["login_hint"]
    assert claims_of(lms, registered, browse, link)["sub"] == lms.learners[0].id


@of("canvas")
def test_canvas_answers_the_second_authentication_with_an_error(lms, registered, browse, link):
    claims_of(lms, registered, browse, link)
    asked = [one for one in lms.journal.after(0) if one.name == "Authentication request"][-1]
    again = requests.get(asked.url, timeout=5)
    assert 'value="launch_no_longer_valid"' in again.text


@of("moodle", "canvas")
def test_two_columns_hide_both_in_moodle_alone(lms, registered, browse, link):
    lms.gradebook.add(replace(lms.gradebook.columns[0], label="Second"))
    endpoint = claims_of(lms, registered, browse, link)[
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    ]
    assert ("lineitem" in endpoint) == (lms.profile.name == "canvas")


@of("canvas")
def test_a_redirect_uri_may_have_a_query_more(lms, registered, browse, link):
    lms_page = browse(lms.learners[0]).launch(link.id)
    asked = [one for one in lms.journal.after(0) if one.name == "Authentication request"][-1]
    odd = asked.url.replace("%2Flaunch", "%2Flaunch%3Fx%3D1")
    assert lms_page.ok
    assert requests.get(odd, timeout=5).status_code == 200


@of("blackboard", "openedx")
def test_a_tool_that_is_copied_wrongly_is_not_added_and_the_page_says_why(lms, browse):
    page = browse(lms.instructor).get("/tools/add")
    wrong = {"name": "Fake", "login_url": "nowhere", "launch_url": "", "jwks_url": ""}
    answer = browse(lms.instructor).submit(page, wrong, form="add-tool")

    assert (answer.status_code, lms.tools) == (400, ())
    assert "Login address is missing, or not a web address." in answer.text
    assert 'value="Fake"' in answer.text


@of("canvas")
@pytest.mark.parametrize("path", ["/nothing", "/jwks"])
def test_an_address_without_a_configuration_adds_nothing(lms, tool, browse, path):
    page = browse(lms.instructor).get("/tools/add")
    address = {"address": tool.url + path}
    answer = browse(lms.instructor).submit(page, address, form="add-tool")

    assert (answer.status_code, lms.tools) == (400, ())
    assert "There is no configuration of a tool at this address" in answer.text


@of("canvas", "openedx")
def test_the_list_of_tools_says_what_a_tool_must_be_told(lms, registered, browse):
    page = browse(lms.instructor).get("/tools").text
    assert "What the tool must know of this LMS" in page
    assert f"<code>{lms.issuer}</code>" in page
    assert f"<code>{lms.tool.client_id}</code>" in page


@of("moodle")
def test_an_lms_that_registers_tools_takes_none_by_hand(lms):
    assert requests.post(f"{lms.url}/tools/by-hand", data={}, timeout=5).status_code == 404


@of("canvas")
def test_an_lms_that_takes_tools_by_hand_registers_none(lms):
    asked = {"address": "http://localhost:1/register"}
    assert requests.post(f"{lms.url}/tools/add", data=asked, timeout=5).status_code == 404


def test_every_manner_has_people_with_ids_of_their_own():
    for profile in PROFILES.values():
        lms = Lms("http://127.0.0.1:1", learners=30, profile=profile, key=object())
        assert len({person.id for person in lms.people}) == 31
