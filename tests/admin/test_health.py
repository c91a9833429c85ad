"""How an LMS's services do: what the work shows, what a trial finds, and the later of the two."""

import json
from datetime import timedelta

import factories
import pytest
from admin.office import acts, put
from lti.minting import jwk
from sqlalchemy import select

from lti_peer.admin import health, trials
from lti_peer.admin.health import Condition
from lti_peer.admin.trials import Trials
from lti_peer.core import db
from lti_peer.core.keys import Vault
from lti_peer.core.models import Course, Platform
from lti_peer.core.outbox import Channel, Delivery, OutboxItem
from lti_peer.core.rosters import Roster
from lti_peer.lti.checks import Service, ServiceCheck
from lti_peer.lti.errors import LaunchError
from lti_peer.lti.http import Answer, Unreachable
from lti_peer.lti.jwks import PlatformKeys
from lti_peer.lti.keys import KeyRing
from lti_peer.lti.models import PlatformKeySet
from lti_peer.lti.tokens import AccessToken, TokenRefused, Tokens

VAULT = Vault(factories.SECRET)
TOKEN = {"access_token": "abc", "token_type": "bearer", "expires_in": 3600}


class Lms:
    """An LMS at our own seam: an answer for each address; it notes what is asked."""

    def __init__(self):
        self.answers, self.asked = {}, []

    def __call__(self, **_):
        return self

    def close(self):
        self.asked.append("closed")

    def get(self, url, **_):
        self.asked.append(url)
        return self._answer(url)

    def send(self, _method, url, *_, **__):
        return self.get(url)

    def post_form(self, url, _fields):
        return self.get(url)

    def _answer(self, url):
        found = self.answers[url.partition("?")[0]]
        if isinstance(found, Exception):
            raise found
        status, body = found
        return Answer(status, {}, json.dumps(body).encode())


@pytest.fixture
def course(database):
    """A course of an LMS that offers grades and a roster."""
    with database.transaction() as session:
        made = factories.course(session)
        issuer = made.deployment.platform.issuer
        made.line_items_url, made.roster_url = f"{issuer}/items", f"{issuer}/people"
    return made


@pytest.fixture
def platform(course):
    """The course's LMS."""
    return course.deployment.platform


@pytest.fixture
def lms(platform, monkeypatch):
    """The LMS, well in all its services."""
    made = Lms()
    made.answers = {
        platform.jwks_url: (200, {"keys": [jwk()]}),
        platform.token_url: (200, TOKEN),
        f"{platform.issuer}/items": (200, []),
        f"{platform.issuer}/people": (200, {"members": []}),
    }
    monkeypatch.setattr(trials, "Client", made)
    return made


@pytest.fixture
def look(database, platform):
    """Return the health of one service, or of all."""

    def looked(service=None):
        with database.transaction(read_only=True) as session:
            found = health.of(session, session.get_one(Platform, platform.id))
        by_service = {one.service: one for one in found}
        return by_service[service] if service else by_service

    return looked


@pytest.fixture
def run(database, platform, lms):
    """Try the LMS's services."""
    ring = KeyRing(database, VAULT)
    ring.ensure()
    return lambda: Trials(database, VAULT, ring, private=False).run("kim", platform.id)


def test_of_an_lms_that_nobody_has_used_nothing_is_known(look):
    assert {one.condition for one in look().values()} == {Condition.UNKNOWN}
    assert list(look()) == list(Service)


def test_a_trial_finds_everything_well(run, look, lms, database):
    run()
    assert {one.condition for one in look().values()} == {Condition.WORKS}
    assert lms.asked.count("closed") == 1
    assert acts(database) == [("kim", "services_tried")]


@pytest.mark.parametrize(
    ("service", "address", "answer", "words"),
    [
        (Service.KEY_SET, "/jwks", (404, {}), "does not come (404)"),
        (Service.KEY_SET, "/jwks", (200, {"keys": []}), "no key that we can use"),
        (Service.KEY_SET, "/jwks", (200, []), "does not come"),
        (Service.KEY_SET, "/jwks", Unreachable("lms did not answer."), "did not answer"),
        (Service.TOKEN, "/token", (401, {}), "gives us no token (401)"),
        (Service.TOKEN, "/token", (200, {}), "no bearer token"),
        (Service.GRADES, "/items", (403, {}), "grade columns of a course (403)"),
        (Service.ROSTER, "/people", (500, {}), "people of a course (500)"),
        (Service.ROSTER, "/people", Unreachable("lms broke off."), "broke off"),
    ],
)
def test_a_trial_says_in_words_what_is_wrong(
    run, look, lms, platform, service, address, answer, words
):
    lms.answers[platform.issuer + address] = answer
    run()
    assert look(service).condition is Condition.FAILS
    assert words in look(service).words


def test_a_trial_asks_for_a_token_although_one_is_kept(run, lms, platform):
    run()
    run()
    assert lms.asked.count(platform.token_url) == 2 + 2  # for grades and for people


