"""The audit as people read it: who did what, when, to which LMS or activity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from lti_peer.core.audit import AuditEntry
from lti_peer.core.models import Activity, Course, Person

PAGE = 50

SENTENCES: Mapping[str, str] = {
    "admin_link_made": "made a sign-in link for {name}",
    "admin_signed_in": "signed in",
    "admin_signed_out": "signed out",
    "admin_signed_out_all": "signed everybody out",
    "platform_registered": "registered {name}",
    "platform_added": "added the LMS {name}",
    "platform_approved": "approved the LMS {name}",
    "platform_disabled": "disabled the LMS {name}",
    "platform_removed": "removed the LMS {name}",
    "deployment_approved": "approved deployment {deployment} of {name}",
    "deployment_disabled": "disabled deployment {deployment} of {name}",
    "invitation_made": "invited an LMS to register",
    "person_blocked": "let somebody of {name} in no more",
    "person_unblocked": "let somebody of {name} in again",
    "services_tried": "tried the services of {name}",
    "keys_rotated": "published a new key",
    "delivery_read": "read what a delivery says",
    "delivery_retried": "sent a delivery again",
    "delivery_mended": "mended a statement and sent it again",
    "deliveries_retried": "sent {count} refused deliveries again",
    "records_key_made": "made the record store's key {name}",
    "records_key_removed": "removed the record store's key {name}",
    "records_sent_again": "put {count} missing statements for {endpoint} back into the outbox",
    "records_endpoint_added": "sent learning records to {name} as well",
    "records_endpoint_rekeyed": "used another key for {name}",
    "records_endpoint_tried": "tried the record store {name}",
    "records_endpoint_paused": "let learning records wait for {name}",
    "records_endpoint_resumed": "sent learning records to {name} again",
    "records_endpoint_removed": "sent no more learning records to {name}",
    "chose_kind": "set up a new activity",
    "changed_settings": "changed the settings",
    "closed_phase": "closed a phase",
    "extended": "gave an extension",
    "released_grades": "released {count} grades",
    "stopped_grades": "stopped sending grades",
    "resumed_grades": "let grades be sent again",
    "resent_grades": "sent {count} refused grades again",
    "copied_settings": "took over the settings of another activity",
    "sent_over_change": "sent a grade over a change made in the LMS",
    "resolved_flag": "answered a call",
    "matched": "matched people",
    "ended_pair": "ended a pair",
}
"""What each act is called; one that is not here is shown by its name."""
SHOWN = (
    "scopes",
    "hosts",
    "deployments",
    "failed",
    "channel",
    "compromised",
    "signs_from",
    "phase",
    "kind",
)
"""What else of an act's detail is shown."""


@dataclass(frozen=True)
class ActLine:
    """One act as the page shows it."""

    id: UUID
    at: datetime
    who: str
    by_admin: bool
    words: str
    more: str
    where: str
    """The course and the activity; empty for an administrator's act."""


def history(
    session: Session, before: tuple[datetime, UUID] | None = None
) -> tuple[list[ActLine], str]:
    """Return fifty acts, newest first, from `before` on, and the mark of where older ones begin.

    The mark is empty when there are none.
    """
    query = _entries()
    if before is not None:
        at, entry = before
        older = and_(AuditEntry.at == at, AuditEntry.id < entry)
        query = query.where(or_(AuditEntry.at < at, older))
    rows = session.execute(query.limit(PAGE + 1)).all()
    lines = [_line(*row) for row in rows[:PAGE]]
    last = lines[-1] if len(rows) > PAGE else None
    return lines, f"{last.at.isoformat()}~{last.id}" if last else ""


def _entries() -> Select[AuditEntry, Person | None, Activity | None, Course | None]:
    return (
        select(AuditEntry, Person, Activity, Course)
        .outerjoin(Person, Person.id == AuditEntry.person_id)
        .outerjoin(Activity, Activity.id == AuditEntry.activity_id)
        .outerjoin(Course, Course.id == Activity.course_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )


def _line(
    entry: AuditEntry, person: Person | None, activity: Activity | None, course: Course | None
) -> ActLine:
    places = [course.title or course.label if course else "", activity.title if activity else ""]
    return ActLine(
        id=entry.id,
        at=entry.at,
        who=entry.actor or (person.name if person and person.name else "staff of a course"),
        by_admin=bool(entry.actor),
        words=_words(entry.act, entry.detail),
        more=_more(entry.detail),
        where=", ".join(filter(None, places)),
    )


def _words(act: str, detail: Mapping[str, Any]) -> str:
    sentence = SENTENCES.get(act, act.replace("_", " "))
    return sentence.format_map(_Known(detail))


def _more(detail: Mapping[str, Any]) -> str:
    found = {name: detail[name] for name in SHOWN if detail.get(name)}
    return "; ".join(f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in found.items())


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "yes" if value is True else str(value)


class _Known(dict[str, Any]):
    """What an act's detail says; an older entry may lack a word that a sentence names now."""

    def __missing__(self, key: str) -> str:
        return "…"
