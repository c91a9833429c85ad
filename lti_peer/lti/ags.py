"""Grades on their way to the LMS: the outbox's sender for Assignment and Grade Services 2.0.

Each grade is stamped and committed before it is sent, sent with no transaction open, and settled
afterwards. A worker that dies in between sends it again with a later stamp: the LMS then has the
same grade, and nothing twice.
"""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_peer.core import grades
from lti_peer.core.db import Database
from lti_peer.core.grades import Grade, GradeState
from lti_peer.core.keys import Vault
from lti_peer.core.models import Platform, Standing
from lti_peer.core.outbox import TOLD, Claim, Outcome
from lti_peer.lti import columns, platforms, services
from lti_peer.lti.claims import SCORE_TYPE
from lti_peer.lti.columns import Column, NoColumn
from lti_peer.lti.http import Answer, EgressError
from lti_peer.lti.results import NotReadable, Result, Shown
from lti_peer.lti.services import Call, Declined, NotApproved, Services, below
from lti_peer.lti.tokens import TokenRefused
from lti_peer.lti.verdicts import (
    CHANGED_THERE,
    DONE,
    LONGEST_REST,
    NEWER_THERE,
    NOT_ACTIVE,
    STOPPED,
    Fate,
    Verdict,
    explain,
    judge,
)

log = structlog.get_logger()

STEP = timedelta(seconds=1)
"""Between two stamps of one grade: Moodle compares whole seconds (security.md R5)."""
BUDGET_S = 40.0
"""After this time no further item is begun: the outbox's lease is a minute."""
NOT_REACHED = Outcome("Not reached in time.", wait=timedelta(seconds=1), blameless=True)
MOST_REFUSALS = 6
"""Tries after which we believe an LMS that its grade is newer."""
WHILE_STOPPED = timedelta(hours=1)
"""Between two looks at a grade whose sending staff have stopped; starting again asks at once."""


@dataclass
class Dispatch:
    """One grade that is to be sent, as far as it is known when that begins."""

    grade_id: UUID
    version: int
    share: float
    """Both as last read; what was sent is what `Score` said."""
    ours: tuple[float | None, ...]
    """What the LMS may show that comes from us."""
    unknown: bool
    """What the LMS was told is not known any more, so nothing there can be called foreign."""
    subject: str
    """The person, as their LMS knows them."""
    platform: Platform
    approved: bool
    """Whether the platform and its deployment may be used."""
    stopped: bool
    """Whether staff have stopped the sending of this activity's grades."""
    column: Column

    def which(self, there: Result | None) -> float | None:
        """Return which of ours the LMS shows."""
        shown = [share for share in self.ours if there is not None and there.shows(share)]
        return shown[0] if shown else None

    def is_foreign(self, there: Result) -> bool:
        """Whether somebody else put there what the LMS shows."""
        return not self.unknown and self.which(there) is None


@dataclass(frozen=True)
class Score:
    """What is sent of a grade."""

    share: float
    comment: str
    stamp: datetime


