"""L3 in the small; `make hostile` runs two hundred rounds."""

import pytest
from hostile.races import run


@pytest.mark.slow
def test_l3_one_token_on_two_processes_gets_in_exactly_once(tmp_path):
    assert run(3, 20, tmp_path) == ([], 3)
