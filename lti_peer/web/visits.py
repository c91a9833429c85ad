"""Visits: one for each launch, known by the id in the path and the proof in a cookie of its own.

The cookie is `__Host-`, Secure, HttpOnly, SameSite=None and Partitioned, the only sort that an
iframe on another site keeps when third-party cookies are blocked (security.md, fact 5). A browser
that keeps none at all but answered Platform Storage carries the proof in the path instead.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Response, current_app, g, request, url_for
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session, contains_eager
from werkzeug.routing import BaseConverter, ValidationError

from lti_peer.core import db
from lti_peer.core.errors import Blocked, NotAllowed, SignInAgain
from lti_peer.core.models import Activity, Course, Person, Role
from lti_peer.core.visit import Visit, VisitRecord

IDLE = timedelta(hours=2)
IDLE_IN_PATH = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
TOUCH_AFTER = timedelta(minutes=1)
COOKIE = "__Host-peer-visit-"
VISIT_ID = re.compile(r"[0-9a-f]{32}")
RELAUNCH = "Open the activity again from your course page. What you typed is kept."

_WHO_IS_HERE = (
    select(VisitRecord, Person, Course, Activity)
    .join(Person, Person.id == VisitRecord.person_id)
    .join(Person.platform)
    .join(Course, Course.id == VisitRecord.course_id)
    .outerjoin(Activity, Activity.id == VisitRecord.activity_id)
    .options(contains_eager(Person.platform))
    .where(VisitRecord.id == bindparam("visit"))
)
"""Every request asks this first, so it is made once: to make it takes longer than to answer it."""


@dataclass(frozen=True)
class Key:
    """What the path says: which visit, and the proof where no cookie can carry it."""

    id: UUID
    proof: str = ""


class KeyConverter(BaseConverter):
    """Reads `<id>` or `<id>~<proof>` from a path."""

    regex = r"[0-9a-f]{32}(?:~[A-Za-z0-9_-]{43})?"

    def to_python(self, value: str) -> Key:
        """Return the key that the path names."""
        name, _, proof = value.partition("~")
        try:
            return Key(UUID(hex=name), proof)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: Key) -> str:
        """Return the key as it stands in a path."""
        return f"{value.id.hex}~{value.proof}" if value.proof else value.id.hex


@dataclass(frozen=True)
class Begun:
    """A visit that has just begun: its record, and the proof that only the browser may know."""

    record: VisitRecord
    proof: str

    @property
    def key(self) -> Key:
        """What its addresses carry."""
        return Key(self.record.id, self.proof if self.record.in_path else "")


@dataclass(frozen=True)
class Guest:
    """Who comes, into which course and activity, as what: what a launch has established."""

    person: Person
    course: Course
    role: Role
    activity: Activity | None = None
    zone: str = "UTC"
    locale: str = "en"
    return_url: str = ""
    deep_link: dict[str, Any] | None = None


def begin(session: Session, guest: Guest, *, in_path: bool = False) -> Begun:
    """Begin a visit and forget those that are over; `mark` gives its cookie to the answer."""
    moment = db.now(session)
    over = delete(VisitRecord).where(VisitRecord.ends_at < moment)
    with session.no_autoflush:
        session.execute(over, execution_options={"synchronize_session": False})
    proof = secrets.token_urlsafe(32)
    record = VisitRecord(
        id=uuid4(),
        deployment_id=guest.course.deployment_id,
        course_id=guest.course.id,
        person_id=guest.person.id,
        activity_id=guest.activity.id if guest.activity else None,
        role=guest.role,
        proof_hash=_hash(proof),
        in_path=in_path,
        zone=guest.zone,
        locale=guest.locale,
        return_url=guest.return_url,
        deep_link=guest.deep_link,
        started_at=moment,
        used_at=moment,
        ends_at=moment + LONGEST,
    )
    session.add(record)
    return Begun(record, proof)


def mark(response: Response, begun: Begun) -> None:
    """Give the answer the visit's cookie, and take the cookies of visits that are over."""
    known = {record.hex for record in _alive()}
    for name in request.cookies:
        if name.startswith(COOKIE) and name.removeprefix(COOKIE) not in known:
            _set(response, name, "", max_age=0)
    if not begun.record.in_path:
        _set(
            response,
            COOKIE + begun.record.id.hex,
            begun.proof,
            max_age=int(LONGEST.total_seconds()),
        )


