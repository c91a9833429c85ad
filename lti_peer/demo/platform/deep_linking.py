"""The way back from deep linking: verify what the tool chose, and place it in the course."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from flask import Blueprint, render_template, request

from lti_peer.demo.platform import claims
from lti_peer.demo.platform.addresses import DEEP_LINKING_RETURN
from lti_peer.demo.platform.bearer import claimed_client
from lti_peer.demo.platform.current import current_lms
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.line_items import read_line_item
from lti_peer.demo.platform.lms import Lms, origin
from lti_peer.demo.platform.model import LineItem, Period, ResourceLink, Tool

deep_linking = Blueprint("deep_linking", __name__)

_MESSAGE_TYPE = "LtiDeepLinkingResponse"


@deep_linking.post(DEEP_LINKING_RETURN)
def finish() -> str:
    """Take the content items of a tool and show what was placed.

    All or nothing: one wrong item and none is placed.
    """
    lms = current_lms()
    token = request.form.get("JWT", "")
    tool = lms.tool_of(claimed_client(lms, token))
    given = lms.tool_keys.verify(token, tool, lms.issuer)
    _check_response(lms, tool, given)
    items = given.get(claims.DEEP_LINKING + "content_items", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _wrong("content_items is not a list of objects.")
    chosen = [item for item in items if item.get("type") in lms.profile.accepts]
    if len(chosen) > 1 and not lms.profile.takes_several:
        raise _wrong("There is more than one content item.")
    placed = [_read(lms, item, tool) for item in chosen]
    links = [_place(lms, link, column) for link, column in placed]
    return render_template(
        "lms/placed.html",
        links=links,
        ignored=len(items) - len(chosen),
        accepts=lms.profile.accepts,
        message=given.get(claims.DEEP_LINKING + "msg", ""),
        error=given.get(claims.DEEP_LINKING + "errormsg", ""),
    )


def _check_response(lms: Lms, tool: Tool, given: Mapping[str, Any]) -> None:
    """Raise ProtocolError 400 unless this answers a request that this LMS sent to this tool."""
    if given.get(claims.LTI + "message_type") != _MESSAGE_TYPE:
        raise _wrong(f"message_type must be {_MESSAGE_TYPE}.")
    if given.get(claims.LTI + "version") != claims.VERSION:
        raise _wrong(f"version must be {claims.VERSION}.")
    if given.get(claims.LTI + "deployment_id") != tool.deployment_id:
        raise _wrong("deployment_id is not the one of the request.")
    nonce = given.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise _wrong("nonce is missing.")
    if not lms.seen.first_use(f"nonce {tool.client_id} {nonce}", None):
        raise _wrong("This nonce was used before.")
    data = given.get(claims.DEEP_LINKING + "data")
    key = data if lms.profile.gives_data else request.args.get("sesskey")
    try:
        asked = lms.returns.take(str(key))
    except KeyError as unknown:
        raise _wrong("data is not that of a request that waits for an answer.") from unknown
    if asked.client_id != tool.client_id:
        raise _wrong("data belongs to another tool.")


def _read(lms: Lms, item: Mapping[str, Any], tool: Tool) -> tuple[ResourceLink, LineItem | None]:
    """Return what an item places. A web link to the tool is launched as one to an activity is."""
    kind = item["type"]
    if kind == "html":
        item = {"title": item.get("title"), "url": _address(item.get("html"))}
    if kind != "ltiResourceLink":
        bare = {name: item.get(name) for name in ("title", "text", "url")}
        return _read_link(bare, tool), None
    if not lms.profile.takes_columns and "lineItem" in item:
        raise _wrong("lineItem was not accepted.")
    return _read_link(item, tool), _read_column(item, tool)


def _address(snippet: object) -> str:
    """Return where the first link of an HTML snippet leads."""
    found = _Links()
    found.feed(str(snippet))
    return found.addresses[0] if found.addresses else ""


class _Links(HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.addresses += [value for name, value in attrs if name == "href" and value]


def _read_link(item: Mapping[str, Any], tool: Tool) -> ResourceLink:
    url = item.get("url") or tool.target_link_uri
    if not isinstance(url, str) or origin(url) != origin(tool.target_link_uri):
        raise _wrong("url is not an address of the tool.")
    custom = item.get("custom") or {}
    if not isinstance(custom, dict) or not all(isinstance(each, str) for each in custom.values()):
        raise _wrong("custom is not an object of strings.")
    return ResourceLink(
        id="",
        client_id=tool.client_id,
        title=str(item.get("title") or tool.name),
        text=str(item.get("text") or ""),
        url=url,
        custom=custom,
        available=_period(item.get("available")),
        submission=_period(item.get("submission")),
    )


def _read_column(item: Mapping[str, Any], tool: Tool) -> LineItem | None:
    """Return the column that comes with the item; None: the activity is not graded."""
    given = item.get("lineItem")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise _wrong("lineItem is not an object.")
    return read_line_item(given, tool, label=str(item.get("title") or tool.name))


def _place(lms: Lms, link: ResourceLink, column: LineItem | None) -> ResourceLink:
    placed = lms.add_link(link)
    if column is not None:
        lms.gradebook.add(replace(column, link_id=placed.id))
    return placed


def _period(given: Any) -> Period:
    if given is None:
        return Period()
    if not isinstance(given, dict):
        raise _wrong("A period is not an object.")
    return Period(start=_time(given, "startDateTime"), end=_time(given, "endDateTime"))


def _time(given: Mapping[str, Any], name: str) -> datetime | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except (ValueError, TypeError) as unreadable:
        raise _wrong(f"{name} is not ISO 8601.") from unreadable
    if at.tzinfo is None:
        raise _wrong(f"{name} has no time zone.")
    return at


def _wrong(sentence: str) -> ProtocolError:
    return ProtocolError(400, "invalid_deep_linking_response", sentence)
