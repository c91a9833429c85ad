"""A launch from end to end, over the application's test client."""

import factories
from lti.minting import BASE_URL, LEARNER
from sqlalchemy import select

from lti_peer.core.models import Deployment


def placed(wire, **over):
    """Store an activity of the test kind at the resource link that launches name."""
    with wire.database.transaction() as session:
        deployment = session.scalars(select(Deployment)).first()
        course = factories.course(session, deployment=deployment, context_key="2")
        return factories.activity(session, course, "probe", **{"resource_link_key": "9", **over})


def test_a_launch_leads_to_the_home_page_of_the_activity(wire):
    placed(wire)
    login = wire.login()
    answer = wire.launch(login, roles=[LEARNER])
    assert answer.status_code == 303
    page = login.browser.get(answer.headers["Location"], base_url=BASE_URL)
    assert page.text == "Tess Teacher (synthetic)|learner|An activity"
