"""Platforms by hand, and dynamic registration with an LMS whose answers are played."""

import json
from datetime import timedelta
from threading import Barrier, Thread
from urllib.parse import urlsplit

import factories
import pytest
from sqlalchemy import select

from lti_peer.core.audit import AuditEntry
from lti_peer.core.errors import Conflict, Invalid, NotFound
from lti_peer.core.models import Deployment, Platform, Standing
from lti_peer.lti import invitations, registration
from lti_peer.lti.dynamic_registration import PLATFORM_CONFIGURATION
from lti_peer.lti.http import Answer, Refused, Unreachable
from lti_peer.lti.invitations import Invitation
from lti_peer.lti.registration import Entry

LMS = "https://lms.example"
CONFIGURATION = f"{LMS}/.well-known/openid-configuration"
BLOCK = "https://purl.imsglobal.org/spec/lti-tool-configuration"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"


def configured(issuer=LMS, **over):
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/auth",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "registration_endpoint": f"{issuer}/register",
        "scopes_supported": ["openid", AGS + "score", AGS + "lineitem"],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "Moodle"
        },
        **over,
    }


class PlayedLms:
    """Stands in for the guarded client, and plays an LMS that registers tools."""

    def __init__(self):
        self.configuration = configured()
        self.answer = {"client_id": "c-1", "scope": AGS + "score", BLOCK: {"deployment_id": "7"}}
        self.status, self.fault, self.calls, self.barrier = 200, None, [], None

    def get(self, url, *, headers=None, limit=None):
        self.calls.append(("GET", url, headers, limit))
        if self.fault:
            raise self.fault
        return Answer(200, {}, json.dumps(self.configuration).encode())

    def send(self, method, url, body, *, headers=None):
        self.calls.append((method, url, headers, json.loads(body)))
        raw = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        return Answer(self.status, {}, raw)


@pytest.fixture
def lms(app):
    app.extensions["egress"] = PlayedLms()
    return app.extensions["egress"]


@pytest.fixture
def invite(database):
    def make(**over):
        with database.transaction() as session:
            return invitations.invite(session, "https://tool.example", **over)

    return make


@pytest.fixture
def visit(app, lms):
    """Open a registration address as the LMS does."""

    def get(address, configuration=CONFIGURATION, **headers):
        query = {"openid_configuration": configuration, "registration_token": "r-1"}
        return app.test_client().get(
            urlsplit(address).path, query_string=query, headers=headers,
            base_url="https://tool.example",
        )  # fmt: skip

    return get


def platforms(database):
    with database.transaction(read_only=True) as session:
        return registration.list_platforms(session)


def test_dr2_an_invited_lms_waits_until_it_is_approved(database, visit, invite):
    page = visit(invite(name="Our Moodle"))
    (kept,) = platforms(database)

    assert page.status_code == 200
    assert (kept.name, kept.state) == ("Our Moodle", Standing.PENDING)
    assert f"lti-peer platform approve {kept.id}" in page.text


def test_a_registration_by_invitation_is_in_the_audit(database, visit, invite):
    visit(invite())
    with database.transaction(read_only=True) as session:
        (entry,) = session.scalars(select(AuditEntry))
    assert (entry.actor, entry.act) == ("an LMS, by invitation", "platform_registered")


def test_an_invitation_may_activate_at_once(database, visit, invite):
    page = visit(invite(activate=True))

    assert platforms(database)[0].state is Standing.ACTIVE
    assert "approve" not in page.text


def test_what_the_lms_says_is_kept(database, visit, invite):
    visit(invite())
    (kept,) = platforms(database)

    assert (kept.issuer, kept.client_id, kept.family) == (LMS, "c-1", "moodle")
    assert (kept.auth_url, kept.token_url) == (f"{LMS}/auth", f"{LMS}/token")
    assert kept.jwks_url == f"{LMS}/jwks"
    assert kept.scopes == [AGS + "score"]
    with database.transaction(read_only=True) as session:
        assert session.scalars(select(Deployment.deployment_key)).all() == ["7"]


def test_what_we_say_is_what_moodle_demands(lms, visit, invite):
    visit(invite())
    method, url, headers, ours = lms.calls[1]
    block = ours[BLOCK]

    assert (method, url) == ("POST", f"{LMS}/register")
    assert headers["Authorization"] == "Bearer r-1"
    assert headers["Content-Type"] == "application/json"
    assert ours["redirect_uris"] == ["https://tool.example/lti/launch"]
    assert ours["jwks_uri"] == "https://tool.example/lti/jwks.json"
    assert ours["token_endpoint_auth_method"] == "private_key_jwt"
    assert ours["scope"].split() == [AGS + "lineitem", AGS + "score"]
    assert block["domain"] == urlsplit(block["target_link_uri"]).netloc == "tool.example"
    assert "email" not in block["claims"]
    assert [message["type"] for message in block["messages"]] == [
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
    ]


def test_the_configuration_is_asked_for_with_the_token_and_a_limit(lms, visit, invite):
    visit(invite())
    _, url, headers, limit = lms.calls[0]

    assert (url, headers["Authorization"], limit) == (CONFIGURATION, "Bearer r-1", 65536)


