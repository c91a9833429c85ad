import pytest
import requests
from demo.platform.fake_tool import BLOCK

WORD = "invalid_client_metadata"


def test_a_tool_registers_itself_in_the_frame_that_the_instructor_opens(lms, tool, browse):
    answer = browse(lms.instructor).register_tool(f"{tool.url}/register?invite=1")

    assert answer.status_code == 201
    assert (lms.tool.name, lms.tool.deployment_id) == ("Fake tool", "1")
    assert lms.tool.client_id == tool.registration["client_id"]
    assert tool.registration[BLOCK]["deployment_id"] == "1"


def test_a_registration_token_works_once(lms, tool):
    token = lms.new_registration_token()

    assert tool.register(lms.addresses.configuration, token).status_code == 201
    assert tool.register(lms.addresses.configuration, token).status_code == 401
    assert len(lms.tools) == 1


def test_a_registration_without_a_token_is_refused(lms, tool):
    assert requests.post(lms.addresses.registration, json={}, timeout=5).status_code == 401


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("client_name", ""),
        ("jwks_uri", "javascript:alert(1)"),
        ("redirect_uris", []),
        ("redirect_uris", "http://localhost/launch"),
        ("redirect_uris", ["http://["]),
        ("response_types", ["code"]),
        ("response_types", None),
        ("grant_types", 7),
        ("grant_types", ["implicit"]),
        ("token_endpoint_auth_method", "client_secret_basic"),
        (BLOCK, None),
    ],
)
def test_a_registration_with_a_wrong_member_is_refused(lms, tool, member, value):
    tool.metadata[member] = value

    answer = tool.register(lms.addresses.configuration, lms.new_registration_token())

    assert (answer.status_code, answer.json()["error"]) == (400, WORD)
    assert lms.tools == ()


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("messages", ["LtiDeepLinkingRequest"]),
        ("messages", [{"type": "LtiDeepLinkingRequest", "target_link_uri": 7}]),
        ("claims", "name"),
        ("custom_parameters", ["a"]),
        ("target_link_uri", "http://["),
    ],
)
def test_a_wrong_member_of_the_lti_block_is_refused(lms, tool, member, value):
    tool.metadata[BLOCK][member] = value

    answer = tool.register(lms.addresses.configuration, lms.new_registration_token())

    assert (answer.status_code, answer.json()["error"]) == (400, WORD)


def test_the_domain_must_be_host_and_port_of_the_target(lms, tool):
    tool.metadata[BLOCK]["domain"] = "localhost"

    answer = tool.register(lms.addresses.configuration, lms.new_registration_token())

    assert "domain" in answer.json()["error_description"]


@pytest.mark.parametrize("address", ["ftp://x", "http://[", ""])
def test_an_address_that_is_none_is_answered_with_a_sentence(lms, browse, address):
    browser = browse(lms.instructor)

    page = browser.submit(browser.get("/tools/add"), {"address": address}, form="add-tool")

    assert page.status_code == 400
    assert "This is not a web address." in page.text


def test_a_learner_cannot_add_a_tool(lms, browse):
    assert browse(lms.learners[0]).get("/tools/add").status_code == 403
