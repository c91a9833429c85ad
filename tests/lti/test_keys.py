"""The tool's keys: made once, encrypted, loaded once, published without their secret."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import factories
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from lti.minting import BASE_URL, key
from sqlalchemy import select

from lti_peer.core import db
from lti_peer.core.keys import Vault, WrongSecretError
from lti_peer.lti import keys
from lti_peer.lti.keys import KeyRing
from lti_peer.lti.models import ToolKey

VAULT = Vault(factories.SECRET)


@pytest.fixture
def ring(database, monkeypatch):
    """A ring on an empty database; making a key takes no time."""
    monkeypatch.setattr(keys, "generate_private_key", lambda **_: key("made"))
    return KeyRing(database, VAULT)


def stored(database):
    with database.transaction(read_only=True) as session:
        return session.scalars(select(ToolKey)).all()


def test_what_the_ring_signs_its_published_key_verifies(ring):
    token = ring.sign({"iss": "c1"})
    (jwk,) = ring.public_jwks()["keys"]
    assert jwt.get_unverified_header(token)["kid"] == jwk["kid"]
    assert jwt.decode(token, jwt.PyJWK(jwk), algorithms=["RS256"]) == {"iss": "c1"}


def test_only_public_members_are_published(ring):
    (jwk,) = ring.public_jwks()["keys"]
    assert set(jwk) == {"kty", "use", "alg", "kid", "n", "e"}


def test_the_key_is_encrypted_at_rest(ring, database):
    ring.ensure()
    (row,) = stored(database)
    assert "PRIVATE" not in row.sealed
    assert "PRIVATE KEY" in VAULT.decrypt(row.sealed)


def test_the_key_is_named_by_its_thumbprint(ring, database):
    ring.ensure()
    jwk = keys.public_jwk("x", key("made"))
    by_library = jwt.PyJWK(jwk).key
    assert stored(database)[0].kid == keys.thumbprint(key("made"))
    assert by_library.public_numbers() == key("made").public_key().public_numbers()
    assert len(stored(database)[0].kid) == 43


def test_the_thumbprint_is_that_of_rfc_7638():
    class Example:
        """The key of RFC 7638, 3.1."""

        @staticmethod
        def public_key():
            return RSAPublicNumbers(
                65537, int.from_bytes(jwt.utils.base64url_decode(N))
            ).public_key()

    assert keys.thumbprint(Example()) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


N = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWK"
    "RXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMic"
    "AtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3"
    "XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)


def test_the_threads_of_a_process_make_one_key(ring, database):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: ring.ensure(), range(8)))
    assert len(stored(database)) == 1


def test_whatever_process_signs_its_key_is_published(ring, database, monkeypatch):
    made = iter(["made", "other"])
    monkeypatch.setattr(keys, "generate_private_key", lambda **_: key(next(made)))
    rings = [ring, KeyRing(database, VAULT)]
    with ThreadPoolExecutor(2) as pool:
        tokens = list(pool.map(lambda each: each.sign({}), rings))
    published = {jwk["kid"] for jwk in ring.public_jwks()["keys"]}
    assert {jwt.get_unverified_header(token)["kid"] for token in tokens} <= published


def test_signing_reads_the_key_once(ring, database):
    ring.sign({})
    with database.transaction() as session:
        session.delete(session.scalars(select(ToolKey)).one())
    assert ring.sign({}).count(".") == 2


def test_a_retiring_key_is_still_published_after_the_signing_one(ring, database):
    ring.ensure()
    with database.transaction() as session:
        old = ToolKey(
            kid="old", sealed=VAULT.encrypt(keys._pem(key("other"))), created_at=factories.NOW,
            signs_from=factories.NOW - timedelta(days=400), ends_at=db.now(session) + keys.ALIVE,
        )  # fmt: skip
        session.add(old)
    assert [jwk["kid"] for jwk in ring.public_jwks()["keys"]][1:] == ["old"]


def test_another_secret_cannot_read_the_key(ring, database):
    ring.ensure()
    with pytest.raises(WrongSecretError):
        KeyRing(database, Vault("another-secret-0123456789-abcdefghij")).sign({})


def test_the_key_set_is_served_to_be_kept_for_minutes(wire):
    answer = wire.browser().get("/lti/jwks.json", base_url=BASE_URL)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert [jwk["alg"] for jwk in answer.json["keys"]] == ["RS256"]
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert wire.browser().get("/lti/jwks.json", headers=etag, base_url=BASE_URL).status_code == 304


def test_a_login_makes_the_key_so_that_later_signing_only_reads(wire, database):
    with database.transaction() as session:
        session.delete(session.scalars(select(ToolKey)).one())
    wire.login()
    assert len(stored(database)) == 1
    with database.transaction() as session:
        db.now(session)
        assert KeyRing(database, VAULT).sign({})