def test_what_an_lms_says_that_it_has_besides_is_asked_for(lms, visit, invite):
    groups = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
    kinds = ["LtiSubmissionReviewRequest", "LtiEulaRequest", "DataPrivacyLaunchRequest", 7]
    lms.configuration = configured(
        scopes_supported=[AGS + "score", groups, "other"],
        **{PLATFORM_CONFIGURATION: {"messages_supported": [{"type": kind} for kind in kinds]}},
    )
    visit(invite())
    ours = lms.calls[1][3]

    assert ours["scope"].split() == [AGS + "score", groups]
    assert [message["type"] for message in ours[BLOCK]["messages"]][2:] == [
        "LtiSubmissionReviewRequest",
        "DataPrivacyLaunchRequest",
    ]


@pytest.mark.parametrize("over", [{"scopes_supported": None}, {"scopes_supported": []}])
def test_an_lms_that_names_no_scopes_is_asked_for_all(lms, visit, invite, over):
    lms.configuration = configured(**over)
    visit(invite())

    assert len(lms.calls[1][3]["scope"].split()) == 5


def test_canvas_may_configure_from_its_own_domains(database, lms, visit, invite):
    lms.configuration = configured(
        "https://canvas.instructure.com",
        registration_endpoint="https://school.instructure.com/api/lti/registrations",
        token_endpoint="https://school.instructure.com/login/oauth2/token",
    )
    page = visit(invite(), "https://sso.canvaslms.com/api/lti/security/openid-configuration")
    block = lms.calls[1][3][BLOCK]

    assert page.status_code == 200
    assert block["https://canvas.instructure.com/lti/privacy_level"] == "name_only"
    assert block["messages"][1]["placements"] == ["assignment_selection", "link_selection"]


def test_dr1_without_an_invitation_nothing_is_fetched(database, lms, visit):
    assert visit("/lti/register/nobody-made-this").status_code == 403
    assert (lms.calls, platforms(database)) == ([], [])


def test_dr1_an_invitation_works_once(database, lms, visit, invite):
    address = invite()
    visit(address)
    fetched = len(lms.calls)
    page = visit(address)

    assert (page.status_code, len(lms.calls)) == (403, fetched)
    assert "used already" in page.text
    assert len(platforms(database)) == 1


def test_dr1_an_invitation_ends_after_a_day(database, lms, visit, invite):
    address = invite()
    with database.transaction() as session:
        kept = session.scalars(select(Invitation)).one()
        assert kept.expires_at - kept.created_at == timedelta(hours=24)
        kept.expires_at = kept.created_at
    page = visit(address)

    assert (page.status_code, lms.calls) == (403, [])
    assert "run out" in page.text


def test_the_database_does_not_show_the_invitation(database, invite):
    token = invite().rpartition("/")[2]

    with database.transaction(read_only=True) as session:
        assert token not in session.scalars(select(Invitation.token_hash)).all()


@pytest.mark.parametrize(
    "over",
    [
        {"issuer": "https://other.example"},
        {"issuer": "http://lms.example"},
        {"issuer": "https://canvas.instructure.com"},
        {"issuer": "https://lms.example.evil.example"},
        {"issuer": "https://user@lms.example"},
        {"issuer": 7},
        {"registration_endpoint": "https://other.example/register"},
        {"registration_endpoint": "http://lms.example/register"},
        {"jwks_uri": "javascript:alert(1)"},
        {"jwks_uri": "https://lms.example/" + "x" * 2000},
        {"token_endpoint": None},
        {"authorization_endpoint": "//lms.example/auth"},
        {"authorization_endpoint": "https://lms.example; script-src */auth"},
    ],
)
def test_dr3_a_configuration_that_does_not_hold_together_is_refused(
    database, lms, visit, invite, over
):
    lms.configuration = configured(**over)
    page = visit(invite())

    assert page.status_code == 400
    assert next(iter(over)) in page.text
    assert [method for method, *_ in lms.calls] == ["GET"]
    assert platforms(database) == []


@pytest.mark.parametrize("configuration", ["", "http://lms.example/c", "file:///etc/passwd"])
def test_dr3_a_configuration_address_that_is_not_https_is_not_fetched(
    lms, visit, invite, configuration
):
    assert visit(invite(), configuration).status_code == 400
    assert lms.calls == []


def test_dr3_a_known_registration_is_not_changed(database, lms, visit, invite):
    with database.transaction() as session:
        factories.platform(session, issuer=LMS, client_id="c-1", name="The first")
    page = visit(invite(activate=True))
    (kept,) = platforms(database)

    assert page.status_code == 409
    assert (kept.name, kept.jwks_url.startswith(LMS)) == ("The first", False)


def test_dr4_the_end_is_told_to_the_platforms_origins_alone(visit, invite):
    page = visit(invite(), Referer="https://evil.example/frame")

    assert f'data-close-origins="{LMS}"' in page.text
    assert "evil.example" not in page.text


