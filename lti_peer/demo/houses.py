"""Brings the demo up: both servers on loopback, the LMS taken up again where it was left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lti_peer.core.db import Database
from lti_peer.demo import offers
from lti_peer.demo.cookieless import WithoutCookies
from lti_peer.demo.pages import NAV, create_pages
from lti_peer.demo.platform import snapshot
from lti_peer.demo.platform.app import create_lms
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.profile import Profile
from lti_peer.demo.platform.profiles import PLAIN
from lti_peer.demo.servers import Port, Server
from lti_peer.demo.stage import Stage

LMS_HOST = "127.0.0.1"
TOOL_HOST = "localhost"
"""Another site than the LMS's, so that the browser's rules for third parties are the real ones."""


@dataclass(frozen=True)
class Plan:
    """What the demo is made of."""

    lms_port: Port
    tool_port: Port
    learners: int
    keep: Path | None
    """Where the LMS is kept between two starts; None forgets it."""
    profile: Profile = PLAIN
    """Whose manners the LMS has."""

    @property
    def lms_url(self) -> str:
        """The address of the LMS."""
        return f"http://{LMS_HOST}:{self.lms_port.number}"

    @property
    def tool_url(self) -> str:
        """The address of the tool."""
        return f"http://{TOOL_HOST}:{self.tool_port.number}"


@contextmanager
def opened(plan: Plan, tool: Any, database: Database, invite: Callable[[], str]) -> Iterator[Stage]:
    """Serve the LMS and `tool`, a WSGI application, until the block ends; give the stage.

    A tool that is None runs somewhere else.
    """
    lms = _lms(plan)
    stage = Stage(lms, plan.tool_url, database, invite)
    app = create_lms(lms, NAV, [create_pages(stage, offers.of(stage))])
    here = Server(WithoutCookies(tool, lms.faults), plan.tool_port) if tool else nullcontext()
    with Server(app, plan.lms_port), here:
        try:
            yield stage
        finally:
            if plan.keep:
                snapshot.save(lms, plan.keep)


def _lms(plan: Plan) -> Lms:
    if plan.keep and plan.keep.exists():
        lms = snapshot.load(plan.keep)
        wanted = (plan.lms_url, plan.learners, plan.profile)
        if (lms.url, len(lms.learners), lms.profile) == wanted:
            return lms
    return Lms(plan.lms_url, learners=plan.learners, profile=plan.profile)
