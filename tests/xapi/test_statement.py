from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xapi import vocabulary as words
from xapi.identity import Account
from xapi.statement import Involved, Thing, build, instant, lasting, voiding
from xapi.validate import check
from xapi.validation.formats import parse_time

ADA = Account("https://lms.example.org", "ada")
WORK = Thing("https://peer.example.org/submissions/1", words.SUBMISSION)
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def sentence(**details):
    details.setdefault("thing", WORK)
    return build(uuid4(), actor=ADA, verb=words.REVIEWED, at=NOW, **details)


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_a_full_statement_is_valid(typical, version):
    assert check(typical, version) == []


def test_what_nobody_said_is_left_out():
    assert set(sentence()) == {"id", "actor", "verb", "object", "timestamp", "context"}


def test_every_statement_names_the_profile_s_version():
    (category,) = sentence()["context"]["contextActivities"]["category"]

    assert category["id"] == words.PROFILE_VERSION
    assert category["definition"]["type"] == "http://adlnet.gov/expapi/activities/profile"


def test_no_points_and_a_failure_are_said_and_not_dropped():
    result = sentence(raw=0, success=False)["result"]

    assert result == {"score": {"raw": 0}, "success": False}


def test_a_time_comes_out_in_utc_with_milliseconds():
    east = timezone(timedelta(hours=5, minutes=30))

    assert instant(datetime(2026, 1, 1, 3, 0, tzinfo=east)) == "2025-12-31T21:30:00.000Z"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        instant(datetime(2026, 1, 1))  # noqa: DTZ001 - the fault that is tested


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_survives_to_the_millisecond(at):
    assert abs(parse_time(instant(at)) - at) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "PT0S"), (75.5, "PT75.5S"), (0.004, "PT0S"), (90000, "PT90000S")]
)
def test_a_duration_is_said_in_seconds(seconds, text):
    assert lasting(timedelta(seconds=seconds)) == text


def test_a_negative_duration_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        lasting(timedelta(seconds=-1))


def test_those_involved_are_context_agents_in_2_0_0():
    context = sentence(involved=[Involved(ADA, (words.SUBMISSION,))], version="2.0.0")["context"]

    assert context["contextAgents"][0]["relevantTypes"] == [words.SUBMISSION.id]
    assert "extensions" not in context


def test_those_involved_are_an_extension_in_1_0_3():
    made = sentence(involved=[Involved(ADA, (words.SUBMISSION,))])

    assert made["context"]["extensions"][words.INVOLVED.id][0]["name"] == "ada"
    assert check(made) == []


def test_a_statement_about_a_statement_has_no_platform():
    assert check(sentence(thing=uuid4(), platform="lti-peer")) == []


def test_a_voiding_statement_is_valid():
    assert check(voiding(uuid4(), actor=ADA, target=uuid4(), at=NOW)) == []


def test_two_statements_share_nothing():
    first, second = sentence(), sentence()
    first["context"]["contextActivities"]["category"].clear()

    assert second["context"]["contextActivities"]["category"]


def test_every_statement_that_can_be_built_is_valid_in_both_versions():
    everything = {
        "scaled": -1.0,
        "raw": 1,
        "lowest": 0,
        "highest": 2,
        "success": True,
        "completion": True,
        "response": "b",
        "duration": timedelta(hours=1),
        "other": [WORK],
        "instructor": ADA,
        "team": ADA,
        "involved": [Involved(ADA, (words.SUBMISSION,))],
        "language": "fr-CA",
    }
    assert check(sentence(**everything)) == []
    assert check(sentence(**everything, version="2.0.0"), "2.0.0") == []
