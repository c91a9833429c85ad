"""Two registrations of one issuer share nothing (TN1, TN2); two LMSs in one browser (B5)."""

import json
import random

import factories
import pytest
from lti.minting import BASE_URL, LEARNER
from lti.services.conftest import PlayedClient, answered, given_token
from sqlalchemy import select

from lti_peer.core.keys import Vault
from lti_peer.core.models import Activity, Course, Deployment, Membership, Person
from lti_peer.core.visit import VisitRecord
from lti_peer.lti.services import Call, Services
from lti_peer.lti.tokens import Tokens


@pytest.fixture
def twin(wire):
    """A second registration of the same issuer, with the same deployment id."""
    with wire.database.transaction() as session:
        return wire.register(session, issuer=wire.platform.issuer)


def from_twin(wire, twin, browser=None, **over):
    login = wire.login(browser, client_id=twin.client_id)
    return wire.launch(login, aud=twin.client_id, **over)


def test_tn1_two_registrations_of_one_issuer_share_no_person_and_no_course(placed, wire, twin):
    wire.launch(roles=[LEARNER])
    from_twin(wire, twin)
    assert [len(wire.all(table)) for table in (Person, Course, Membership)] == [2, 2, 2]
    assert {person.subject for person in wire.all(Person)} == {"7"}
    assert len({course.deployment_id for course in wire.all(Course)}) == 2
    assert len({activity.course_id for activity in wire.all(Activity)}) == 2


def test_b5_two_lmss_in_one_browser_are_two_visits(placed, wire, twin):
    browser = wire.browser()
    first = wire.launch(wire.login(browser), roles=[LEARNER]).headers["Location"]
    second = from_twin(wire, twin, browser).headers["Location"]
    assert "|learner|" in browser.get(first, base_url=BASE_URL).text
    assert browser.get(second, base_url=BASE_URL).status_code == 200
    assert len({record.deployment_id for record in wire.all(VisitRecord)}) == 2


class Naming:
    """Stands in for the tool's keys: an assertion says plainly whose it is."""

    def sign(self, claims):
        return json.dumps(claims)


class Endpoint(PlayedClient):
    """Gives each client a token of its own."""

    def post_form(self, url, fields):
        self.asked.append(url)
        return given_token(f"token-of-{json.loads(fields['client_assertion'])['iss']}")

    def send(self, _method, url, _body, *, headers=None):
        self.sent.append((url, headers["Authorization"]))
        return answered(204)


def test_tn2_a_thousand_interleaved_calls_carry_each_their_own_token(database):
    with database.transaction() as session:
        first = factories.platform(session)
        session.add(Deployment(platform=first, deployment_key="1", created_at=factories.NOW))
        second = factories.platform(session, issuer=first.issuer, token_url=first.token_url)
    client = Endpoint()
    tokens = Tokens(database, Vault(factories.SECRET), Naming(), client)
    services, dice = Services(client, tokens), random.Random(1)  # noqa: S311 - an order
    for number in range(1_000):
        platform = dice.choice([first, second])
        url = f"{first.issuer}/scores?of={platform.client_id}&n={number}"
        services.call(platform, Call("POST", url, frozenset({"score"})))

    assert len(client.asked) == 2
    assert all(
        token == f"Bearer token-of-{url.partition('of=')[2].partition('&')[0]}"
        for url, token in client.sent
    )


def test_l12_n19_a_login_of_one_and_a_token_of_the_other_are_no_launch(placed, wire, twin):
    answer = wire.launch(wire.login(), aud=twin.client_id)
    assert answer.status_code == 401
    with wire.database.transaction(read_only=True) as session:
        assert session.scalars(select(VisitRecord)).all() == []
