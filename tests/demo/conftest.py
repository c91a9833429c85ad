"""A whole demo, brought up once for all tests of this folder that ask for it."""

import pytest

from lti_peer.cli import demonstration


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A simulated LMS with six learners, the tool and its worker, on loopback."""
    plan = demonstration.plan(21_000, 6, None)
    with demonstration.brought_up(plan, tmp_path_factory.mktemp("demo")) as stage:
        yield stage
