import secrets
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests
from demo.platform.conftest import GRADED
from demo.platform.fake_tool import DL, LTI

RETURN = "/lti/deep-linking/return?course=2"


def choose(browse, lms, registered, *items):
    registered.items = list(items)
    return browse(lms.instructor).deep_link()


def test_a_chosen_item_becomes_an_activity_and_a_column(lms, registered, browse):
    page = choose(browse, lms, registered, GRADED)

    link, column = lms.links[0], lms.gradebook.columns[0]
    assert page.status_code == 200
    assert (link.title, link.text, link.custom) == (
        "Essay",
        "Write and review.",
        {"activityId": "a-1"},
    )
    assert (column.label, column.maximum, column.link_id) == ("Essay grade", 20, link.id)
    assert (column.tag, column.resource_id) == ("work", "r1")


def test_several_items_are_placed_at_once_and_others_are_left_out(lms, registered, browse):
    html = {"type": "html", "html": "<b>no</b>"}
    plain = {"type": "ltiResourceLink", "title": "Talk"}

    page = choose(browse, lms, registered, GRADED, plain, html)

    assert [link.title for link in lms.links] == ["Essay", "Talk"]
    assert len(lms.gradebook.columns) == 1
    assert "1 item was left out" in page.text


def test_what_was_not_asked_for_is_not_placed(lms, registered, browse):
    lms.profile = replace(lms.profile, takes_several=False, takes_columns=False)
    plain = {"type": "ltiResourceLink", "title": "Talk"}

    assert choose(browse, lms, registered, plain, plain).status_code == 400
    assert choose(browse, lms, registered, GRADED).status_code == 400
    assert lms.links == ()


def test_the_times_of_an_item_are_kept(lms, registered, browse):
    end = "2026-11-27T23:59:00+00:00"

    choose(browse, lms, registered, {**GRADED, "submission": {"endDateTime": end}})

    assert lms.links[0].submission.end == datetime(2026, 11, 27, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://evil.invalid/launch"},
        {"url": "http://["},
        {"custom": {"number": 1}},
        {"lineItem": {"scoreMaximum": 0}},
        {"lineItem": {"scoreMaximum": "10"}},
        {"submission": {"endDateTime": "tomorrow"}},
        {"submission": {"endDateTime": "2026-11-27T23:59:00"}},
    ],
)
def test_one_wrong_item_and_none_is_placed(lms, registered, browse, wrong):
    page = choose(browse, lms, registered, GRADED, {**GRADED, **wrong})

    assert page.status_code == 400
    assert (lms.links, lms.gradebook.columns) == ((), ())


@pytest.fixture
def open_request(lms, registered, browse):
    """The `data` of a request that waits for its answer."""
    registered.picker = lambda _: "choose"
    browse(lms.instructor).deep_link()
    return registered.launches[-1][DL + "deep_linking_settings"]["data"]


def post(lms, token):
    return requests.post(lms.issuer + RETURN, data={"JWT": token}, timeout=5)


def test_a_response_is_taken_once(lms, registered, open_request):
    registered.items = [GRADED]
    token = registered.deep_linking_response(open_request)

    assert post(lms, token).status_code == 200
    assert post(lms, token).status_code == 400
    assert len(lms.links) == 1


def test_a_request_is_answered_once(lms, registered, open_request):
    responses = [registered.deep_linking_response(open_request) for _ in range(2)]

    assert [post(lms, token).status_code for token in responses] == [200, 400]


def test_a_nonce_is_used_once(lms, registered, open_request):
    asked = lms.returns.read(open_request)
    requests_open = [open_request, lms.returns.issue(asked)]
    responses = [registered.deep_linking_response(data, nonce="n") for data in requests_open]

    assert [post(lms, token).status_code for token in responses] == [200, 400]


def test_one_tool_cannot_answer_for_another(lms, registered, open_request):
    registered.register(lms.addresses.configuration, lms.new_registration_token())

    assert post(lms, registered.deep_linking_response(open_request)).status_code == 400
    assert len(lms.tools) == 2


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"aud": "https://other.invalid"}, 401),
        ({"iss": "somebody"}, 401),
        ({"exp": 1_000_000_000}, 401),
        ({"iat": 4_000_000_000, "exp": 4_000_000_060}, 401),
        ({"exp": 4_000_000_000}, 401),
        ({"exp": True}, 401),
        ({"exp": float("nan")}, 401),
        ({"exp": 10**400}, 401),
        ({"nonce": ""}, 400),
        ({DL + "data": "guessed"}, 400),
        ({DL + "content_items": ["x"]}, 400),
        ({LTI + "message_type": "LtiResourceLinkRequest"}, 400),
        ({LTI + "version": "1.1"}, 400),
        ({LTI + "deployment_id": "9"}, 400),
    ],
)
def test_a_response_with_a_wrong_claim_places_nothing(
    lms, registered, open_request, changed, status
):
    registered.items = [GRADED]

    page = post(lms, registered.deep_linking_response(open_request, **changed))

    assert page.status_code == status
    assert lms.links == ()


def test_a_response_signed_by_another_key_places_nothing(lms, registered, open_request, other_key):
    registered.items, registered.signer = [GRADED], other_key

    assert post(lms, registered.deep_linking_response(open_request)).status_code == 401
    assert lms.links == ()


def test_what_is_not_a_token_is_refused_with_a_page(lms):
    page = post(lms, secrets.token_hex(8))

    assert page.status_code == 401
    assert "This is not a token." in page.text


def test_a_learner_cannot_begin_deep_linking(lms, registered, browse):
    assert browse(lms.learners[0]).deep_link().status_code == 403
