"""The record stores that statements go to, as administrators see and change them.

The admin page and `lti-peer records endpoint` act through these; each act is written to the audit.
What is shown of a store's health follows from the outbox: breakers live in the workers' memory.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_peer.core import audit, db, endpoints, outbox
from lti_peer.core.endpoints import OWN, OWN_NAME, RecordEndpoint
from lti_peer.core.errors import Invalid, NotFound
from lti_peer.core.keys import Vault
from lti_peer.core.models import Deployment, Platform
from lti_peer.core.outbox import Channel, Delivery, OutboxItem
from lti_peer.lti import guard
from xapi.client import DeliveryError, RecordStore

NAME_LENGTH: Final = 80
URL_LENGTH: Final = 2_000
KEY_LENGTH: Final = 255
NEWEST: Final = 200
"""Waiting items that are looked through for a reason; what was tried is due later than the rest."""
ACCEPTED: Final = (200, 204, 400, 422)
"""Answers to an empty batch from a store that lets the key write: nothing is stored."""
ANSWERS: Final[Mapping[int, str]] = {
    401: "It does not know this key, or the secret is not the right one (401).",
    403: "This key may not write there (403).",
    404: "There is no record store at this address (404). It is the one above /statements.",
}
UNHEARD: Final = "No answer comes from this address. Is it right, and is the store running?"
SILENCES: Final[Mapping[str, str]] = {
    "NotAllowed": "Its address is in a private network, and only the public net is called.",
    "SSLError": "Its certificate is not trusted.",
    "ConnectTimeout": UNHEARD,
    "ConnectionError": UNHEARD,
}
"""Why no answer came, by what stopped it."""


@dataclass(frozen=True)
class StoreLine:
    """One record store as the pages show it."""

    endpoint: RecordEndpoint | None
    """None for the tool's own."""
    waiting: int
    sent: int
    refused: int
    sent_at: datetime | None
    """When it last took something."""
    problem: str
    """Why something waits that was tried already; empty when nothing does."""
    asked_at: datetime | None
    """When it is asked again; None without a problem."""


@dataclass(frozen=True)
class Trial:
    """What a store answered when it was asked."""

    writes: bool
    speaks: list[str]
    """The versions of xAPI that it says it speaks."""
    words: str
    """One or two sentences."""
    reason: str
    """Why the key may not write, as the store or the net put it; empty when it may."""


def overview(session: Session) -> list[StoreLine]:
    """Return every store: the tool's own first, then by name."""
    counts = outbox.by_endpoint(session)
    return [_line(session, one, counts) for one in (None, *endpoints.standing(session))]


def line(session: Session, store_id: UUID) -> StoreLine:
    """Return one store; raises NotFound."""
    return _line(session, find(session, store_id), outbox.by_endpoint(session))


def find(session: Session, store_id: UUID) -> RecordEndpoint:
    """Return one endpoint; raises NotFound."""
    found = session.get(RecordEndpoint, store_id)
    if found is None:
        raise NotFound("There is no such record store.", code="no_endpoint")
    return found


def owners(session: Session) -> list[tuple[UUID, str]]:
    """Return each deployment's id, and how to call it, by the name of its LMS."""
    rows = session.execute(
        select(Deployment.id, Platform.name, Deployment.deployment_key)
        .join(Platform, Platform.id == Deployment.platform_id)
        .order_by(Platform.name, Deployment.created_at)
    )
    return [(one, f"{name}, deployment {key}") for one, name, key in rows]


def add(
    session: Session,
    vault: Vault,
    actor: str,
    endpoint: RecordEndpoint,
    *,
    pseudonyms: bool,
    private: bool,
) -> None:
    """Tell a further store what is said from this commit on; its `secret` is still plain.

    `private` lets it be in a private network, in development alone. Raises Invalid with a sentence
    for each field that is wrong.
    """
    wrong = _wrong(session, endpoint, private=private)
    if wrong:
        raise Invalid("Nothing was added: " + " ".join(wrong.values()), wrong)
    endpoints.add(session, vault, endpoint, pseudonyms=pseudonyms)
    _note(session, actor, "records_endpoint_added", endpoint)


def rekey(
    session: Session, vault: Vault, actor: str, endpoint: RecordEndpoint, key: str, secret: str
) -> None:
    """Use another key from now on; what waits goes out with it. Raises Invalid for an empty one."""
    wrong = _missing(key, secret)
    if wrong:
        raise Invalid("Nothing was changed: " + " ".join(wrong.values()), wrong)
    endpoint.key, endpoint.secret = key[:KEY_LENGTH], vault.encrypt(secret)
    _ask_at_once(session, endpoint)
    _note(session, actor, "records_endpoint_rekeyed", endpoint)


def set_active(session: Session, actor: str, endpoint: RecordEndpoint, *, active: bool) -> None:
    """Let what is said wait for the store, or send it what waits."""
    endpoint.active = active
    _ask_at_once(session, endpoint)
    act = "records_endpoint_resumed" if active else "records_endpoint_paused"
    _note(session, actor, act, endpoint)


