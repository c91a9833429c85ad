"""Signing in: links work once and for a while, sessions end, secrets are nowhere at rest."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from admin.office import BASE_URL, acts
from sqlalchemy import select

from lti_peer.admin import sessions
from lti_peer.admin.models import AdminLink, AdminSession
from lti_peer.admin.sessions import LinkSpent, NotSignedIn
from lti_peer.core import db
from lti_peer.core.errors import TooOften
from lti_peer.web.limit import MOST_KNOWN, Limit


@pytest.fixture
def token(database):
    """The secret of a link that is good."""
    with database.transaction() as session:
        return sessions.link(session, BASE_URL, "kim", "root")[0].rpartition("/")[2]


@pytest.fixture
def sign_in(database):
    """Use a link; return the proof for the cookie."""

    def signed_in(token):
        with database.transaction() as session:
            return sessions.sign_in(session, token)[0]

    return signed_in


@pytest.fixture
def later(monkeypatch):
    """Let time pass."""
    moved = [timedelta(0)]
    clock = db.now
    monkeypatch.setattr(db, "now", lambda session: clock(session) + moved[0])

    def passed(**length):
        moved[0] += timedelta(**length)

    return passed


def test_a_link_signs_in_once(token, sign_in, database):
    assert sessions.current(database, sign_in(token)).name == "kim"
    with pytest.raises(LinkSpent):
        sign_in(token)
    assert acts(database) == [("root", "admin_link_made"), ("kim, admin page", "admin_signed_in")]


def test_of_many_who_use_a_link_at_once_one_is_signed_in(token, sign_in, database):
    def attempt(_):
        try:
            return sign_in(token)
        except LinkSpent:
            return None

    with ThreadPoolExecutor(8) as pool:
        proofs = [proof for proof in pool.map(attempt, range(16)) if proof]
    assert len(proofs) == 1
    assert sessions.current(database, proofs[0]).name == "kim"


def test_a_link_is_good_for_a_quarter_of_an_hour(token, sign_in, later):
    later(minutes=15)
    with pytest.raises(LinkSpent):
        sign_in(token)


def test_a_link_that_is_none_is_refused_like_one_that_is_spent(sign_in):
    with pytest.raises(LinkSpent, match="used already, or it has run out"):
        sign_in("x" * 43)


def test_no_secret_is_at_rest(token, sign_in, database):
    proof = sign_in(token)
    with database.transaction(read_only=True) as session:
        link = session.scalars(select(AdminLink)).one()
        record = session.scalars(select(AdminSession)).one()
    stored = {link.token_hash, link.name, record.proof_hash, record.name}
    assert not {token, proof} & stored


@pytest.mark.parametrize("proof", ["", "x", "x" * 43])
def test_a_proof_that_is_none_signs_nobody_in(database, proof):
    with pytest.raises(NotSignedIn):
        sessions.current(database, proof)


def test_a_session_ends_after_an_hour_without_use(token, sign_in, database, later):
    proof = sign_in(token)
    for _ in range(3):
        later(minutes=50)
        sessions.current(database, proof)
    later(minutes=60)
    with pytest.raises(NotSignedIn, match="after a while"):
        sessions.current(database, proof)


def test_a_session_ends_after_eight_hours_in_all(token, sign_in, database, later):
    proof = sign_in(token)
    for _ in range(9):
        later(minutes=50)
        sessions.current(database, proof)
    later(minutes=30)
    with pytest.raises(NotSignedIn):
        sessions.current(database, proof)


def test_signing_out_ends_this_session_alone(token, sign_in, database):
    with database.transaction() as session:
        other = sessions.link(session, BASE_URL, "lou", "root")[0].rpartition("/")[2]
    mine, theirs = sign_in(token), sign_in(other)
    with database.transaction() as session:
        sessions.sign_out(session, sessions.current(database, mine))
    assert sessions.current(database, theirs).name == "lou"
    with pytest.raises(NotSignedIn):
        sessions.current(database, mine)


def test_what_is_over_is_forgotten_with_the_next_link(token, sign_in, database, later):
    sign_in(token)
    later(days=1)
    with database.transaction() as session:
        sessions.link(session, BASE_URL, "kim", "root")
        session.flush()
        assert len(session.scalars(select(AdminLink)).all()) == 1
        assert session.scalars(select(AdminSession)).all() == []


def test_an_address_may_try_so_often_and_no_other_is_held_up():
    now = [0.0]
    limit = Limit(2, 60, lambda: now[0])
    limit.count("a")
    limit.count("a")
    with pytest.raises(TooOften):
        limit.count("a")
    limit.count("b")
    now[0] = 60
    limit.count("a")


def test_the_limit_remembers_so_many_addresses_and_no_more():
    limit = Limit(1, 60)
    for number in range(MOST_KNOWN + 5):
        limit.count(str(number))
    assert len(limit._used_up) == MOST_KNOWN
