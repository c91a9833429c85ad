"""Whom the tool lets in no more, whatever the LMS says (security.md L21).

Nothing of theirs is deleted. They count as somebody who has left their courses, so that nobody is
left waiting for them; a launch or a roster brings them back once they are let in again.
"""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from lti_peer.core import audit, db
from lti_peer.core.errors import Conflict, NotFound
from lti_peer.core.models import Membership, Person

MOST_ALIKE = 20
"""People that are named when a word fits more than one."""


def blocked(session: Session, platform_id: UUID | None = None) -> Sequence[Person]:
    """Return who is blocked, of one LMS or of all, by name; their platforms are loaded."""
    query = (
        select(Person).where(Person.blocked_at.is_not(None)).options(joinedload(Person.platform))
    )
    if platform_id is not None:
        query = query.where(Person.platform_id == platform_id)
    return session.scalars(query.order_by(Person.name, Person.subject)).all()


def find(session: Session, word: str, platform_id: UUID | None = None) -> Person:
    """Return the one person whose id in the LMS or here, or whose e-mail address, is `word`.

    Raises NotFound when there is none, and Conflict, naming their ids, when there are several.
    """
    named = [Person.subject == word, func.lower(Person.email) == word.lower()]
    with suppress(ValueError):
        named.append(Person.id == UUID(word))
    query = select(Person).where(or_(*named)).order_by(Person.created_at).limit(MOST_ALIKE)
    if platform_id is not None:
        query = query.where(Person.platform_id == platform_id)
    found = session.scalars(query.options(joinedload(Person.platform))).all() if word else []
    if not found:
        raise NotFound(
            "Nobody has this id or e-mail address.",
            advice="Somebody is known once they have come, or once a roster has named them.",
        )
    if len(found) > 1:
        ids = ", ".join(f"{one.id} ({one.platform.name})" for one in found)
        raise Conflict(f"Several people fit. Say which by their id here: {ids}.")
    return found[0]


def block(session: Session, actor: str, person: Person) -> None:
    """Let a person in no more, from their next request on. Blocking twice is blocking once."""
    if person.blocked_at is not None:
        return
    person.blocked_at = db.now(session)
    session.execute(
        update(Membership)
        .where(Membership.person_id == person.id, Membership.active)
        .values(active=False)
    )
    _note(session, actor, "person_blocked", person)


def unblock(session: Session, actor: str, person: Person) -> None:
    """Let a person in again; a page of theirs that is not over by its time opens again as well."""
    if person.blocked_at is not None:
        person.blocked_at = None
        _note(session, actor, "person_unblocked", person)


def _note(session: Session, actor: str, act: str, person: Person) -> None:
    about = {"platform": str(person.platform_id), "name": person.platform.name}
    audit.record(session, actor, act, person=str(person.id), **about)