def open_visit(session: Session, key: Key) -> Visit:
    """Return the visit that the path and the cookie prove; else raises SignInAgain, or Blocked."""
    found = session.execute(_WHO_IS_HERE, {"visit": key.id}).one_or_none()
    proof = key.proof or request.cookies.get(COOKIE + key.id.hex, "")
    if found is None or not hmac.compare_digest(found.VisitRecord.proof_hash, _hash(proof)):
        raise SignInAgain("This page is not open for you any more.", advice=RELAUNCH)
    record: VisitRecord = found.VisitRecord
    if bool(key.proof) != record.in_path:
        raise SignInAgain("This page is not open for you any more.", advice=RELAUNCH)
    if found.Person.blocked_at is not None:
        raise Blocked
    moment = db.now(session)
    if record.ends_at < record.started_at + LONGEST:
        raise SignInAgain(
            "Your LMS says that you are not in this course any more, so this page has closed."
        )
    idle = IDLE_IN_PATH if record.in_path else IDLE
    if moment >= min(record.ends_at, record.used_at + idle):
        raise SignInAgain(
            "You have been away for a while, so this page has closed.", advice=RELAUNCH
        )
    if moment - record.used_at > TOUCH_AFTER:
        _touch(session, record.id, moment)
    g.visit_record, g.visit_proof = record, proof
    return Visit(
        id=record.id,
        person=found.Person,
        course=found.Course,
        role=record.role,
        now=moment + session.info["database"].shift,
        base_url=current_app.config["BASE_URL"],
        zone=record.zone,
        locale=record.locale,
        return_url=record.return_url,
        chosen=found.Activity,
        deep_link=record.deep_link,
    )


def current() -> Visit:
    """Return the visit of the request that is being answered.

    Raises SignInAgain outside a visit.
    """
    visit: Visit | None = g.get("visit")
    if visit is None:
        raise SignInAgain("This page is not open for you any more.", advice=RELAUNCH)
    return visit


def choose(session: Session, activity: Activity) -> None:
    """Make `activity` what the current visit is about, after an instructor has chosen it."""
    record = session.get(VisitRecord, current().id)
    assert record is not None  # the visit was opened from it
    record.activity_id = activity.id


def after_setup(home: str) -> str:
    """Return where to go when settings are saved: back to the LMS with the link, or `home`."""
    if current().deep_link is not None:
        return url_for("deep_linking.confirm")
    return home


def token() -> str:
    """Return the visit's token against forged requests; empty outside a visit."""
    proof: str = g.get("visit_proof", "")
    vault = current_app.extensions["vault"]
    return str(vault.sign("csrf", proof)) if proof else ""


def demand_own_form() -> None:
    """Refuse a request that changes something and was not sent by one of our own pages.

    SameSite=None cookies protect nothing, so there is a token for each visit, and the browser's
    own word on where the request came from (security.md T19). Raises NotAllowed.
    """
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "")
    own = current_app.config["BASE_URL"]
    foreign = origin not in {"", own} and not (origin == "null" and site == "same-origin")
    if foreign or site != "same-origin" or not hmac.compare_digest(sent.encode(), token().encode()):
        raise NotAllowed(
            "This form did not come from a page of ours, so nothing was changed.",
            advice="Go back, reload the page, and send it again.",
            code="forged_form",
        )


def _alive() -> list[UUID]:
    names = [n.removeprefix(COOKIE) for n in request.cookies if n.startswith(COOKIE)]
    ids = [UUID(hex=name) for name in names if VISIT_ID.fullmatch(name)]
    if not ids:
        return []
    return list(db.session().scalars(select(VisitRecord.id).where(VisitRecord.id.in_(ids))))


def _touch(session: Session, record_id: UUID, moment: datetime) -> None:
    """Note the use in a transaction of its own: a GET's transaction writes nothing."""
    database: db.Database = session.info["database"]
    if not session.info["read_only"]:
        session.get_one(VisitRecord, record_id).used_at = moment
        return
    with database.transaction() as own:
        own.get_one(VisitRecord, record_id).used_at = moment


def _set(response: Response, name: str, value: str, *, max_age: int) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="None",
        partitioned=True,
    )  # fmt: skip


def _hash(proof: str) -> str:
    return hashlib.sha256(proof.encode()).hexdigest()