def test_what_no_course_offers_is_not_tried(run, look, database):
    with database.transaction() as session:
        course = session.scalars(select(Course)).one()
        course.line_items_url = course.roster_url = ""
    run()
    assert look(Service.GRADES).condition is Condition.UNKNOWN
    assert look(Service.KEY_SET).condition is Condition.WORKS


def test_a_service_on_a_host_that_nobody_approved_is_not_called(run, look, lms, database):
    with database.transaction() as session:
        session.scalars(select(Course)).one().roster_url = "https://evil.example/people"
    run()
    assert "evil.example is not an approved host" in look(Service.ROSTER).words
    assert not [url for url in lms.asked if "evil" in url]


def test_the_work_shows_how_services_do(look, database, platform, course):
    with database.transaction() as session:
        now = db.now(session)
        session.add(
            PlatformKeySet(url=platform.jwks_url, document={"keys": [jwk()]}, fetched_at=now)
        )
        session.add(AccessToken(
            platform_id=platform.id, scopes="x", sealed="y", expires_at=now + timedelta(hours=1)
        ))  # fmt: skip
        session.add(Roster(
            course_id=course.id, deployment_id=course.deployment_id, due_at=now, watch_at=now,
            read_at=now,
        ))  # fmt: skip
        session.add(grade(course, now, state=Delivery.SENT, sent_at=now))
    assert {one.condition for one in look().values()} == {Condition.WORKS}


def grade(course, now, **over):
    return OutboxItem(
        deployment_id=course.deployment_id, channel=Channel.AGS, key=str(over), payload={},
        sequence=now, due_at=now, **over,
    )  # fmt: skip


def test_what_keeps_grades_waiting_is_trouble_and_one_persons_refusal_is_none(
    look, database, course
):
    with database.transaction() as session:
        now = db.now(session)
        session.add(grade(course, now, state=Delivery.DEAD, last_error="Not a learner."))
    assert look(Service.GRADES).condition is Condition.UNKNOWN
    with database.transaction() as session:
        session.add(grade(course, now, last_error="The LMS does not answer just now."))
    assert look(Service.GRADES).words == "The LMS does not answer just now."


def test_a_roster_that_cannot_be_read_is_trouble(look, database, course):
    with database.transaction() as session:
        now = db.now(session)
        session.add(Roster(
            course_id=course.id, deployment_id=course.deployment_id, due_at=now, watch_at=now,
            problem="The LMS gives no roster (403).",
        ))  # fmt: skip
    assert look(Service.ROSTER).words == "The LMS gives no roster (403)."


def test_a_token_that_the_lms_refuses_is_seen_without_a_trial(look, lms, database, platform):
    lms.answers[platform.token_url] = (401, {})
    ring = KeyRing(database, VAULT)
    ring.ensure()
    with pytest.raises(TokenRefused):
        Tokens(database, VAULT, ring, lms).get(platform, ["x"])
    assert look(Service.TOKEN).words == "The LMS gave no access token (401)."
    lms.answers[platform.token_url] = (200, TOKEN)
    Tokens(database, VAULT, ring, lms).get(platform, ["x"])
    assert look(Service.TOKEN).condition is Condition.WORKS


def test_a_key_set_that_does_not_come_is_seen_without_a_trial(look, lms, database, platform):
    lms.answers[platform.jwks_url] = Unreachable("lms did not answer.")
    with pytest.raises(LaunchError):
        PlatformKeys(database, lms).find(platform.jwks_url, "k1", factories.NOW)
    assert look(Service.KEY_SET).words == "lms did not answer."


def test_the_later_of_work_and_trial_counts(look, database, platform):
    with database.transaction() as session:
        now = db.now(session)
        session.add(ServiceCheck(
            platform_id=platform.id, service=Service.KEY_SET, works=False, words="Away.",
            checked_at=now - timedelta(minutes=5),
        ))  # fmt: skip
    assert look(Service.KEY_SET).words == "Away."
    with database.transaction() as session:
        session.add(
            PlatformKeySet(url=platform.jwks_url, document={"keys": [jwk()]}, fetched_at=now)
        )
    assert look(Service.KEY_SET).condition is Condition.WORKS


def test_the_list_names_trouble_of_those_that_have_it(database, course, platform):
    put(database, Channel.AGS, {"grade": "1"})  # another LMS's, on its way
    with database.transaction() as session:
        now = db.now(session)
        session.add(grade(course, now, last_error="Away."))
        session.flush()
        found = health.trouble(session, session.scalars(select(Platform)).all())
    assert found == {platform.id: "Away."}


def test_an_lms_can_be_forgotten_with_what_was_found(run, database, platform):
    run()
    with database.transaction() as session:
        session.delete(session.get_one(Platform, platform.id))
    with database.transaction(read_only=True) as session:
        assert session.scalars(select(ServiceCheck)).all() == []


def test_the_button_tries_with_no_transaction_open(signed_in, lms, platform, app, database):
    app.extensions["key_ring"].ensure()
    signed_in.post(f"/platforms/{platform.id}/try")
    assert "It listed the grade columns of a course." in signed_in.get(f"/platforms/{platform.id}")
