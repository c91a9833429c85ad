"""Columns of the grade book: found, read, made, changed, removed."""

import json

import pytest
from lti.services.conftest import answered
from lti.services.test_services import services

from lti_peer.lti import line_items
from lti_peer.lti.claims import LINE_ITEM_TYPE, LINE_ITEMS_TYPE, SCOPE_LINE_ITEM_READ
from lti_peer.lti.http import Refused
from lti_peer.lti.services import Declined

__all__ = ["services"]


def column(number, **over):
    given = {"id": f"https://lms.example/items/{number}", "label": "Essay", "scoreMaximum": 20}
    return {**given, **over}


def test_columns_are_found_by_filters_that_the_lms_may_ignore(services, client, platform):
    mine = column(2, resourceId="a", tag="work")
    client.answers = [answered(200, [column(1), mine, column(3, resourceId="a", tag="other"), 7])]
    url = f"{platform.issuer}/items?type_id=1"
    found = line_items.find(services, platform, url, resource_key="a", tag="work")

    assert [(one.url, one.maximum, one.tag) for one in found] == [(mine["id"], 20.0, "work")]
    assert client.sent[0][1] == f"{url}&resource_id=a&tag=work"
    assert client.sent[0][2]["Accept"] == LINE_ITEMS_TYPE


def test_columns_of_every_page_are_found(services, client, platform):
    url = f"{platform.issuer}/items"
    client.answers = [
        answered(200, [column(1)], link=f"<{url}?From=2>; rel=“next”"),
        answered(200, [column(2)]),
    ]
    assert len(line_items.find(services, platform, url)) == 2


def test_reading_asks_for_no_more_than_was_granted(services, client, platform):
    platform.scopes = [SCOPE_LINE_ITEM_READ]
    client.answers = [answered(200, column(1, gradesReleased=False))]
    found = line_items.read(services, platform, f"{platform.issuer}/items/1")

    assert client.asked[0][1]["scope"] == SCOPE_LINE_ITEM_READ
    assert found.members["gradesReleased"] is False


def test_a_change_keeps_what_the_tool_does_not_know(services, client, platform):
    theirs = column(1, endDateTime="2026-12-01T00:00:00Z", **{"https://lms.example/x": [1]})
    client.answers = [answered(200, theirs), answered(200, {**theirs, "label": "New"})]
    changed = line_items.change(services, platform, f"{platform.issuer}/items/1", label="New")

    assert [method for method, *_ in client.sent] == ["GET", "PUT"]
    assert json.loads(client.sent[1][3]) == {**theirs, "label": "New"}
    assert client.sent[1][2]["Content-Type"] == LINE_ITEM_TYPE
    assert changed.label == "New"


@pytest.mark.parametrize("status", [204, 404, 410])
def test_a_column_that_is_not_there_is_removed(services, client, platform, status):
    client.answers = [answered(status)]
    line_items.delete(services, platform, f"{platform.issuer}/items/1?type_id=1")
    assert client.sent[0][:2] == ("DELETE", f"{platform.issuer}/items/1?type_id=1")


def test_a_column_that_may_not_be_removed_is_told(services, client, platform):
    client.answers = [answered(403)]
    with pytest.raises(Declined):
        line_items.delete(services, platform, f"{platform.issuer}/items/1")


@pytest.mark.parametrize("given", [{}, [], {"id": 7}, {"id": ""}, {"id": "x" * 3000}])
def test_a_new_column_without_an_address_is_refused(services, client, platform, given):
    client.answers = [answered(201, given)]
    with pytest.raises(Refused):
        line_items.create(
            services, platform, f"{platform.issuer}/items", label="Essay", maximum=20.0,
            resource_key="a", tag="work",
        )  # fmt: skip
