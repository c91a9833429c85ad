"""What people type into fields, as what it means."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_peer.web import dates, fields


def test_a_time_is_read_by_the_clock_of_its_zone():
    assert fields.moment({"due": "2026-07-01T12:00"}, "due", "Europe/Paris", {}) == datetime(
        2026, 7, 1, 10, tzinfo=UTC
    )


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001 - made aware
        lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
    )
)
def test_a_time_survives_its_way_through_a_form(at):
    shown = dates.field(at, "Asia/Kolkata")

    assert fields.moment({"due": shown}, "due", "Asia/Kolkata", {}) == at


@pytest.mark.parametrize("sent", ["", "soon", "0001-01-01T00:00", "2026-02-30T10:00"])
def test_what_is_no_time_is_told_by_the_fields_name(sent):
    faults = {}

    assert fields.moment({"due": sent}, "due", "Asia/Kolkata", faults) is None
    assert list(faults) == ["due"]


@pytest.mark.parametrize("sent", ["", "0", "10", "-1", "1.5", "٣", "9" * 5_000])
def test_what_is_no_number_of_the_range_is_told_by_the_fields_name(sent):
    faults = {}

    assert fields.whole({"reviews": sent}, "reviews", 1, 9, faults) == 1
    assert list(faults) == ["reviews"]


def test_a_number_of_the_range_is_taken():
    faults = {}

    assert fields.whole({"reviews": " 9 "}, "reviews", 1, 9, faults) == 9
    assert faults == {}
