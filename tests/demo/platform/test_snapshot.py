from datetime import UTC, datetime

import pytest

from lti_peer.demo.platform import Lms, snapshot
from lti_peer.demo.platform.model import Score

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.fixture
def graded(lms, link):
    """An LMS with a tool, an activity, and a score for the first learner."""
    column, learner = lms.gradebook.columns[0], lms.learners[0]
    lms.gradebook.accept(
        Score(
            line_item_id=column.id,
            person_id=learner.id,
            given=8,
            maximum=10,
            comment="Ünïcode",
            activity_progress="Completed",
            grading_progress="FullyGraded",
            at=NOW,
            received_at=NOW,
        )
    )
    return lms


def test_a_saved_lms_comes_back_as_it_was(graded, tmp_path):
    snapshot.save(graded, tmp_path / "lms.json")
    again = snapshot.load(tmp_path / "lms.json")

    assert (again.issuer, again.guid, again.people) == (graded.issuer, graded.guid, graded.people)
    assert (again.tools, again.links) == (graded.tools, graded.links)
    assert again.key.jwks() == graded.key.jwks()
    assert again.gradebook.columns == graded.gradebook.columns
    assert again.gradebook.history("1") == graded.gradebook.history("1")


def test_new_ids_go_on_after_the_old_ones(graded, tmp_path):
    snapshot.save(graded, tmp_path / "lms.json")
    again = snapshot.load(tmp_path / "lms.json")

    assert again.add_link(again.links[0]).id == "2"
    assert again.gradebook.add(again.gradebook.columns[0]).id == "2"
    assert again.add_tool(again.tool).deployment_id == "2"


def test_saving_leaves_one_file(tmp_path):
    for _ in range(2):
        snapshot.save(Lms("http://127.0.0.1:1", learners=0), tmp_path / "lms.json")

    assert [path.name for path in tmp_path.iterdir()] == ["lms.json"]


def test_what_is_not_a_snapshot_is_refused(tmp_path):
    (tmp_path / "lms.json").write_text("{}")

    with pytest.raises(ValueError, match="issuer"):
        snapshot.load(tmp_path / "lms.json")
