"""The scan of the log can fail."""

from types import SimpleNamespace

import factories
import pytest
import structlog
from support import canaries


@pytest.mark.parametrize("held", [
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl", "Basic bGVhcm5lcjpzZWNyZXQ=",
    "{'Authorization': 'Bearer a1b2c3d4'}", "-----BEGIN PRIVATE KEY-----", "ben@school.example",
    "Person 1 (synthetic)", factories.SECRET, "/v/0a~Zm9vYmFyYmF6MDEyMzQ1Njc4OWFiY2RlZg/reviews",
])  # fmt: skip
def test_the_scan_knows_what_no_line_may_hold(held):
    assert len(canaries.found_in(f"{{'event': 'problem', 'code': {held!r}}}")) == 1


def test_the_scan_lets_ids_and_places_pass():
    line = f"{'a' * 8}-0000-4000-8000-{'1' * 12} {'0f' * 16} {__file__}:1 test_{'of_a_name_' * 9}"
    assert canaries.found_in(line) == []


@pytest.mark.parametrize("failed", [False, True])
def test_a_test_that_logs_a_canary_fails(failed):
    structlog.get_logger().info("launch", code="ben@school.example")
    reporting = canaries.pytest_runtest_makereport(SimpleNamespace(when="call"))
    next(reporting)
    with pytest.raises(StopIteration) as ended:
        reporting.send(SimpleNamespace(outcome="passed", longrepr="It broke." if failed else None))

    assert ended.value.value.outcome == "failed"
    assert "an address of e-mail in the log" in ended.value.value.longrepr
    assert canaries.hits == []


def test_what_production_would_leave_out_of_a_line_is_found_and_no_name_is():
    structlog.get_logger().info("launch", name="Person 1 (synthetic)")
    (hit,) = canaries.hits
    canaries.hits.clear()
    assert hit == "production says nothing of it (not logged: name): launch"
