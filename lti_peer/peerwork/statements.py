"""What all sentences about an activity share: who says it, where it belongs, under which id.

A kind's `statements.py` says its own sentences with `say`. Addresses are stable names, not pages:
they hold ids of ours and never a name, a title or a text that a person wrote.
"""

from datetime import datetime
from typing import Unpack
from uuid import UUID

from sqlalchemy.orm import Session

from lti_peer.core import records
from lti_peer.core.models import Person
from lti_peer.core.visit import Visit
from xapi.identity import Account, registration_id, statement_id
from xapi.statement import Details, Thing, build
from xapi.vocabulary import (
    COURSE,
    KINDS,
    LTI_CONTEXT,
    LTI_RESOURCE_LINK,
    ActivityType,
    Extension,
    Verb,
)


def actor(visit: Visit) -> Account:
    """Return the visitor's account: the LMS's issuer and `sub`, no name and no address."""
    return account(visit.person)


def account(person: Person) -> Account:
    """Return a person's account: the LMS's issuer and `sub`."""
    return Account(person.platform.issuer, person.subject)


def registration(visit: Visit, person: Person) -> UUID:
    """Return what all statements of one person in the visit's activity share."""
    return registration_id(visit.deployment_id, visit.activity.id, person.id)


def activity(visit: Visit) -> Thing:
    """Return the visit's activity as what a statement is about, or is part of."""
    kind = KINDS.get(visit.activity.kind)
    return Thing(
        f"{visit.base_url}/activities/{visit.activity.id}", kind, kind.name if kind else ""
    )


def course(visit: Visit) -> Thing:
    """Return the visit's course."""
    return Thing(f"{visit.base_url}/courses/{visit.course.id}", COURSE, COURSE.name)


def part(visit: Visit, kind: ActivityType, what: UUID) -> Thing:
    """Return something within the activity, such as a submission, by its id."""
    word = kind.id.rsplit("/", 1)[-1]
    return Thing(f"{visit.base_url}/{word}/{what}", kind, kind.name)


def context(visit: Visit, person: Person | None = None) -> Details:
    """Return what every statement about the activity says beside its sentence.

    `person` is whose registration it carries, the visitor's by default. Parent is the activity,
    grouping the course, category the version of our profile (xapi.md 4.4).
    """
    return {
        "registration": registration(visit, person or visit.person),
        "parent": (activity(visit),),
        "grouping": (course(visit),),
        "platform": "lti-peer",
        "language": "en",
        "context_extensions": _lti(visit),
    }


def say(
    session: Session,
    visit: Visit,
    verb: Verb,
    thing: Thing,
    *event: object,
    person: Person | None = None,
    at: datetime | None = None,
    **details: Unpack[Details],
) -> UUID:
    """Put one sentence into the outbox and return its id: `person` did `verb` to `thing`.

    `person` is the visitor by default, `at` is now. `event` names what happened (say, an
    allocation's id and a version), so saying it twice is harmless: the verb, it and the tenant make
    the statement's id. Context extensions of `details` are added to those of `context`.

    Raises InvalidStatementError when it breaks a rule of xAPI 1.0.3.
    """
    who = person or visit.person
    all_details = context(visit, who)
    if thing.id == activity(visit).id:
        del all_details["parent"]
    more = {**all_details["context_extensions"], **details.pop("context_extensions", {})}
    all_details.update(details)
    all_details["context_extensions"] = more
    uuid = statement_id(visit.deployment_id, verb.id, *event)
    statement = build(
        uuid, actor=account(who), verb=verb, thing=thing, at=at or visit.now, **all_details
    )
    records.emit(session, visit, statement)
    return uuid


def _lti(visit: Visit) -> dict[Extension, str]:
    found = {LTI_CONTEXT: visit.course.context_key}
    if visit.activity.resource_link_key:
        found[LTI_RESOURCE_LINK] = visit.activity.resource_link_key
    return found
