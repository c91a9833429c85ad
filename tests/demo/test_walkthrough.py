import json

import pytest
from click.testing import CliRunner

from lti_peer.cli import cli, demonstration
from lti_peer.core import logs
from lti_peer.demo.tally import Tally

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found():
    """What the command finds with six learners, against its own processes, which log all."""
    variables = demonstration._variables
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(logs, "set_up", lambda _level: None)
        patched.setattr(
            demonstration, "_variables", lambda one: variables(one) | {"LTI_PEER_LOG_LEVEL": "INFO"}
        )
        done = CliRunner().invoke(cli, ["demo", "--walkthrough", "--students", "6", "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_class_tool_lms_and_record_store_agree(found):
    assert found["faults"] == []


def test_everybody_launched_and_handed_in(found):
    assert (found["launches"], found["submissions"]) == (6, 6)


def test_every_submission_got_three_reviews(found):
    assert found["fewest_reviews"] >= 3


def test_every_grade_stands_in_the_lms(found):
    assert found["grades_in_lms"] == 6


def test_every_statement_is_in_the_store_once(found):
    assert found["statements_in_store"] == found["statements_emitted"] > 6 * 5
    assert (found["lost"], found["duplicates"]) == (0, 0)


def test_a_number_that_differs_is_a_fault():
    tally = Tally(students=3)
    tally.expect("launches", 2, 3)
    assert tally.faults == ["launches: 2 instead of 3"]
