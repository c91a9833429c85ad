"""A line of the log names no person, whatever somebody logs."""

import io
import json
import logging

import pytest
import structlog

from lti_peer.core import logs


@pytest.fixture
def lines():
    """The lines of the log, as JSON, while nothing else logs."""
    out = io.StringIO()
    logs.set_up("INFO", out)
    return lambda: [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_is_one_json_document(lines):
    structlog.get_logger("ours").info("delivered", channel="xapi", items=3)
    (line,) = lines()
    assert (line["event"], line["channel"], line["items"]) == ("delivered", "xapi", 3)
    assert {"timestamp", "level"} <= line.keys()


def test_what_may_not_be_logged_is_dropped_and_named(lines):
    structlog.get_logger().info("launch", name="Ada Example", email="ada@example.org")
    assert "Ada" not in json.dumps(lines())
    assert lines()[0]["reason"] == "not logged: email, name"


def test_an_exception_leaves_its_type_and_place_without_its_message(lines):
    try:
        int("Key (email)=(ada@example.org) already exists")
    except ValueError:
        structlog.get_logger().exception("raced")
    (line,) = lines()
    assert "ada@example.org" not in json.dumps(line)
    assert line["fault"] == "ValueError"
    assert "test_logs.py" in line["trace"][-1]


def test_a_librarys_line_keeps_its_sentence_without_what_it_fills_in(lines):
    logging.getLogger("waitress").warning("Exception while serving %s", "/v/abc~secret/reviews")
    (line,) = lines()
    assert line["event"] == "Exception while serving %s"
    assert "secret" not in json.dumps(line)


def test_a_librarys_exception_loses_its_message_too(lines):
    try:
        int("ada@example.org")
    except ValueError:
        logging.getLogger("waitress").exception("It failed")
    assert "ada@example.org" not in json.dumps(lines())
    assert lines()[0]["fault"] == "ValueError"


def test_less_than_the_level_is_not_logged(lines):
    structlog.get_logger().debug("a detail")
    logging.getLogger("alembic").info("a step")
    assert lines() == []
