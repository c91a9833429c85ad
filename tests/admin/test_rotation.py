"""Key rotation: no LMS notices, and a compromised key is gone (security.md S2; lti.md S09)."""

from datetime import timedelta

import factories
import jwt
import pytest
from lti.minting import key
from sqlalchemy import select

from lti_peer.core import db
from lti_peer.core.errors import Conflict, Invalid
from lti_peer.core.keys import Vault
from lti_peer.lti import content_items, keys, tokens, views
from lti_peer.lti.keys import KeyPhase, KeyRing
from lti_peer.lti.models import ToolKey

VAULT = Vault(factories.SECRET)
WAIT = timedelta(hours=24)


class Time:
    """The database's clock, and the process's seconds, in the tests' hands."""

    def __init__(self):
        self.at = factories.NOW

    def now(self, _session):
        return self.at

    def seconds(self):
        return self.at.timestamp()


@pytest.fixture
def time(monkeypatch):
    """A clock that a test moves."""
    made = Time()
    monkeypatch.setattr(db, "now", made.now)
    return made


@pytest.fixture
def ring(database, time, monkeypatch):
    """A process's ring, with its first key."""
    names = iter(["made", "other", "platform"])
    monkeypatch.setattr(keys, "generate_private_key", lambda **_: key(next(names)))
    made = KeyRing(database, VAULT, time.seconds)
    made.ensure()
    return made


@pytest.fixture
def rotate(database, ring):
    """Rotate the keys; return the lines of what there is then."""

    def rotated(**how):
        with database.transaction() as session:
            return keys.rotate(session, VAULT, **how)

    return rotated


def signer(ring):
    """Return the id of the key that a process signs with, which must be published."""
    kid = jwt.get_unverified_header(ring.sign({}))["kid"]
    assert kid in published(ring)
    return kid


def published(ring):
    return [one["kid"] for one in ring.public_jwks()["keys"]]


def test_a_new_key_is_published_at_once_and_signs_when_its_time_has_come(ring, rotate, time):
    old = signer(ring)
    new = rotate(wait=WAIT)[0].kid
    assert published(ring) == [old, new]
    time.at += WAIT - timedelta(seconds=1)
    assert signer(ring) == old
    time.at += timedelta(seconds=1 + keys.REREAD_S)
    assert signer(ring) == new
    assert published(ring) == [new, old]


def test_s09_what_a_retiring_key_signed_verifies_as_long_as_it_can_be_alive(ring, rotate, time):
    rotate(wait=WAIT)
    time.at += WAIT
    token = ring.sign({"iss": "c1"})  # at the last moment, by a process that has not looked
    time.at += tokens.ASSERTION_LIFE
    by_id = {one["kid"]: jwt.PyJWK(one) for one in ring.public_jwks()["keys"]}
    kid = jwt.get_unverified_header(token)["kid"]
    assert jwt.decode(token, by_id[kid], algorithms=["RS256"]) == {"iss": "c1"}


def test_s2_at_every_moment_of_a_rotation_every_process_signs_with_a_published_key(
    ring, rotate, time, database
):
    rings = [ring, KeyRing(database, VAULT, time.seconds)]
    rotate(wait=timedelta(minutes=10))
    used = set()
    for _ in range(120):
        used |= {signer(each) for each in rings}
        time.at += timedelta(seconds=50)
    assert len(used) == 2


def test_the_old_key_is_unpublished_when_nothing_of_it_can_be_alive(ring, rotate, time):
    old = signer(ring)
    new = rotate(wait=WAIT)[0].kid
    time.at += WAIT + keys.ALIVE
    assert published(ring) == [new]
    assert signer(ring) == new != old


def test_the_overlap_is_longer_than_anything_signed_and_any_cache():
    late = timedelta(seconds=keys.REREAD_S)
    assert late + max(tokens.ASSERTION_LIFE, content_items.LIFE) < keys.ALIVE
    assert late + timedelta(seconds=views.KEYS_KEPT_S) < keys.SHORTEST_WAIT


def test_each_key_says_what_it_does_and_until_when(rotate, time, database):
    rotate(wait=WAIT)
    time.at += WAIT
    with database.transaction(read_only=True) as session:
        new, old = keys.lines(session)
    assert (new.phase, old.phase) == (KeyPhase.SIGNING, KeyPhase.RETIRING)
    assert old.signs_until == new.signs_from == factories.NOW + WAIT
    assert old.published_until == new.signs_from + keys.ALIVE


def test_a_second_rotation_waits_for_the_first(rotate):
    rotate(wait=WAIT)
    with pytest.raises(Conflict, match="signs soon"):
        rotate(wait=WAIT)


@pytest.mark.parametrize("wait", [timedelta(minutes=9), timedelta(days=31), timedelta(-1)])
def test_a_wait_that_lms_could_miss_is_refused(rotate, wait):
    with pytest.raises(Invalid, match="10 minutes to 30 days"):
        rotate(wait=wait)


def test_a_compromised_key_is_gone_at_once_and_soon_signs_nowhere(ring, rotate, time, database):
    old = signer(ring)
    new = rotate(compromised=True)[0].kid
    assert published(ring) == [new] != [old]
    assert KeyRing(database, VAULT).sign({}) != ""
    time.at += timedelta(seconds=keys.REREAD_S)
    assert signer(ring) == new
    assert len(stored(database)) == 1


def test_a_key_that_is_over_is_deleted_by_the_next_rotation(ring, rotate, time, database):
    rotate(wait=WAIT)
    time.at += WAIT + keys.ALIVE
    rotate(wait=WAIT)
    assert len(stored(database)) == 2


def test_a_process_goes_on_with_its_key_when_it_finds_none(ring, time, database):
    first = signer(ring)
    with database.transaction() as session:
        session.delete(session.scalars(select(ToolKey)).one())
    time.at += timedelta(minutes=5)
    assert jwt.get_unverified_header(ring.sign({}))["kid"] == first


def test_the_first_key_of_all_signs_at_once(database, time):
    with database.transaction() as session:
        (line,) = keys.rotate(session, VAULT, wait=WAIT)
    assert line.phase is KeyPhase.SIGNING


def stored(database):
    with database.transaction(read_only=True) as session:
        return session.scalars(select(ToolKey)).all()