class GradeSender:
    """Sends claimed grades one after another; an LMS that is away holds up no other LMS's."""

    def __init__(
        self,
        database: Database,
        services: Services,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read and settle grades in `database`; `clock` counts seconds."""
        self._database = database
        self._services = services
        self._clock = clock
        self._resting: dict[UUID, tuple[float, Verdict]] = {}

    def __call__(self, claims: Sequence[Claim]) -> list[tuple[Claim, Outcome]]:
        """Return what became of each claim, in their order."""
        ends, shown = self._clock() + BUDGET_S, Shown(self._services)
        return [
            (claim, self._one(claim, shown) if self._clock() < ends else NOT_REACHED)
            for claim in claims
        ]

    def _one(self, claim: Claim, shown: Shown) -> Outcome:
        dispatch = self._load(UUID(claim.payload["grade"]))
        if dispatch is None:
            return TOLD  # the person or the activity was erased: there is nothing left to say
        verdict = self._rest(dispatch.platform) or self._send(dispatch, claim.attempts, shown)
        self._settle(dispatch, verdict)
        if verdict.fate is not Fate.TOLD:
            log.info(
                "grade_not_taken",
                fate=verdict.fate,
                grade=claim.payload["grade"],
                platform=str(dispatch.platform.id),
            )
        return verdict.outcome

    def _load(self, grade_id: UUID) -> Dispatch | None:
        """Read the grade as it is, and what the LMS is known to have of it."""
        with self._database.transaction() as session:
            grade = session.get(Grade, grade_id)
            if grade is None:
                return None
            deployment = grade.activity.course.deployment
            states = {deployment.state, deployment.platform.state}
            return Dispatch(
                grade_id=grade.id,
                version=grade.version,
                share=grade.share,
                ours=(grade.known_share, grade.offered_share, grade.share),
                unknown=grade.sent_version > 0 and grade.known_share is None,
                subject=grade.person.subject,
                platform=deployment.platform,
                approved=states == {Standing.ACTIVE},
                stopped=grades.is_stopped(session, grade.activity_id),
                column=columns.know(session, grade.activity, grade.component),
            )

    def _rest(self, platform: Platform) -> Verdict | None:
        """Return the verdict on an LMS that is left alone just now."""
        until, verdict = self._resting.get(platform.id, (0.0, DONE))
        left = until - self._clock()
        if left <= 0:
            self._resting.pop(platform.id, None)
            return None
        return replace(verdict, rest=timedelta(seconds=left))

    def _send(self, dispatch: Dispatch, attempts: int, shown: Shown) -> Verdict:
        if dispatch.stopped:
            return Verdict(Fate.LATER, STOPPED, WHILE_STOPPED)
        if not dispatch.approved:
            return Verdict(Fate.LATER, NOT_ACTIVE, LONGEST_REST)
        try:
            verdict = self._offer(dispatch, attempts, shown)
        except NoColumn as missing:
            verdict = missing.verdict
        except Declined as refusal:
            verdict = judge(refusal.answer, platforms.of(dispatch.platform))
        except (EgressError, TokenRefused, NotApproved) as fault:
            verdict = explain(fault)
        if verdict.rest is not None:
            until = self._clock() + verdict.rest.total_seconds()
            self._resting[dispatch.platform.id] = (until, verdict)
        return verdict

    def _offer(self, dispatch: Dispatch, attempts: int, shown: Shown) -> Verdict:
        """Look at what the LMS shows, and send the grade unless somebody changed it there."""
        url = columns.address(self._database, self._services, dispatch.platform, dispatch.column)
        known = None
        with suppress(NotReadable):  # not every LMS lets the tool see what it shows
            there = shown.of(dispatch.platform, url, dispatch.subject)
            if there is not None and dispatch.is_foreign(there):
                return self._changed(dispatch, there)
            known = dispatch.which(there)
        return self._post(dispatch, url, attempts, known, shown)

    def _post(
        self, dispatch: Dispatch, url: str, attempts: int, known: float | None, shown: Shown
    ) -> Verdict:
        quirks = platforms.of(dispatch.platform)
        score = self._stamped(dispatch, known, None)
        if score is None:
            return DONE  # it was erased just now: there is nothing left to say
        answer = self._give(dispatch, score, url, shown)
        verdict = judge(answer, quirks)
        if verdict.fate is Fate.OLDER:
            score = self._stamped(dispatch, known, _date(answer)) or score
            answer = self._give(dispatch, score, url, shown)
            verdict = judge(answer, quirks)
        if verdict.fate is Fate.OLDER:
            return self._newer_there(dispatch, url, attempts, shown)
        if verdict.fate is Fate.GONE:
            with self._database.transaction() as session:
                columns.forget(session, dispatch.column.id, url)
        return verdict

    def _give(self, dispatch: Dispatch, score: Score, url: str, shown: Shown) -> Answer:
        scopes = shown.scopes(dispatch.platform)
        return self._services.call(dispatch.platform, _score(dispatch, score, url, scopes))

    def _stamped(
        self, dispatch: Dispatch, known: float | None, there: datetime | None
    ) -> Score | None:
        """Return the grade to send as it is now, its stamp and itself written down before.

        The stamp is later than any before, and than the LMS's own clock where that is known:
        Moodle keeps when a score came to it.
        """
        with self._database.transaction() as session:
            grade = grades.offer(session, dispatch.grade_id, step=STEP, known=known)
            if grade is None or grade.stamped_at is None:
                return None
            if there is not None:
                grade.stamped_at = max(grade.stamped_at, there + STEP)
            dispatch.version, dispatch.share = grade.version, grade.share
            return Score(grade.share, grade.comment, grade.stamped_at)

    def _changed(self, dispatch: Dispatch, there: Result) -> Verdict:
        """Leave what somebody put there, and show it to staff beside ours."""
        with self._database.transaction() as session:
            session.execute(
                update(Grade)
                .where(Grade.id == dispatch.grade_id)
                .values(found_share=there.share)
                .execution_options(synchronize_session=False)
            )
        return Verdict(
            Fate.CHANGED,
            CHANGED_THERE.format(
                points=f"{there.points:g}",
                maximum=f"{there.maximum:g}",
                ours=f"{round(dispatch.share * there.maximum, 2):g}",
            ),
        )

    def _newer_there(self, dispatch: Dispatch, url: str, attempts: int, shown: Shown) -> Verdict:
        """Say whether what the LMS has is this very grade; else try again, and in the end stop."""
        there = shown.afresh(dispatch.platform, url, dispatch.subject)
        if there is not None and there.shows(dispatch.share):
            return DONE
        if there is not None and dispatch.is_foreign(there):
            return self._changed(dispatch, there)
        last = attempts + 1 >= MOST_REFUSALS
        return Verdict(Fate.NEVER if last else Fate.LATER, NEWER_THERE)

    def _settle(self, dispatch: Dispatch, verdict: Verdict) -> None:
        with self._database.transaction() as session:
            _settle(session, dispatch, verdict)


def sender(database: Database, vault: Vault, *, private: bool) -> GradeSender:
    """Return the sender for the outbox's AGS channel; `private` allows http and loopback."""
    return GradeSender(database, services.build(database, vault, private=private))


def _settle(session: Session, dispatch: Dispatch, verdict: Verdict) -> None:
    """Write down what the LMS has. News that came meanwhile keeps its own state."""
    told = verdict.fate is Fate.TOLD
    if told:
        session.execute(
            update(Grade)
            .where(Grade.id == dispatch.grade_id, Grade.sent_version < dispatch.version)
            .values(sent_version=dispatch.version, known_share=dispatch.share)
        )
    untold = {Fate.CHANGED: GradeState.CHANGED}.get(
        verdict.fate, GradeState.REFUSED if verdict.is_final else GradeState.WAITING
    )
    session.execute(
        update(Grade)
        .where(Grade.id == dispatch.grade_id, Grade.version == dispatch.version)
        .values(state=GradeState.SENT if told else untold, problem=verdict.sentence)
    )


def _score(dispatch: Dispatch, score: Score, url: str, scopes: frozenset[str]) -> Call:
    """Return the call that sends the grade; the share is scaled to the column's maximum."""
    maximum = dispatch.column.maximum
    body: dict[str, Any] = {
        "userId": dispatch.subject,
        "scoreGiven": score.share * maximum,
        "scoreMaximum": maximum,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": score.stamp.isoformat(timespec="microseconds"),
        **platforms.of(dispatch.platform).score,
    }
    if score.comment:
        body["comment"] = score.comment
    return Call(
        "POST",
        below(url, "scores"),
        scopes,
        media_type=SCORE_TYPE,
        body=json.dumps(body, allow_nan=False).encode(),
    )


def _date(answer: Answer) -> datetime | None:
    """Return the LMS's clock as its answer shows it, to the second."""
    try:
        found = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
