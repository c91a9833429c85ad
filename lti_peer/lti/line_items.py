"""The columns of an LMS's grade book: found, read, made, changed and removed (AGS 2.0, 3.2).

What the tool does not know of a column (`gradesReleased`, dates, an LMS's own members) survives a
change: it is read first, and sent back as it came.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lti_peer.core.models import URL_LENGTH, Platform
from lti_peer.lti import links
from lti_peer.lti.claims import (
    LINE_ITEM_TYPE,
    LINE_ITEMS_TYPE,
    SCOPE_LINE_ITEM,
    SCOPE_LINE_ITEM_READ,
)
from lti_peer.lti.http import Refused
from lti_peer.lti.services import Call, Declined, Services, asking

WRITING = frozenset({SCOPE_LINE_ITEM})
READING = frozenset({SCOPE_LINE_ITEM_READ})


@dataclass(frozen=True)
class Item:
    """One column, as the LMS has it."""

    url: str
    label: str
    maximum: float
    link_key: str = ""
    """The resource link's id, if it belongs to one."""
    resource_key: str = ""
    tag: str = ""
    members: Mapping[str, Any] = field(default_factory=dict)
    """Everything that the LMS said of it."""


def find(
    services: Services,
    platform: Platform,
    list_url: str,
    *,
    link_key: str = "",
    resource_key: str = "",
    tag: str = "",
) -> list[Item]:
    """Return the tool's columns that have all of the given ids, page after page.

    What comes is filtered again: not every LMS heeds the filters. No transaction may be open.
    Raises Declined, and what `links.pages` raises.
    """
    asked = {"resource_link_id": link_key, "resource_id": resource_key, "tag": tag}
    url = asking(list_url, **{name: value for name, value in asked.items() if value})
    call = Call("GET", url, _scopes(platform), accept=LINE_ITEMS_TYPE)
    found: list[Item] = []
    for _, answer in links.pages(services, platform, call):
        if not answer.ok:
            raise Declined(answer)
        given = answer.json()
        found += [item for item in map(_item, given if isinstance(given, list) else []) if item]
    return [
        item
        for item in found
        if link_key in {"", item.link_key}
        and resource_key in {"", item.resource_key}
        and tag in {"", item.tag}
    ]


def read(services: Services, platform: Platform, url: str) -> Item:
    """Return one column. Raises Declined, Refused for what is none, and what a call raises."""
    call = Call("GET", url, _scopes(platform), accept=LINE_ITEM_TYPE)
    return _demand(services.demand(platform, call).json(), url)


def create(
    services: Services,
    platform: Platform,
    list_url: str,
    *,
    label: str,
    maximum: float,
    resource_key: str,
    tag: str,
) -> Item:
    """Return a new column, which belongs to no resource link (see `lti.columns`).

    Raises Declined, Refused for a column without an address, and what a call raises.
    """
    body = {"label": label, "scoreMaximum": maximum, "resourceId": resource_key, "tag": tag}
    return _demand(_write(services, platform, "POST", list_url, body), "")


def change(services: Services, platform: Platform, url: str, **members: Any) -> Item:
    """Return the column after `members` of it (such as `label`) were replaced.

    Raises Declined, Refused, and what a call raises.
    """
    before = services.demand(platform, Call("GET", url, WRITING, accept=LINE_ITEM_TYPE)).json()
    body = {**(before if isinstance(before, dict) else {}), **members}
    return _demand(_write(services, platform, "PUT", url, body), url)


def delete(services: Services, platform: Platform, url: str) -> None:
    """Remove a column with its grades; one that is not there is removed.

    Raises Declined, and what a call raises.
    """
    answer = services.call(platform, Call("DELETE", url, WRITING))
    if not answer.ok and answer.status not in {404, 410}:
        raise Declined(answer)


def _write(
    services: Services, platform: Platform, method: str, url: str, body: Mapping[str, Any]
) -> object:
    sent = json.dumps(body, allow_nan=False).encode()
    call = Call(method, url, WRITING, LINE_ITEM_TYPE, LINE_ITEM_TYPE, sent)
    return services.demand(platform, call).json()


def _scopes(platform: Platform) -> frozenset[str]:
    """Return what reading needs: less, where that is all that the LMS granted."""
    granted = set(platform.scopes)
    return READING if granted & READING and not granted & WRITING else WRITING


def _demand(given: object, url: str) -> Item:
    item = _item({"id": url, **given} if isinstance(given, dict) else None)
    if item is None:
        raise Refused("It named a column without an address.")
    return item


def _item(given: object) -> Item | None:
    """Return a column, or None for what is none or has no address."""
    if not isinstance(given, dict):
        return None
    url, maximum = given.get("id"), given.get("scoreMaximum")
    if not isinstance(url, str) or not url or len(url) > URL_LENGTH:
        return None
    return Item(
        url=url,
        label=str(given.get("label", "")),
        maximum=float(maximum) if isinstance(maximum, int | float) else 0.0,
        link_key=str(given.get("resourceLinkId") or ""),
        resource_key=str(given.get("resourceId") or ""),
        tag=str(given.get("tag") or ""),
        members=MappingProxyType(dict(given)),
    )
