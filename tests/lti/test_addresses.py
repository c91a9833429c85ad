"""What a plain link to an activity opens: for places in an LMS that take no resource link."""

import factories
import pytest
from lti.minting import BASE_URL, LEARNER

from lti_peer.core.models import Activity, ActivityState, LineItem
from lti_peer.core.visit import VisitRecord
from lti_peer.lti import addresses
from lti_peer.lti import claims as words

OPEN = f"{BASE_URL}/lti/open/"


@pytest.fixture
def follow(wire):
    """A function that launches with an activity's address, from a link of another place."""

    def launched(target, **claims):
        login = wire.login(target_link_uri=target)
        link = {"id": "the whole course"}
        return wire.launch(login, target_link_uri=target, resource_link=link, **claims)

    return launched


@pytest.fixture
def drafted(wire, placed):
    """An activity that no resource link stands for."""
    with wire.database.transaction() as session:
        made = session.get_one(Activity, placed.id)
        made.resource_link_key, made.state = None, ActivityState.DRAFT
        return made


def test_an_address_opens_its_activity_and_publishes_it(follow, wire, drafted):
    column = {words.AGS: {"lineitem": f"{wire.platform.issuer}/columns/of-another"}}
    answer = follow(addresses.of(BASE_URL, drafted), roles=[LEARNER], **column)
    assert answer.headers["Location"].endswith("/probe/")
    (found,) = wire.all(Activity)
    assert (found.state, found.resource_link_key) == (ActivityState.PUBLISHED, None)
    assert wire.count(LineItem) == 0


@pytest.mark.parametrize("named", ["nonsense", "4265be5a-005d-459b-b915-7f4b36110d73", ""])
def test_an_address_of_nothing_is_explained_and_changes_nothing(follow, wire, named):
    wire.refused(follow(OPEN + named), 404, "link_of_nothing")


def test_tn5_an_address_of_another_tenants_activity_opens_nothing(follow, wire):
    with wire.database.transaction() as session:
        other = factories.activity(session, factories.course(session), title="Canary")
    answer = follow(addresses.of(BASE_URL, other))
    assert (answer.status_code, "Canary" in answer.text) == (404, False)
    assert wire.count(VisitRecord) == 0


def test_without_a_launch_an_address_says_where_to_come_from(wire, drafted):
    pages = [
        wire.browser().get(f"/lti/open/{one}")
        for one in (drafted.id, "4265be5a-005d-459b-b915-7f4b36110d73")
    ]
    assert {page.status_code for page in pages} == {401}
    assert all("opens from your course" in page.text for page in pages)
