"""Learners who leave the course, and come back."""

import pytest
from demo.platform.conftest import NRPS

from lti_peer.demo.platform import snapshot


@pytest.fixture
def roster(lms, registered, service):
    """Ask for the roster; return each one's status."""

    def ask():
        members = service("GET", lms.addresses.memberships("2", "1"), NRPS).json()["members"]
        return {member["user_id"]: member["status"] for member in members}

    return ask


def test_whoever_left_is_not_in_the_roster(lms, roster):
    gone = lms.learners[0].id
    lms.leave(gone)
    assert gone not in roster()

    lms.come_back(gone)
    assert roster()[gone] == "Active"


def test_an_lms_may_name_who_left(lms, roster):
    lms.tells_leavers = True
    lms.leave(lms.learners[0].id)
    assert roster()[lms.learners[0].id] == "Inactive"


def test_the_instructor_lets_somebody_leave_and_come_back(lms, browse):
    teacher, gone = browse(lms.instructor), lms.learners[1]
    page = teacher.submit(teacher.get("/people"), form="become", button=f"leave={gone.id}")
    assert lms.left == {gone.id}
    assert "has left" in page.text

    teacher.submit(page, form="become", button=f"return={gone.id}")
    assert lms.left == frozenset()


def test_learners_let_nobody_leave(lms, browse):
    page = browse(lms.learners[0]).get("/people")
    assert 'name="leave"' not in page.text
    forged = browse(lms.learners[0]).session.post(f"{lms.url}/people", data={"leave": "4"})
    assert (forged.status_code, lms.left) == (403, frozenset())


@pytest.mark.parametrize("wrong", [{"leave": "2"}, {"leave": "nobody"}, {}])
def test_only_learners_leave(lms, browse, wrong):
    asked = browse(lms.instructor).session.post(f"{lms.url}/people", data=wrong)
    assert asked.status_code == 400


def test_whoever_left_opens_nothing(lms, link, browse):
    lms.leave(lms.learners[0].id)
    page = browse(lms.learners[0]).launch(link.id)
    assert (page.status_code, "not in this course any more" in page.text) == (403, True)


def test_who_left_is_still_gone_after_a_restart(lms, tmp_path):
    lms.leave(lms.learners[0].id)
    snapshot.save(lms, tmp_path / "lms.json")
    assert snapshot.load(tmp_path / "lms.json").left == {lms.learners[0].id}
