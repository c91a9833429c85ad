"""Staff see an activity as a learner would, in a visit beside their own."""

import re

import factories
import pytest

from lti_peer.core.models import Role
from lti_peer.web import visits


@pytest.fixture
def staff(app, trial):
    """An instructor on the pages of an activity."""
    trial.session.commit()
    return trial.world.enter(app, trial.teacher, Role.INSTRUCTOR)


def follow(staff, address):
    """Return the page at an address to which the browser was sent."""
    return staff.client.get(address, base_url="https://tool.example")


def test_an_instructor_sees_the_activity_as_a_learner_and_goes_back(staff):
    answer = staff.post("/preview/")
    page = follow(staff, answer.headers["Location"]).text
    assert "Hand in your work." in page
    assert f'<a href="{staff.root}/peer_review/">Back to your own view</a>' in page
    assert "Nothing here counts." not in staff.get("/peer_review/").text


def test_a_proof_in_a_path_is_not_kept_as_the_way_back(app, trial, database):
    trial.session.commit()
    with database.transaction() as session:
        guest = visits.Guest(trial.teacher, trial.origin.course, Role.INSTRUCTOR, trial.origin)
        begun = visits.begin(session, guest, in_path=True)
    staff = factories.Inside(app, begun)
    staff.root = f"/v/{begun.key.id.hex}~{begun.proof}"
    page = follow(staff, staff.post("/preview/").headers["Location"]).text
    assert "Nothing here counts." in page
    assert begun.proof not in page


def test_a_learner_has_no_sandbox_to_start_over_or_to_move(app, trial):
    trial.session.commit()
    learner = trial.world.enter(app, trial.world.people[0])
    assert learner.post("/preview/").status_code == 403
    assert learner.post("/preview/start-over").status_code == 404
    assert learner.post("/preview/stage", {"stage": "review"}).status_code == 404


def test_a_stage_that_the_kind_does_not_have_is_refused(staff):
    inside = staff.post("/preview/").headers["Location"].split("/peer_review")[0]
    staff.token, staff.root = token(staff, inside), inside
    assert staff.post("/preview/stage", {"stage": "nonsense"}).status_code == 422


def token(staff, root):
    """Return the token of another visit of the same browser."""
    name = visits.COOKIE + root.removeprefix("/v/")
    proof = next(one.value for one in staff.client._cookies.values() if one.key == name)
    return staff.client.application.extensions["vault"].sign("csrf", proof)


def test_the_banner_says_which_stage_is_on(staff):
    inside = staff.post("/preview/").headers["Location"].split("/peer_review")[0]
    assert on(staff, inside) == "Hand in"
    staff.token, staff.root = token(staff, inside), inside
    staff.post("/preview/stage", {"stage": "review"})
    assert on(staff, inside) == "Review"


def on(staff, root):
    """Return the words on the button of the stage that is on."""
    page = follow(staff, f"{root}/peer_review/").text
    (found,) = re.findall(r'aria-describedby="try" aria-current="step">([^<]+)', page)
    return found
