"""Who may call a route. Every route says so; one that does not is refused, and fails a test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from lti_peer.core.models import Role

View = TypeVar("View", bound=Callable[..., object])


class Access(StrEnum):
    """What stands between a stranger and a route."""

    PUBLIC = "public"
    """Nothing: it shows and changes nothing of anybody."""
    LAUNCH = "launch"
    """The LTI messages: the handler itself decides whom to trust."""
    SERVICE = "service"
    """Its own credentials, which the handler checks: a record store's key."""
    VISIT = "visit"
    """A visit with one of the roles."""
    ADMIN = "admin"
    """An administrator who is signed in (`lti_peer.admin`)."""


@dataclass(frozen=True)
class Policy:
    """The access of one route, and the roles for which a visit opens it."""

    access: Access
    roles: frozenset[Role] = field(default_factory=frozenset)

    def __str__(self) -> str:
        """Return it as the list of routes shows it."""
        names = " ".join(sorted(self.roles))
        return f"{self.access}: {names}" if names else str(self.access)


LEARNERS = frozenset({Role.LEARNER})
STAFF = frozenset({Role.INSTRUCTOR, Role.TA})
SETTERS = STAFF | {Role.DESIGNER}
EVERYBODY = LEARNERS | SETTERS

_MARK = "_lti_peer_policy"


def declare(policy: Policy) -> Callable[[View], View]:
    """Return a decorator that writes the policy on a view."""

    def mark(view: View) -> View:
        setattr(view, _MARK, policy)
        return view

    return mark


def allow(roles: frozenset[Role]) -> Callable[[View], View]:
    """Return a decorator: a visit with one of `roles` opens the route."""
    return declare(Policy(Access.VISIT, roles))


public = declare(Policy(Access.PUBLIC))
launch = declare(Policy(Access.LAUNCH))
service = declare(Policy(Access.SERVICE))
admin = declare(Policy(Access.ADMIN))


def of(view: Callable[..., object] | None) -> Policy | None:
    """Return what the view declares, or None."""
    return getattr(view, _MARK, None)