def test_dr4_an_institution_of_canvas_is_told_by_its_own_name(lms, visit, invite):
    lms.configuration = configured("https://canvas.instructure.com")
    page = visit(
        invite(), "https://sso.canvaslms.com/api/lti", Referer="https://school.instructure.com/"
    )

    assert (
        'data-close-origins="https://canvas.instructure.com https://sso.canvaslms.com '
        'https://school.instructure.com"' in page.text
    )


def test_the_page_of_a_registration_stands_in_frames_of_that_lms_alone(visit, invite):
    policy = visit(invite()).headers["Content-Security-Policy"]

    assert policy.endswith(f"frame-ancestors {LMS}")


def test_dr5_of_two_at_once_one_registers(database, invite):
    token, barrier, got = invite().rpartition("/")[2], Barrier(2), []

    def take():
        barrier.wait()
        try:
            with database.transaction() as session:
                got.append(invitations.take(session, token))
        except invitations.LaunchError as refused:
            got.append(refused.status)

    threads = [Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(type(one).__name__ for one in got) == ["Invitation", "int"]
    assert 403 in got


@pytest.mark.parametrize(
    ("fault", "status"), [(Unreachable("lms.example did not answer."), 502), (Refused("long"), 502)]
)
def test_an_lms_that_does_not_answer_leaves_the_invitation_as_it_was(
    database, lms, visit, invite, fault, status
):
    address = invite()
    lms.fault = fault
    assert visit(address).status_code == status
    lms.fault = None

    assert visit(address).status_code == 200


def test_a_refusal_in_bare_words_is_passed_on(lms, visit, invite):
    lms.status, lms.answer = 400, b"missing_domain"

    assert "It says: missing_domain." in visit(invite()).text


def test_a_refusal_in_markup_is_not_passed_on(lms, visit, invite):
    lms.status, lms.answer = 500, b"<script>alert(1)</script>"
    page = visit(invite())

    assert "alert(1)" not in page.text
    assert "(500)" in page.text


@pytest.mark.parametrize("answer", [[], {}, {"client_id": ""}, {"client_id": "x" * 256}, b"<p>"])
def test_an_answer_without_a_client_id_registers_nothing(database, lms, visit, invite, answer):
    lms.answer = answer

    assert visit(invite()).status_code in {400, 502}
    assert platforms(database) == []


def entry(**over):
    values = {
        "issuer": LMS, "client_id": "c-1", "auth_url": f"{LMS}/auth",
        "token_url": f"{LMS}/token", "jwks_url": f"{LMS}/jwks",
    }  # fmt: skip
    return Entry(**{**values, **over})


def test_a_platform_by_hand_is_active_and_has_its_deployments(session):
    added = registration.add_platform(session, entry(deployments=("1", "2", "1")))

    assert (added.state, added.name) == (Standing.ACTIVE, "lms.example")
    assert [one.deployment_key for one in added.deployments] == ["1", "2"]


def test_one_issuer_may_have_many_clients_and_each_once(session):
    registration.add_platform(session, entry())
    registration.add_platform(session, entry(client_id="c-2"))

    with pytest.raises(Conflict):
        registration.add_platform(session, entry(name="Other"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "lms.example"),
        ("auth_url", "http://lms.example/auth"),
        ("jwks_url", "https://user:word@lms.example/jwks"),
        ("token_url", "https://lms.example:99999/token"),
        ("client_id", ""),
        ("deployments", ("",)),
        ("hosts", ("https://lms.example",)),
        ("hosts", ("évil.example",)),
        ("hosts", ("lms.example; script-src *",)),
    ],
)
def test_a_platform_that_cannot_be_is_refused_by_name(session, field, value):
    with pytest.raises(Invalid) as refused:
        registration.add_platform(session, entry(**{field: value}))

    assert list(refused.value.fields) == [field]


def test_http_is_for_development_alone(session):
    local = {name: f"http://127.0.0.1:1/{name}" for name in ("auth_url", "token_url", "jwks_url")}

    added = registration.add_platform(
        session, entry(issuer="http://127.0.0.1:1", **local), private=True
    )
    assert added.issuer == "http://127.0.0.1:1"


def test_approving_switches_on_and_adds_hosts_and_deployments(session):
    waiting = registration.add_platform(session, entry(), state=Standing.PENDING)
    for _ in range(2):
        registration.approve(
            session, waiting.id, further_hosts=["Grades.example"], deployments=["9"]
        )

    assert (waiting.state, waiting.hosts) == (Standing.ACTIVE, ["grades.example"])
    assert [one.deployment_key for one in waiting.deployments] == ["9"]


def test_a_platform_with_courses_is_not_removed_by_accident(session):
    course = factories.course(session)
    platform = course.deployment.platform
    with pytest.raises(Conflict, match="1 course here"):
        registration.remove_platform(session, platform.id)
    registration.remove_platform(session, platform.id, with_courses=True)

    assert session.get(Platform, platform.id) is None


def test_a_platform_that_is_not_there_cannot_be_removed(session):
    with pytest.raises(NotFound):
        registration.remove_platform(session, factories.uuid4())
