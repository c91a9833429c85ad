import pytest
from lti.services.conftest import answered, given_token

from lti_peer.lti.claims import SCOPE_SCORE
from lti_peer.lti.services import Call, NotApproved, Services, asking, below
from lti_peer.lti.tokens import Tokens

SCOPES = frozenset({SCOPE_SCORE})


@pytest.fixture
def services(database, vault, keys, client):
    return Services(client, Tokens(database, vault, keys, client))


@pytest.fixture
def call(platform):
    return Call("POST", f"{platform.issuer}/line/1/scores?type_id=1", SCOPES, body=b"{}")


def test_a_call_carries_the_token_and_the_address_as_it_was_given(services, client, platform, call):
    client.answers = [answered(204)]

    assert services.call(platform, call).status == 204
    ((method, url, headers, _),) = client.sent
    assert (method, url) == ("POST", call.url)
    assert headers["Authorization"] == "Bearer t-1"


def test_s04_after_a_401_one_new_token_is_tried(services, client, platform, call):
    client.tokens = [given_token("old"), given_token("new")]
    client.answers = [answered(401), answered(204)]

    assert services.call(platform, call).status == 204
    assert [sent[2]["Authorization"] for sent in client.sent] == ["Bearer old", "Bearer new"]


def test_a_second_401_is_the_answer(services, client, platform, call):
    client.answers = [answered(401), answered(401)]

    assert services.call(platform, call).status == 401
    assert len(client.sent) == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/line/1",
        "https://{host}.evil.example/line/1",
        "https://{host}@evil.example/line/1",
        "https://user@{host}/line/1",
        "https://{host}:8443/line/1",
        "http://{host}/line/1",
        "//{host}/line/1",
        "",
    ],
)
def test_n4_no_token_and_no_request_goes_to_a_host_that_is_not_approved(
    services, client, platform, url
):
    host = platform.issuer.removeprefix("https://")
    with pytest.raises(NotApproved):
        services.call(platform, Call("GET", url.format(host=host), SCOPES))

    assert (client.asked, client.sent) == ([], [])


def test_a_host_that_an_administrator_approved_is_called(services, client, platform):
    platform.hosts = ["grades.example:8443"]
    client.answers = [answered(200, [])]

    url = "https://Grades.example:8443/line"
    assert services.call(platform, Call("GET", url, SCOPES)).ok


@pytest.mark.parametrize(
    ("issuer", "approved"),
    [("https://canvas.instructure.com", True), ("https://canvas.school.example", False)],
)
def test_the_hosts_of_a_shared_issuer_are_all_its_institutions(
    services, client, platform, issuer, approved
):
    platform.issuer, client.answers = issuer, [answered(200, [])]
    call = Call("GET", "https://school.instructure.com/api/lti/courses/1/line_items", SCOPES)

    if approved:
        assert services.call(platform, call).ok
    else:
        with pytest.raises(NotApproved, match=r"school\.instructure\.com"):
            services.call(platform, call)


def test_s21_what_lies_below_an_address_goes_before_its_query():
    assert below("https://l.example/5/lineitem?type_id=1", "scores") == (
        "https://l.example/5/lineitem/scores?type_id=1"
    )
    assert below("https://l.example/5/", "results") == "https://l.example/5/results"


def test_a_question_keeps_the_query_that_was_there():
    found = asking("https://l.example/items?type_id=1&x=a%2Fb", tag="peer work", resource_id="7")

    assert found == "https://l.example/items?type_id=1&x=a%2Fb&tag=peer+work&resource_id=7"
