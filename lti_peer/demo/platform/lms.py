"""The whole state of the simulated LMS in one object."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import RLock
from urllib.parse import urlsplit

from lti_peer.demo.platform.addresses import Addresses
from lti_peer.demo.platform.faults import Fault, Faults
from lti_peer.demo.platform.gradebook import GradeBook
from lti_peer.demo.platform.journal import Journal
from lti_peer.demo.platform.model import (
    AccessToken,
    Course,
    Message,
    Person,
    ResourceLink,
    Tool,
    utc_now,
)
from lti_peer.demo.platform.people import make_people
from lti_peer.demo.platform.profile import Profile
from lti_peer.demo.platform.profiles import PLAIN
from lti_peer.demo.platform.scopes import SCOPE_MEMBERSHIPS, SCOPES
from lti_peer.demo.platform.signing import SigningKey, ToolKeys
from lti_peer.demo.platform.tickets import Tickets

_SEEN_LIFE = timedelta(hours=1)
_REGISTRATION_TOKEN_LIFE = timedelta(hours=1)
_MESSAGE_LIFE = timedelta(minutes=10)
_MANY = 10**9
"""Tools that an LMS gives ids to: two LMSs, one after the other, never give the same one."""
_WEB = frozenset({"http", "https"})
_COURSE = Course(id="2", label="DEMO101", title="Writing for Peers")


class Lms:
    """People, one course, its activities, grade book, tools and journal; all in memory.

    Every public method may be called from any thread; what it returns never changes. The parts:
    `gradebook`, `journal`, `key` (the LMS's own), `tool_keys`, `addresses`, and the tickets
    `access_tokens`, `messages` (begun, not yet sent), `returns` (deep linking under way) and
    `seen` (`jti` and nonces of tools). `profile` says whose manners it has, `faults` what is wrong.
    """

    tells_leavers: bool = False
    """Whether the roster names who has left, as inactive; else they are not in it, as in Moodle."""

    def __init__(
        self,
        base_url: str,
        *,
        learners: int = 24,
        profile: Profile = PLAIN,
        clock: Callable[[], datetime] = utc_now,
        key: SigningKey | None = None,
    ) -> None:
        """Make an LMS that answers at `base_url`, with one instructor and so many learners.

        `profile`: whose manners it has. `key`: the LMS's own, if it has one already; else a new
        one is made.
        """
        self.profile = profile
        self.faults = Faults()
        self.addresses = Addresses(base_url.rstrip("/"), profile.query)
        self.course = _COURSE
        self.people = make_people(learners, profile.person_id)
        self.login_method = profile.login_method
        self.roster_page = profile.roster_page
        self.guid = secrets.token_hex(8)
        self.journal = Journal(clock)
        self.gradebook = GradeBook(profile)
        self.key = key or SigningKey()
        self.tool_keys = ToolKeys(self.journal, self.clock)
        self._clock = clock
        self.access_tokens: Tickets[AccessToken] = Tickets(clock, profile.token_life)
        self.messages: Tickets[Message] = Tickets(clock, _MESSAGE_LIFE)
        self.returns: Tickets[Message] = Tickets(clock, _SEEN_LIFE)
        self.seen: Tickets[None] = Tickets(clock, _SEEN_LIFE)
        self._registrations: Tickets[None] = Tickets(clock, _REGISTRATION_TOKEN_LIFE)
        self._lock = RLock()
        self._by_id = {person.id: person for person in self.people}
        self._tools: dict[str, Tool] = {}
        self._links: dict[str, ResourceLink] = {}
        self._link_number = 0
        self._left: set[str] = set()

    @property
    def issuer(self) -> str:
        """The `iss` of this LMS: its address, or what all customers of its maker share."""
        return self.profile.shared_issuer or self.addresses.root

    @property
    def url(self) -> str:
        """Where this LMS is: scheme, host and port, no slash at the end."""
        return self.addresses.root

    @property
    def scopes(self) -> frozenset[str]:
        """What a tool may be granted."""
        return frozenset(SCOPES) - (frozenset() if self.profile.roster else {SCOPE_MEMBERSHIPS})

    @property
    def services_down(self) -> bool:
        """Whether keys, tokens and services are switched off."""
        return Fault.AWAY in self.faults.on

    @services_down.setter
    def services_down(self, down: bool) -> None:
        if down:
            self.faults.begin(Fault.AWAY)
        else:
            self.faults.end(Fault.AWAY)

    def clock(self) -> datetime:
        """Return the LMS's idea of the time, which may be wrong by a fault."""
        return self._clock() + self.faults.skew

    def rotate_key(self) -> None:
        """Sign with a new key from now on, and publish the old one no more."""
        self.key = SigningKey()

    @property
    def instructor(self) -> Person:
        """The one instructor."""
        return self.people[0]

    @property
    def learners(self) -> tuple[Person, ...]:
        """Everybody else."""
        return self.people[1:]

    @property
    def left(self) -> frozenset[str]:
        """The ids of those who have left the course."""
        with self._lock:
            return frozenset(self._left)

    def leave(self, person_id: str) -> None:
        """Let a learner leave the course. Raises KeyError for anybody else."""
        if self.person(person_id).teaches:
            raise KeyError(person_id)
        with self._lock:
            self._left.add(person_id)

    def come_back(self, person_id: str) -> None:
        """Let a learner who has left come back, if they have."""
        with self._lock:
            self._left.discard(person_id)

    def person(self, person_id: str) -> Person:
        """Return one person. Raises KeyError."""
        return self._by_id[person_id]

    @property
    def tools(self) -> tuple[Tool, ...]:
        """All registered tools, oldest first."""
        with self._lock:
            return tuple(self._tools.values())

    @property
    def tool(self) -> Tool:
        """The tool that was registered last. Raises LookupError when there is none."""
        tools = self.tools
        if not tools:
            raise LookupError("No tool is registered in this LMS.")
        return tools[-1]

    def tool_of(self, client_id: str) -> Tool:
        """Return one tool. Raises KeyError."""
        with self._lock:
            return self._tools[client_id]

    def add_tool(self, tool: Tool) -> Tool:
        """Register a tool and return it with its new client id and deployment id."""
        with self._lock:
            number, name = len(self._tools) + 1, self.profile.client_id
            kept = replace(
                tool,
                client_id=name(secrets.randbelow(_MANY)) if name else secrets.token_urlsafe(12),
                deployment_id=self.profile.deployment_id(number),
            )
            self._tools[kept.client_id] = kept
            return kept

    def new_registration_token(self) -> str:
        """Return a token with which one tool may register itself once, within an hour."""
        return self._registrations.issue(None)

    def use_registration_token(self, token: str) -> None:
        """End a registration token. Raises KeyError when it is unknown, used or too old."""
        self._registrations.take(token)

    @property
    def links(self) -> tuple[ResourceLink, ...]:
        """All placed activities, oldest first."""
        with self._lock:
            return tuple(self._links.values())

    def link(self, link_id: str) -> ResourceLink:
        """Return one placed activity. Raises KeyError."""
        with self._lock:
            return self._links[link_id]

    def add_link(self, link: ResourceLink) -> ResourceLink:
        """Place an activity and return it with its id; the id given is not looked at."""
        with self._lock:
            self._link_number += 1
            kept = replace(link, id=str(self._link_number))
            self._links[kept.id] = kept
            return kept

    def restore(self, tools: Iterable[Tool], links: Iterable[ResourceLink]) -> None:
        """Take back, ids and all, what a snapshot kept."""
        with self._lock:
            self._tools = {tool.client_id: tool for tool in tools}
            self._links = {link.id: link for link in links}
            self._link_number = max(map(int, self._links), default=0)


def origin(url: str) -> str:
    """Return scheme, host and port of a web address, as browsers compare them; else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in _WEB and parts.netloc else ""
