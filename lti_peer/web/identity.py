"""The one place that decides who somebody is to the person who looks (house.md, rule 6).

Templates print what `name_for` gives through the macro `person`, and nothing else. What a learner
meets under anonymity is named by a token that belongs to the viewer and the activity: two people
cannot compare what they see, and the tool's own ids stay inside (security.md T12, Y3, Y7).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from flask import current_app

from lti_peer.core.models import Membership
from lti_peer.core.visit import Visit

Item = TypeVar("Item")

TOKEN_LENGTH = 20
"""Hexadecimal digits: 80 bits, so that no two things meet and none is guessed."""


@dataclass(frozen=True)
class Shown:
    """Who somebody is to the viewer: the words, whether they stand for a name, whether it is you.

    The fields are the arguments of the macro `person`.
    """

    shown: str
    hidden: bool = False
    you: bool = False


def name_for(visit: Visit, member: Membership, *, hidden_as: str = "") -> Shown:
    """Return who `member` is to the visitor.

    `hidden_as` is what a learner reads instead of the name ("Reviewer 2"); staff always read the
    name, and everybody their own. Somebody without a name is "Participant 7".
    """
    you = member.person_id == visit.person.id
    if hidden_as and not you and not visit.is_staff:
        return Shown(hidden_as, hidden=True)
    return Shown(name_of(member), you=you)


def name_of(member: Membership) -> str:
    """Return the name that the LMS sent, or "Participant 7" where it sends none: for staff."""
    return called(member.person.name, member.number)


def called(name: str, number: int) -> str:
    """Return what staff read for whom the LMS calls `name`, which may be empty."""
    return name or f"Participant {number}"


def token(visit: Visit, what: UUID) -> str:
    """Return what the viewer's pages call `what`: the same each time, another for anybody else."""
    text = f"{visit.activity.id} {visit.person.id} {what}"
    return str(current_app.extensions["vault"].sign("token", text))[:TOKEN_LENGTH]


def shuffled(visit: Visit, items: Iterable[Item], key: Callable[[Item], UUID]) -> list[Item]:
    """Return the items in an order of the viewer's own, stable, that says nothing of who or when.

    `key` gives an item's id.
    """
    return sorted(items, key=lambda item: token(visit, key(item)))
