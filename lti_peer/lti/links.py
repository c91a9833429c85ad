"""Lists that come in pages: the Link header, and following it without being led astray.

RFC 8288, and what LMSs make of it: typographic quotes (Moodle), several links in one header or in
several, addresses relative to the page. A list is as long as its LMS says, but not without end.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urljoin

from lti_peer.core.models import URL_LENGTH, Platform
from lti_peer.lti import hosts
from lti_peer.lti.http import Answer, Refused
from lti_peer.lti.services import Call, NotApproved, Services

MOST_PAGES = 100
LONGEST_S = 120.0
"""Seconds for a whole list."""
QUOTES = str.maketrans("“”„‟‘’", '""""""')


def find(answer: Answer, relation: str, base: str) -> str:
    """Return the address that an answer's Link header gives for `relation`, or "".

    `base` is the address of the answer, to which the other may be relative. It comes back letter by
    letter: page marks are often in capital letters.
    """
    header = _unicode(answer.headers.get("link", "")).translate(QUOTES)
    for part in header.split("<")[1:]:
        address, _, parameters = part.partition(">")
        if relation in _relations(parameters):
            found = urljoin(base, address.strip())
            return found if len(found) <= URL_LENGTH else ""
    return ""


def pages(
    services: Services,
    platform: Platform,
    call: Call,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[str, Answer]]:
    """Give each page of a list with its address; after one that is no success there is no other.

    Raises Refused for a list that leads back to itself, has more than 100 pages or takes longer
    than two minutes, NotApproved when a page lies on another host, and what `Services.call` raises.
    """
    first, ends, seen = hosts.host(call.url), clock() + LONGEST_S, {""}
    while call.url:
        if call.url in seen or len(seen) > MOST_PAGES or clock() > ends:
            raise Refused("The list of the LMS has no end.")
        seen.add(call.url)
        answer = services.call(platform, call)
        yield call.url, answer
        following = find(answer, "next", call.url) if answer.ok else ""
        if following and hosts.host(following) != first:
            raise NotApproved(following)
        call = replace(call, url=following)


def _relations(parameters: str) -> list[str]:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "rel":
            return value.strip(' ",\t').lower().split()
    return []


def _unicode(header: str) -> str:
    """Return a header in UTF-8 as such; HTTP gives it in Latin-1."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header
