"""Assignment and Grade Services 2.0, first part: the columns of the grade book."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from lti_peer.demo.platform.addresses import LINE_ITEMS
from lti_peer.demo.platform.answers import answer, curled, one_page
from lti_peer.demo.platform.bearer import require, require_course
from lti_peer.demo.platform.current import current_lms
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.model import LineItem, Tool
from lti_peer.demo.platform.reading import finite
from lti_peer.demo.platform.scopes import SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ

line_items = Blueprint("line_items", __name__)

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
CONTAINER_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ONE = LINE_ITEMS + "/<line_item_id>/lineitem"

_KNOWN = frozenset(
    {"id", "label", "scoreMaximum", "resourceLinkId", "ltiLinkId", "resourceId", "tag"}
)


@line_items.get(LINE_ITEMS)
def find(course_id: str) -> Response:
    """List the tool's columns, filtered by `resource_link_id`, `resource_id` and `tag`."""
    tool = require(SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ)
    require_course(course_id)
    strict, accepted = current_lms().profile.demands_types, request.headers.get("Accept")
    if strict and accepted is not None and CONTAINER_TYPE not in accepted:
        # As strict as Moodle, which answers "No handler found" to */* and application/json.
        raise ProtocolError(400, "no_handler", f"Accept must be {CONTAINER_TYPE}.")
    found = [
        column
        for column in current_lms().gradebook.columns
        if column.client_id == tool.client_id
        and request.args.get("resource_link_id") in (None, column.link_id)
        and request.args.get("resource_id") in (None, column.resource_id)
        and request.args.get("tag") in (None, column.tag)
    ]
    items, link = one_page(found)
    response = answer([as_json(column, tool) for column in items], CONTAINER_TYPE)
    if link:
        response.headers["Link"] = curled(link)
    return response


@line_items.post(LINE_ITEMS)
def create(course_id: str) -> Response:
    """Make a column."""
    tool = require(SCOPE_LINE_ITEM)
    require_course(course_id)
    lms, given = current_lms(), _body()
    if lms.profile.column_needs_id and not {"resourceId", "resourceLinkId"} & set(given):
        raise ProtocolError(400, "invalid_line_item", "Needed: resourceId or resourceLinkId.")
    column = lms.gradebook.add(read_line_item(given, tool))
    return answer(as_json(column, tool), LINE_ITEM_TYPE, 201)


@line_items.get(ONE)
def show(course_id: str, line_item_id: str) -> Response:
    """Show one column."""
    tool = require(SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ)
    return answer(as_json(own_column(course_id, line_item_id, tool), tool), LINE_ITEM_TYPE)


@line_items.put(ONE)
def change(course_id: str, line_item_id: str) -> Response:
    """Rename or rescale a column; grades follow the new maximum, 9 of 10 become 45 of 50."""
    tool = require(SCOPE_LINE_ITEM)
    own_column(course_id, line_item_id, tool)
    column = read_line_item(_body(), tool, line_item_id)
    current_lms().gradebook.change(column)
    return answer(as_json(column, tool), LINE_ITEM_TYPE)


@line_items.delete(ONE)
def remove(course_id: str, line_item_id: str) -> Response:
    """Remove a column and its scores."""
    tool = require(SCOPE_LINE_ITEM)
    own_column(course_id, line_item_id, tool)
    if status := current_lms().profile.keeps_columns:
        raise ProtocolError(status, "not_allowed", "Tools delete no columns here.")
    current_lms().gradebook.remove(line_item_id)
    return Response(status=204)


def own_column(course_id: str, line_item_id: str, tool: Tool) -> LineItem:
    """Return a column of this tool. Raises ProtocolError 404 for any other."""
    require_course(course_id)
    try:
        column = current_lms().gradebook.column(line_item_id)
    except KeyError as missing:
        raise ProtocolError(404, "not_found", "There is no such line item.") from missing
    if column.client_id != tool.client_id:
        raise ProtocolError(404, "not_found", "There is no such line item.")
    return column


def read_line_item(
    given: Mapping[str, Any], tool: Tool, line_item_id: str = "", label: str = ""
) -> LineItem:
    """Return the column that the JSON describes; `label` stands in for a missing one.

    Raises ProtocolError 400 for a missing label or an impossible maximum, 403 for an activity of
    another tool.
    """
    name = given.get("label") or label
    if not isinstance(name, str) or not name.strip():
        raise ProtocolError(400, "invalid_line_item", "label is missing.")
    link_id = given.get("resourceLinkId")
    own_links = {link.id for link in current_lms().links if link.client_id == tool.client_id}
    if link_id is not None and (not isinstance(link_id, str) or link_id not in own_links):
        raise ProtocolError(403, "invalid_line_item", "resourceLinkId is not this tool's.")
    return LineItem(
        id=line_item_id,
        client_id=tool.client_id,
        label=name.strip(),
        maximum=_maximum(given.get("scoreMaximum")),
        link_id=link_id,
        resource_id=str(given.get("resourceId") or ""),
        tag=str(given.get("tag") or ""),
        extra={key: value for key, value in given.items() if key not in _KNOWN},
    )


def as_json(column: LineItem, tool: Tool) -> dict[str, Any]:
    """Return the column as the service shows it; members without a value are left out."""
    lms = current_lms()
    members = {
        "resourceLinkId": column.link_id,
        "ltiLinkId": column.link_id,
        "resourceId": column.resource_id,
        "tag": column.tag,
    }
    return {
        "id": lms.addresses.line_item(lms.course.id, column.id, tool.deployment_id),
        "label": column.label,
        "scoreMaximum": column.maximum,
        **{name: value for name, value in members.items() if value},
        **column.extra,
    }


def _maximum(value: Any) -> float:
    number = finite(value)
    if number is None or number <= 0:
        raise ProtocolError(400, "invalid_line_item", "scoreMaximum must be a number above 0.")
    return number


def _body() -> dict[str, Any]:
    """Return the JSON object of the request. Raises ProtocolError 400."""
    if current_lms().profile.demands_types and request.mimetype != LINE_ITEM_TYPE:
        raise ProtocolError(400, "no_handler", f"Content-Type must be {LINE_ITEM_TYPE}.")
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise ProtocolError(400, "invalid_line_item", "The body is not a JSON object.")
    return body
