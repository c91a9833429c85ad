import jwt
import pytest
import requests
from demo.platform.conftest import GRADED
from demo.platform.fake_tool import BLOCK, LTI

from lti_peer.demo.platform import Lms

AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"


def test_a_launch_ends_on_the_tools_page(lms, registered, browse, link):
    learner = lms.learners[1]

    page = browse(learner).launch(link.id)

    assert page.status_code == 200
    assert page.url == f"{registered.url}/home"
    assert page.text == f"home {learner.id}"


def test_a_launch_token_says_what_moodles_says(lms, registered, browse, link):
    browse(lms.learners[0]).launch(link.id)
    claims = registered.launches[-1]

    assert claims["exp"] - claims["iat"] == 60
    assert claims["name"] == "Ada Example (synthetic)"
    assert "given_name" not in claims, "the tool did not ask for it"
    assert claims[LTI + "message_type"] == "LtiResourceLinkRequest"
    assert claims[LTI + "roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
    assert claims[LTI + "resource_link"]["id"] == link.id
    assert claims[LTI + "custom"] == {"activityId": "a-1", "activityid": "a-1"}
    assert claims[AGS_CLAIM]["lineitem"].endswith("/lineitem?type_id=1")
    assert claims[NRPS_CLAIM]["context_memberships_url"].endswith("?type_id=1")


def test_custom_parameters_of_the_tool_win_and_variables_are_filled_in(lms, tool, browse):
    own = {"activityId": "tool", "course": "$Context.title", "who": "$User.unknown"}
    tool.metadata[BLOCK]["custom_parameters"] = own
    tool.register(lms.addresses.configuration, lms.new_registration_token())
    tool.items = [GRADED]
    browse(lms.instructor).deep_link()

    browse(lms.learners[0]).launch(lms.links[0].id)

    custom = tool.launches[-1][LTI + "custom"]
    assert custom["activityId"] == "tool"
    assert (custom["course"], custom["who"]) == ("Writing for Peers", "$User.unknown")


def test_two_columns_of_one_activity_take_the_line_item_out_of_the_launch(
    lms, registered, browse, link
):
    lms.gradebook.add(lms.gradebook.columns[0])

    browse(lms.learners[0]).launch(link.id)

    assert "lineitem" not in registered.launches[-1][AGS_CLAIM]


def test_a_login_may_be_initiated_by_get(lms, registered, browse, link):
    lms.login_method = "get"

    assert browse(lms.learners[0]).launch(link.id).status_code == 200
    initiated = [e for e in lms.journal.after(0) if e.name == "Login initiation"]
    assert initiated[-1].method == "GET"


def ask(lms, registered, link, **changed):
    """Send an authentication request; return the page with the form."""
    browser = requests.Session()
    page = browser.get(f"{lms.issuer}/launch/{link.id}", timeout=5)
    browser.close()
    from_page = [e for e in lms.journal.after(0) if e.name == "Login initiation"][-1].body
    assert page.ok
    query = {
        "client_id": from_page["client_id"],
        "login_hint": from_page["login_hint"],
        "lti_message_hint": from_page["lti_message_hint"],
        "redirect_uri": f"{registered.url}/launch",
        "response_type": "id_token",
        "response_mode": "form_post",
        "scope": "openid",
        "prompt": "none",
        "state": "s<1>",
        "nonce": "n1",
        **changed,
    }
    return requests.get(lms.addresses.authorization, params=query, timeout=5)


@pytest.mark.parametrize(
    ("parameter", "value", "error"),
    [
        ("response_type", "code", "unsupported_response_type"),
        ("response_mode", "query", "invalid_request"),
        ("scope", "openid profile", "invalid_scope"),
        ("prompt", "login", "invalid_request"),
        ("nonce", "", "invalid_request"),
        ("state", "", "invalid_request"),
        ("login_hint", "999", "login_required"),
        ("lti_message_hint", '{"message": "x"}', "invalid_request"),
        ("lti_message_hint", "x", "invalid_request"),
    ],
)
def test_a_wrong_authentication_request_is_answered_with_an_error_for_the_tool(
    lms, registered, link, parameter, value, error
):
    page = ask(lms, registered, link, **{parameter: value})

    assert f'name="error" value="{error}"' in page.text
    assert f'action="{registered.url}/launch"' in page.text
    assert 'name="id_token"' not in page.text


@pytest.mark.parametrize("parameter", ["client_id", "redirect_uri"])
def test_nothing_is_sent_to_an_address_that_is_not_registered(lms, registered, link, parameter):
    page = ask(lms, registered, link, **{parameter: "http://evil.invalid/launch"})

    assert page.status_code == 400
    assert "evil" not in page.text


def test_a_repeated_parameter_is_refused(lms, registered, link):
    assert ask(lms, registered, link, scope=["openid", "openid"]).status_code == 400


def test_state_is_escaped_in_the_form(lms, registered, link):
    assert 'value="s&lt;1&gt;"' in ask(lms, registered, link).text


def test_the_token_names_a_published_key(lms, registered, link, browse):
    browse(lms.instructor).launch(link.id)
    token = [e for e in lms.journal.after(0) if e.name == "Launch token"][-1]
    published = requests.get(lms.addresses.jwks, timeout=5).json()["keys"]

    assert token.header == {"alg": "RS256", "kid": published[0]["kid"], "typ": "JWT"}
    jwt.decode(
        token.body["id_token"], jwt.PyJWK(published[0]), ["RS256"], audience=registered.client_id
    )


def test_three_hundred_learners_have_different_names():
    lms = Lms("http://127.0.0.1:1", learners=300)

    assert len({person.name for person in lms.people}) == 301
    assert all("(synthetic)" in person.name for person in lms.people)


def test_an_unknown_activity_is_a_page_and_not_a_trace(lms, browse):
    page = browse(lms.instructor).launch("77")

    assert page.status_code == 404
    assert "There is no such activity." in page.text
