"""Grades on their way to the LMS: the outbox's sender for Assignment and Grade Services 2.0.

Each grade is stamped and committed before it is sent, sent with no transaction open, and settled
afterwards. A worker that dies in between sends it again with a later stamp: the LMS then has the
same grade, and nothing twice.
"""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
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
from lti_peer.lti.claims import RESULTS_TYPE, SCOPE_RESULT_READ, SCOPE_SCORE, SCORE_TYPE
from lti_peer.lti.columns import Column, NoColumn
from lti_peer.lti.http import Answer, EgressError
from lti_peer.lti.services import Call, NotApproved, Services, asking, below
from lti_peer.lti.tokens import TokenRefused
from lti_peer.lti.verdicts import (
    DONE,
    LONGEST_REST,
    NEWER_THERE,
    NOT_ACTIVE,
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
SAME = 1e-6


@dataclass(frozen=True)
class Dispatch:
    """One grade as it is to be sent, read in one transaction."""

    grade_id: UUID
    version: int
    share: float
    comment: str
    stamp: datetime
    subject: str
    """The person, as their LMS knows them."""
    platform: Platform
    approved: bool
    """Whether the platform and its deployment may be used."""
    column: Column


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
        ends = self._clock() + BUDGET_S
        return [
            (claim, self._one(claim) if self._clock() < ends else NOT_REACHED) for claim in claims
        ]

    def _one(self, claim: Claim) -> Outcome:
        dispatch = self._load(UUID(claim.payload["grade"]))
        if dispatch is None:
            return TOLD  # the person or the activity was erased: there is nothing left to say
        verdict = self._rest(dispatch.platform) or self._send(dispatch, claim.attempts)
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
        """Read the grade and stamp it; the stamp is kept before anything is sent."""
        with self._database.transaction() as session:
            grade = grades.stamp(session, grade_id, step=STEP)
            if grade is None or grade.stamped_at is None:
                return None
            deployment = grade.activity.course.deployment
            states = {deployment.state, deployment.platform.state}
            return Dispatch(
                grade_id=grade.id,
                version=grade.version,
                share=grade.share,
                comment=grade.comment,
                stamp=grade.stamped_at,
                subject=grade.person.subject,
                platform=deployment.platform,
                approved=states == {Standing.ACTIVE},
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

    def _send(self, dispatch: Dispatch, attempts: int) -> Verdict:
        if not dispatch.approved:
            return Verdict(Fate.LATER, NOT_ACTIVE, LONGEST_REST)
        try:
            verdict = self._offer(dispatch, attempts)
        except NoColumn as missing:
            verdict = missing.verdict
        except (EgressError, TokenRefused, NotApproved) as fault:
            verdict = explain(fault)
        if verdict.rest is not None:
            until = self._clock() + verdict.rest.total_seconds()
            self._resting[dispatch.platform.id] = (until, verdict)
        return verdict

    def _offer(self, dispatch: Dispatch, attempts: int) -> Verdict:
        url = columns.address(self._database, self._services, dispatch.platform, dispatch.column)
        quirks = platforms.of(dispatch.platform)
        answer = self._services.call(dispatch.platform, _score(dispatch, url))
        verdict = judge(answer, quirks)
        if verdict.fate is Fate.OLDER:
            later = self._stamp_after(dispatch, answer)
            answer = self._services.call(dispatch.platform, _score(later, url))
            verdict = judge(answer, quirks)
        if verdict.fate is Fate.OLDER:
            return self._newer_there(dispatch, url, attempts)
        if verdict.fate is Fate.GONE:
            with self._database.transaction() as session:
                columns.forget(session, dispatch.column.id, url)
        return verdict

    def _stamp_after(self, dispatch: Dispatch, answer: Answer) -> Dispatch:
        """Stamp anew, later than the LMS's own clock: Moodle keeps when a score came to it."""
        there = _date(answer)
        with self._database.transaction() as session:
            grade = grades.stamp(session, dispatch.grade_id, step=STEP)
            if grade is None or grade.stamped_at is None:
                return dispatch
            if there is not None:
                grade.stamped_at = max(grade.stamped_at, there + STEP)
            return replace(dispatch, stamp=grade.stamped_at)

    def _newer_there(self, dispatch: Dispatch, url: str, attempts: int) -> Verdict:
        """Say whether what the LMS has is this very grade; else try again, and in the end stop."""
        query = asking(below(url, "results"), user_id=dispatch.subject)
        call = Call("GET", query, frozenset({SCOPE_RESULT_READ}), accept=RESULTS_TYPE)
        with suppress(TokenRefused):  # not every LMS lets the tool read grades
            answer = self._services.call(dispatch.platform, call)
            if answer.ok and _has(answer.json(), dispatch):
                return DONE
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
            .values(sent_version=dispatch.version)
        )
    untold = GradeState.REFUSED if verdict.is_final else GradeState.WAITING
    session.execute(
        update(Grade)
        .where(Grade.id == dispatch.grade_id, Grade.version == dispatch.version)
        .values(state=GradeState.SENT if told else untold, problem=verdict.sentence)
    )


def _score(dispatch: Dispatch, url: str) -> Call:
    """Return the call that sends the grade; the share is scaled to the column's maximum."""
    column = dispatch.column
    body: dict[str, Any] = {
        "userId": dispatch.subject,
        "scoreGiven": dispatch.share * column.maximum,
        "scoreMaximum": column.maximum,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": dispatch.stamp.isoformat(timespec="microseconds"),
        **platforms.of(dispatch.platform).score,
    }
    if dispatch.comment:
        body["comment"] = platforms.of(dispatch.platform).comment(dispatch.comment)
    return Call(
        "POST",
        below(url, "scores"),
        frozenset({SCOPE_SCORE}),
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


def _has(results: object, dispatch: Dispatch) -> bool:
    """Whether the results name this person with this share of the maximum."""
    found = results if isinstance(results, list) else []
    return any(_same(result, dispatch) for result in found if isinstance(result, dict))


def _same(result: Mapping[str, Any], dispatch: Dispatch) -> bool:
    points, maximum = result.get("resultScore"), result.get("resultMaximum")
    if str(result.get("userId")) != dispatch.subject or not maximum:
        return False
    if not isinstance(points, int | float) or not isinstance(maximum, int | float):
        return False
    return math.isclose(points / maximum, dispatch.share, abs_tol=SAME)
