"""The whole state of the simulated LMS in one object."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Literal
from urllib.parse import urlsplit

from lti_peer.demo.platform.addresses import Addresses
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
from lti_peer.demo.platform.signing import SigningKey, ToolKeys
from lti_peer.demo.platform.tickets import Tickets

ACCESS_TOKEN_LIFE = timedelta(hours=1)
_REGISTRATION_TOKEN_LIFE = timedelta(hours=1)
_MESSAGE_LIFE = timedelta(minutes=10)
_WEB = frozenset({"http", "https"})
_COURSE = Course(id="2", label="DEMO101", title="Writing for Peers")


class Lms:
    """People, one course, its activities, grade book, tools and journal; all in memory.

    Every public method may be called from any thread; what it returns never changes. The parts:
    `gradebook`, `journal`, `key` (the LMS's own), `tool_keys`, `addresses`, and the tickets
    `access_tokens`, `messages` (begun, not yet sent), `returns` (deep linking under way) and
    `seen` (`jti` and nonces of tools).
    """

    services_down: bool = False
    """While true, token endpoint and services answer 503: to show how the tool bears it."""
    roster_page: int | None = None
    """The most members in one answer of the roster; None: all of them, as in Moodle."""

    def __init__(
        self,
        base_url: str,
        *,
        learners: int = 24,
        whole_seconds: bool = False,
        id_token_seconds: int = 60,
        login_method: Literal["get", "post"] = "post",
        clock: Callable[[], datetime] = utc_now,
        key: SigningKey | None = None,
    ) -> None:
        """Make an LMS that answers at `base_url`, with one instructor and so many learners.

        `whole_seconds`: compare the timestamps of scores to the second, as Moodle does.
        `id_token_seconds`: how long a launch token lives; Moodle's live 60 seconds.
        `login_method`: how a login is initiated; both are allowed by LTI.
        `key`: the LMS's own, if it has one already; else a new one is made.
        """
        self.addresses = Addresses(base_url.rstrip("/"))
        self.course = _COURSE
        self.people = make_people(learners)
        self.id_token_seconds = id_token_seconds
        self.login_method = login_method
        self.clock = clock
        self.guid = secrets.token_hex(8)
        self.journal = Journal(clock)
        self.gradebook = GradeBook(clock, whole_seconds=whole_seconds)
        self.key = key or SigningKey()
        self.tool_keys = ToolKeys(self.journal, clock)
        self.access_tokens: Tickets[AccessToken] = Tickets(clock, ACCESS_TOKEN_LIFE)
        self.messages: Tickets[Message] = Tickets(clock, _MESSAGE_LIFE)
        self.returns: Tickets[Message] = Tickets(clock, ACCESS_TOKEN_LIFE)
        self.seen: Tickets[None] = Tickets(clock, ACCESS_TOKEN_LIFE)
        self._registrations: Tickets[None] = Tickets(clock, _REGISTRATION_TOKEN_LIFE)
        self._lock = RLock()
        self._by_id = {person.id: person for person in self.people}
        self._tools: dict[str, Tool] = {}
        self._links: dict[str, ResourceLink] = {}
        self._link_number = 0

    @property
    def issuer(self) -> str:
        """The `iss` of this LMS: its base URL without a slash at the end."""
        return self.addresses.root

    @property
    def instructor(self) -> Person:
        """The one instructor."""
        return self.people[0]

    @property
    def learners(self) -> tuple[Person, ...]:
        """Everybody else."""
        return self.people[1:]

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
            kept = replace(
                tool, client_id=secrets.token_urlsafe(12), deployment_id=str(len(self._tools) + 1)
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
