"""Who is in a course: Names and Role Provisioning Services 2.0, read page by page.

The LMS is asked for everybody, and roles are told apart here: Moodle's links to further pages
forget the role that was asked for (lti.md 3.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lti_peer.core.models import ID_LENGTH, NAME_LENGTH, Platform, Role
from lti_peer.core.rosters import Listing
from lti_peer.lti import links, values
from lti_peer.lti.claims import CUSTOM, ROSTER_TYPE, SCOPE_ROSTER
from lti_peer.lti.http import Refused
from lti_peer.lti.roles import course_role
from lti_peer.lti.services import Call, Declined, Services, asking

SCOPES = frozenset({SCOPE_ROSTER})
PAGE = 100
"""Members that are asked for at a time; the LMS may give fewer."""


@dataclass(frozen=True)
class Member:
    """Somebody whom the roster names."""

    subject: str
    role: Role
    listing: Listing = Listing.ACTIVE
    name: str = ""
    email: str = ""
    custom: Mapping[str, str] | None = None
    """The link's custom parameters as they are for this person, where one link was asked about."""
    groups: tuple[str, ...] | None = None
    """The ids of the groups that they are in; None where the LMS does not say."""


@dataclass(frozen=True)
class Reading:
    """What came of reading a roster to its end."""

    members: tuple[Member, ...]
    """Everybody once, as last named, by whatever they are in the course."""
    differences_url: str
    """Where the LMS will list what has changed since; empty when it does not offer that."""


def read(
    services: Services, platform: Platform, url: str, *, link_key: str = "", groups: bool = False
) -> Reading:
    """Return the whole roster at `url`, or the people of one resource link; with their groups.

    No transaction may be open. Raises Declined, and what `links.pages` raises: half a roster is
    none, because whoever is missing from it would be taken to have left.
    """
    return _read(services, platform, _everybody(url, link_key, groups=groups))


def read_differences(services: Services, platform: Platform, url: str) -> Reading:
    """Return what has changed since the reading that named `url`; raises what `read` raises."""
    return _read(services, platform, url)


def _read(services: Services, platform: Platform, url: str) -> Reading:
    call = Call("GET", url, SCOPES, accept=ROSTER_TYPE)
    found: dict[str, Member] = {}
    differences = ""
    for address, answer in links.pages(services, platform, call):
        if not answer.ok:
            raise Declined(answer)
        given = answer.json()
        listed = given.get("members") if isinstance(given, dict) else None
        if not isinstance(listed, list):
            raise Refused("What it gives for members is not a list.")
        found |= {member.subject: member for member in map(_member, listed) if member}
        differences = links.find(answer, "differences", address) or differences
    return Reading(tuple(found.values()), differences)


def _everybody(url: str, link_key: str, *, groups: bool) -> str:
    """Return the address that asks for everybody; what it asks for already is not asked twice."""
    asked = parse_qs(urlsplit(url).query, keep_blank_values=True)
    wanted = {"limit": str(PAGE), "rlid": link_key, "groups": "true" if groups else ""}
    return asking(
        url, **{name: value for name, value in wanted.items() if value and name not in asked}
    )


def _member(given: object) -> Member | None:
    """Return a member, or None for what names nobody."""
    if not isinstance(given, dict):
        return None
    subject = given.get("user_id")
    if not isinstance(subject, str) or not subject.strip() or values.clean(subject) != subject:
        return None
    roles = given.get("roles")
    named = [one for one in roles if isinstance(one, str)] if isinstance(roles, list) else []
    if len(subject) > ID_LENGTH:
        return None
    return Member(
        subject=subject,
        role=course_role(named[: values.LIST_LENGTH]),
        listing=_listing(given.get("status")),
        name=values.name(given),
        email=values.text(given.get("email"), NAME_LENGTH),
        custom=_custom(given.get("message")),
        groups=_groups(given.get("group_enrollments")),
    )


def _listing(status: object) -> Listing:
    """Return the status; what no specification names takes nobody's access away."""
    word = values.text(status, 20).lower()
    return Listing(word) if word in set(Listing) else Listing.ACTIVE


def _custom(messages: object) -> Mapping[str, str] | None:
    for message in messages if isinstance(messages, list) else []:
        custom: Any = message.get(CUSTOM) if isinstance(message, dict) else None
        if isinstance(custom, dict):
            return {str(name): values.text(value) for name, value in custom.items()}
    return None


def _groups(enrolments: object) -> tuple[str, ...] | None:
    if not isinstance(enrolments, list):
        return None
    keys = [one.get("group_id") for one in enrolments if isinstance(one, dict)]
    return tuple(str(key) for key in keys if isinstance(key, str | int))
