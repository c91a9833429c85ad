"""Notices of copied courses: asked for once, believed when signed, kept once."""

import json
from datetime import timedelta

import pytest
from lti.minting import BASE_URL, GONE, key, sign
from lti.services.conftest import PlayedClient, answered
from sqlalchemy import select

from lti_peer.core.copies import CourseCopy
from lti_peer.core.models import Deployment, Standing
from lti_peer.lti import claims as words
from lti_peer.lti import notices
from lti_peer.lti.http import Unreachable
from lti_peer.lti.keys import KeyRing
from lti_peer.lti.notices import NoticeHandler
from lti_peer.lti.services import Services
from lti_peer.lti.tokens import Tokens


@pytest.fixture
def notice(wire):
    """Mint a notice that course 2 was copied from course old-1; `GONE` leaves a claim out."""

    def mint(**over):
        now = int(wire.now().timestamp())
        given = {
            "iss": wire.platform.issuer,
            "aud": wire.platform.client_id,
            "azp": wire.platform.client_id,
            "iat": now,
            "exp": now + 3600,
            "nonce": "n-1",
            words.VERSION: "1.3.0",
            words.DEPLOYMENT_ID: "1",
            words.NOTICE: {"id": "1", "timestamp": "x", "type": words.CONTEXT_COPY_NOTICE},
            words.CONTEXT: {"id": "2", "title": "New"},
            words.ORIGIN_CONTEXTS: ["old-1"],
        }
        return {name: value for name, value in {**given, **over}.items() if value is not GONE}

    return mint


@pytest.fixture
def post(wire):
    """Post tokens as an LMS does."""

    def send(*tokens):
        body = {"notices": [{"jwt": token} for token in tokens]}
        return wire.browser().post(notices.PATH, json=body, base_url=BASE_URL)

    return send


def copies(wire):
    return [(one.context_key, one.origin_key) for one in wire.all(CourseCopy)]


def test_a_copied_course_is_kept_once_however_often_it_is_told(wire, notice, post):
    token = sign(notice())
    assert [post(token, token).status_code, post(token).status_code] == [204, 204]
    assert copies(wire) == [("2", "old-1")]


def test_a_notice_of_another_sort_is_taken_and_forgotten(wire, notice, post):
    hello = notice(**{words.NOTICE: {"type": "LtiHelloWorldNotice"}, words.CONTEXT: GONE})
    assert post(sign(hello)).status_code == 204
    assert copies(wire) == []


@pytest.mark.parametrize(
    ("over", "status"),
    [
        ({"iss": "https://evil.example"}, 403),
        ({"aud": "other"}, 403),
        ({"exp": 1}, 401),
        ({"iat": 1}, 401),
        ({"nonce": GONE}, 401),
        ({words.DEPLOYMENT_ID: "2"}, 403),
        ({words.DEPLOYMENT_ID: GONE}, 400),
        ({words.CONTEXT: GONE}, 400),
        ({words.CONTEXT: {"id": 7}}, 400),
        ({words.ORIGIN_CONTEXTS: "old-1"}, 400),
        ({words.ORIGIN_CONTEXTS: [7]}, 400),
        ({words.NOTICE: []}, 400),
    ],
)
def test_a_notice_that_is_not_right_is_refused_and_nothing_of_its_batch_kept(
    wire, notice, post, over, status
):
    answer = post(sign(notice()), sign(notice(**over)))
    assert (answer.status_code, answer.json["error"] != "") == (status, True)
    assert copies(wire) == []


def test_a_notice_that_somebody_else_signed_is_refused(wire, notice, post):
    assert post(sign(notice(), signer=key("attacker"))).status_code == 401
    assert post("x.y.z").status_code == 400
    assert copies(wire) == []


@pytest.mark.parametrize(
    "body", [None, [], {}, {"notices": []}, {"notices": [7]}, {"notices": "x"}]
)
def test_a_body_that_is_no_batch_is_refused(wire, body):
    answer = wire.browser().post(notices.PATH, json=body, base_url=BASE_URL)
    assert (answer.status_code, answer.json["error"]) == (400, "bad_claim")


def test_a_notice_for_a_deployment_that_is_switched_off_is_refused(wire, notice, post):
    with wire.database.transaction() as session:
        session.scalars(select(Deployment)).one().state = Standing.DISABLED
    assert post(sign(notice())).status_code == 403


@pytest.fixture
def launch(wire):
    """Launch from an LMS that tells of copied courses."""

    def go(url=None, types=(words.CONTEXT_COPY_NOTICE,)):
        service = {
            "platform_notification_service_url": url or f"{wire.platform.issuer}/pns/1",
            "notice_types_supported": list(types),
        }
        return wire.launch(**{words.NOTICES: service})

    return go


@pytest.fixture
def tell(wire):
    """Tell an LMS that waits to be told, with this answer; return the calls, None: none waits."""
    client = PlayedClient()
    vault = wire.app.extensions["vault"]
    tokens = Tokens(wire.database, vault, KeyRing(wire.database, vault), client)

    def once(answer=None):
        client.answers = [answer] if answer else []
        told = notices.tell(wire.database, Services(client, tokens), BASE_URL)
        return client.sent if told else None

    return once


def test_an_lms_is_told_once_where_notices_go(wire, launch, tell):
    launch()
    ((method, url, headers, body),) = tell(answered(200, {}))
    assert (method, url) == ("PUT", f"{wire.platform.issuer}/pns/1")
    assert json.loads(body) == {
        "notice_type": "LtiContextCopyNotice",
        "handler": "https://tool.example/lti/notices",
    }
    assert headers["Content-Type"] == "application/json"
    launch()
    assert tell() is None


@pytest.mark.parametrize("fault", [answered(500), answered(403), Unreachable("away")])
def test_an_lms_that_does_not_listen_is_told_again_later(wire, launch, tell, fault):
    launch()
    tell(fault)
    assert tell() is None
    with wire.database.transaction() as session:
        session.scalars(select(NoticeHandler)).one().due_at -= timedelta(days=1)
    assert len(tell(answered(200, {}))) == 2


def test_an_lms_without_such_notices_or_on_a_foreign_host_is_not_told(wire, launch, tell):
    launch(types=["LtiHelloWorldNotice"])
    launch(url="https://evil.example/pns")
    assert tell() is None