def remove(session: Session, actor: str, endpoint: RecordEndpoint) -> int:
    """Tell the store nothing more; return how many statements did not reach it."""
    waiting = outbox.drop(session, endpoint)
    _note(session, actor, "records_endpoint_removed", endpoint, count=waiting)
    return waiting


def note_trial(session: Session, actor: str, endpoint: RecordEndpoint, trial: Trial) -> None:
    """Write down that a store was tried, and how it went."""
    _note(session, actor, "records_endpoint_tried", endpoint, writes=trial.writes)


def ask(store: RecordStore) -> Trial:
    """Ask a store whether the key may write and which versions it speaks; nothing is stored.

    No transaction may be open meanwhile: it can take as long as the store's limits allow.
    """
    try:
        answer = store.request("POST", "statements", body=b"[]")
        reason = "" if answer.status in ACCEPTED else f"{answer.status}: {answer.detail}"
    except DeliveryError as fault:
        reason = str(fault)
    if reason:
        return Trial(writes=False, speaks=[], words=in_words(reason), reason=reason)
    speaks = _versions(store)
    if store.version in speaks:
        words = f"It answers, and the key may write. It speaks {', '.join(speaks)}."
    else:
        said = f"It says {', '.join(speaks)}" if speaks else "It does not say which versions"
        words = f"It answers, and the key may write. It is sent {store.version}. {said}."
    return Trial(writes=True, speaks=speaks, words=words, reason="")


def in_words(error: str) -> str:
    """Return what an error of a delivery means to an administrator; itself where it says it all."""
    silence = re.match(r"No answer: (\w+)\.", error)
    if silence:
        return SILENCES.get(silence[1], error)
    status = re.match(r"(\d{3})[:.]", error)
    return ANSWERS.get(int(status[1]), error) if status else error


def _versions(store: RecordStore) -> list[str]:
    try:
        return store.versions()
    except DeliveryError:
        return []


def _wrong(session: Session, endpoint: RecordEndpoint, *, private: bool) -> dict[str, str]:
    wrong = {}
    if not (0 < len(endpoint.name) <= NAME_LENGTH and endpoint.name.isprintable()):
        wrong["name"] = f"A name has 1 to {NAME_LENGTH} characters that can be printed."
    elif endpoint.name == OWN_NAME:
        wrong["name"] = f"The store of the settings is called {OWN_NAME}; choose another name."
    elif endpoint.name in {one.name for one in endpoints.standing(session)}:
        wrong["name"] = "There is a record store of that name already."
    try:
        guard.check_url(endpoint.url, allow_private=private)
    except guard.Refused as refused:
        wrong["url"] = f"{refused} It must be like https://lrs.example.org/xapi."
    if len(endpoint.url) > URL_LENGTH:
        wrong["url"] = f"An address has at most {URL_LENGTH} characters."
    return wrong | _missing(endpoint.key, endpoint.secret)


def _missing(key: str, secret: str) -> dict[str, str]:
    given = {"key": key, "secret": secret}
    return {name: f"The {name} is missing." for name, value in given.items() if not value}


def _ask_at_once(session: Session, endpoint: RecordEndpoint) -> None:
    """Make what waits for a store due now, and wake the workers when that is committed."""
    session.info["news"] = True
    session.flush()
    moment = db.now(session)
    session.execute(
        update(OutboxItem)
        .where(
            OutboxItem.channel == Channel.XAPI,
            OutboxItem.state == Delivery.PENDING,
            OutboxItem.endpoint_id == endpoint.id,
            OutboxItem.lease.is_(None),
            OutboxItem.due_at > moment,
        )
        .values(due_at=moment)
        .execution_options(synchronize_session=False)
    )


def _line(
    session: Session, endpoint: RecordEndpoint | None, counts: Mapping[UUID, Mapping[str, int]]
) -> StoreLine:
    store = endpoint.id if endpoint else OWN
    of_store = (OutboxItem.channel == Channel.XAPI, OutboxItem.endpoint_id == store)
    latest = (
        select(OutboxItem.last_error, OutboxItem.due_at)
        .where(*of_store, OutboxItem.state == Delivery.PENDING)
        .order_by(OutboxItem.due_at.desc())
        .limit(NEWEST)
        .subquery()
    )
    tried = session.execute(
        select(latest.c.last_error, latest.c.due_at)
        .where(latest.c.last_error != "")
        .order_by(latest.c.due_at.desc())
        .limit(1)
    ).one_or_none()
    sent_at = session.scalar(
        select(OutboxItem.sent_at)
        .where(*of_store, OutboxItem.state == Delivery.SENT)
        .order_by(OutboxItem.due_at.desc())  # as the index has it: the newest is found first
        .limit(1)
    )
    have = counts[store]
    return StoreLine(
        endpoint=endpoint,
        waiting=have[Delivery.PENDING],
        sent=have[Delivery.SENT],
        refused=have[Delivery.DEAD],
        sent_at=sent_at,
        problem=in_words(tried.last_error) if tried else "",
        asked_at=tried.due_at if tried else None,
    )


def _note(
    session: Session, actor: str, act: str, one: RecordEndpoint, **detail: bool | int
) -> None:
    about = {"name": one.name, "url": one.url, **detail}
    audit.record(session, actor, act, **about)
