from datetime import timedelta
from threading import Thread

import factories
import jwt
import pytest
from lti.services.conftest import PlayedClient, answered, given_token

from lti_peer.core import db
from lti_peer.lti.claims import SCOPE_LINE_ITEM, SCOPE_SCORE
from lti_peer.lti.http import Refused
from lti_peer.lti.tokens import AccessToken, TokenRefused, Tokens

SCOPES = frozenset({SCOPE_SCORE})


@pytest.fixture
def tokens(database, vault, keys, client):
    return Tokens(database, vault, keys, client)


def kept(database, platform):
    with database.transaction(read_only=True) as session:
        return session.get_one(AccessToken, (platform.id, SCOPE_SCORE))


def test_s01_a_token_is_asked_for_once_and_shared_by_processes(
    tokens, database, vault, keys, client, platform
):
    another = Tokens(database, vault, keys, client)

    assert [tokens.get(platform, SCOPES), another.get(platform, SCOPES)] == ["t-1", "t-1"]
    assert len(client.asked) == 1


def test_s02_two_registrations_of_one_issuer_share_no_token(tokens, client, database, platform):
    with database.transaction() as session:
        other = factories.platform(session, issuer=platform.issuer)
    client.tokens = [given_token("of-one"), given_token("of-the-other")]

    assert tokens.get(platform, SCOPES) == "of-one"
    assert tokens.get(other, SCOPES) == "of-the-other"
    assert tokens.get(platform, SCOPES) == "of-one"


def test_s03_a_token_is_asked_for_anew_a_minute_before_it_ends(tokens, client, platform, database):
    client.tokens = [given_token("short", expires_in=61), given_token("next")]
    tokens.get(platform, SCOPES)
    with database.transaction() as session:
        row = session.get_one(AccessToken, (platform.id, SCOPE_SCORE))
        assert timedelta(0) < row.expires_at - db.now(session) <= timedelta(seconds=1)
        row.expires_at = db.now(session)

    assert tokens.get(platform, SCOPES) == "next"


@pytest.mark.parametrize("kind", ["bearer", "BEARER", "Bearer"])
def test_s05_the_kind_of_token_may_be_written_in_any_case(tokens, client, platform, kind):
    client.tokens = [given_token(token_type=kind)]

    assert tokens.get(platform, SCOPES) == "t-1"


@pytest.mark.parametrize("life", [None, "soon", float("nan")])
def test_s06_a_token_without_a_life_lives_five_minutes(tokens, client, platform, database, life):
    client.tokens = [given_token(expires_in=life)]
    tokens.get(platform, SCOPES)

    with database.transaction(read_only=True) as session:
        left = kept(database, platform).expires_at - db.now(session)
    assert timedelta(minutes=3, seconds=55) < left <= timedelta(minutes=4)


def test_s08_the_assertion_says_who_we_are_to_whom_and_once(tokens, client, platform, keys):
    tokens.get(platform, SCOPES)
    tokens.get(platform, {SCOPE_LINE_ITEM})
    first, second = (fields["client_assertion"] for _, fields in client.asked)

    claims = verified(first, keys, platform.token_url)
    assert claims["iss"] == claims["sub"] == platform.client_id
    assert claims["exp"] - claims["iat"] <= 300
    assert claims["jti"] != verified(second, keys, platform.token_url)["jti"]


def verified(token, keys, audience):
    (key,) = keys.public_jwks()["keys"]
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    return jwt.decode(token, jwt.PyJWK(key), ["RS256"], audience=audience)


def test_s08_the_assertion_is_for_the_audience_that_the_platform_names(
    tokens, client, platform, keys
):
    platform.audience = "https://api.example/auth/token"
    tokens.get(platform, SCOPES)
    url, fields = client.asked[0]

    assert url == platform.token_url
    assert verified(fields["client_assertion"], keys, platform.audience)


def test_the_database_does_not_show_the_token(tokens, platform, database):
    tokens.get(platform, SCOPES)

    assert "t-1" not in kept(database, platform).sealed


def test_of_many_threads_that_need_a_token_one_asks(tokens, client, platform):
    found = []
    threads = [Thread(target=lambda: found.append(tokens.get(platform, SCOPES))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (found, len(client.asked)) == (["t-1"] * 8, 1)


def test_a_dropped_token_is_asked_for_anew(tokens, client, platform):
    client.tokens = [given_token("old"), given_token("new")]
    tokens.drop(platform, SCOPES, tokens.get(platform, SCOPES))

    assert tokens.get(platform, SCOPES) == "new"


def test_dropping_an_old_token_leaves_a_newer_one(tokens, platform, client):
    tokens.get(platform, SCOPES)
    tokens.drop(platform, SCOPES, "an older one")

    assert tokens.get(platform, SCOPES) == "t-1"
    assert len(client.asked) == 1


def test_a_refusal_names_the_status_and_keeps_nothing(tokens, client, platform):
    client.tokens = [answered(400, {"error": "invalid_scope"}), given_token()]
    with pytest.raises(TokenRefused) as refused:
        tokens.get(platform, SCOPES)

    assert refused.value.status == 400
    assert tokens.get(platform, SCOPES) == "t-1"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "a b"},
        {"access_token": "a\r\nX: y"},
        {"access_token": "a", "token_type": "mac"},
    ],
)
def test_an_answer_without_a_bearer_token_is_refused(tokens, client, platform, body):
    client.tokens = [answered(200, body)]

    with pytest.raises(Refused):
        tokens.get(platform, SCOPES)


def test_a_token_that_another_process_stored_meanwhile_is_no_fault(database, vault, keys, platform):
    class Slow(PlayedClient):
        def post_form(self, url, fields):
            Tokens(database, vault, keys, PlayedClient()).get(platform, SCOPES)
            return super().post_form(url, fields)

    late = Slow(tokens=[given_token("later")])
    assert Tokens(database, vault, keys, late).get(platform, SCOPES) == "later"
