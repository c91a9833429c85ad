"""How works changed from draft to final: by reviewers who judged both, against themselves.

Only who judged both texts counts, so that the difference is in the text and not in who reads it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from lti_peer.core.models import Activity
from lti_peer.core.visit import Visit
from lti_peer.peerwork.feedback import Feedback, Target
from lti_peer.peerwork.submissions import Submission
from lti_peer.reports import changes
from lti_peer.reports.changes import COLUMNS, Change, compare
from lti_peer.reports.choice import EVERYTHING, Choice
from lti_peer.reports.ids import bare
from lti_peer.reports.shape import ENOUGH, Column, Figure, Id, Sort, Table, capital, some

COURSE_KEY: Final = "course-revised"
"""The name in addresses of the figure of a course."""
TITLE: Final = "From draft to final"
METHOD: Final = (
    "Of works of active learners that were revised after feedback: the mean of what each reviewer "
    "who looked again gives to the revision, minus what the same reviewer gave to the text before. "
    "The mean of these differences over all works, with the 90 % interval of a paired t-test. With "
    f"fewer than {ENOUGH} works the numbers are withheld. Who knows that a text was revised may "
    "judge it more kindly, so this is no proof that it is as much better."
)


@dataclass
class Judged:
    """What works of one activity got before and after they were revised, 0 to 1, by work."""

    drafts: dict[Id, float] = field(default_factory=dict)
    finals: dict[Id, float] = field(default_factory=dict)
    authors: dict[Id, Id] = field(default_factory=dict)

    @property
    def change(self) -> Change:
        """How much they differ."""
        return compare(self.drafts, self.finals)


def shares(
    session: Session,
    activities: Sequence[UUID] | Select[UUID],
    choice: Choice = EVERYTHING,
    authors: Collection[Id] | None = None,
) -> dict[Id, Judged]:
    """Return what revised works got from those who judged both texts, by activity."""
    seconds = _said(session, activities, Target.REVISION, choice)
    if not seconds:
        return {}
    works = select(Submission.id).where(
        Submission.activity_id.in_(activities), Submission.revised_at.is_not(None)
    )
    asked = works.with_only_columns(bare(Submission.id), bare(Submission.author_id))
    authors_of = {work: author for work, author in session.execute(asked)}  # noqa: C416 - a Row is not a pair to mypy
    firsts = _said(session, activities, Target.SUBMISSION, choice, works)
    pairs: dict[tuple[Id, Id], list[tuple[float, float]]] = defaultdict(list)
    for (work, reviewer), (activity, after) in seconds.items():
        before = firsts.get((work, reviewer))
        if before is not None and (authors is None or authors_of.get(work) in authors):
            pairs[activity, work].append((before[1], after))
    found: dict[Id, Judged] = defaultdict(Judged)
    for (activity, work), both in pairs.items():
        here = found[activity]
        here.drafts[work] = fmean(sorted(before for before, _ in both))
        here.finals[work] = fmean(sorted(after for _, after in both))
        here.authors[work] = authors_of[work]
    return found


def _said(
    session: Session,
    activities: Sequence[UUID] | Select[UUID],
    target: Target,
    choice: Choice,
    works: Select[UUID] | None = None,
) -> dict[tuple[Id, Id], tuple[Id, float]]:
    """Return activity and share of what stands about works, by work and reviewer."""
    newer = aliased(Feedback)
    replaced = (
        select(newer.id).where(newer.replaces_id == Feedback.id, *choice.before(newer.at)).exists()
    )
    rows = session.execute(
        select(
            bare(Feedback.target_id), bare(Feedback.author_id), bare(Feedback.activity_id),
            Feedback.share,
        ).where(
            Feedback.activity_id.in_(activities),
            Feedback.target == target,
            *([Feedback.target_id.in_(works)] if works is not None else []),
            *choice.before(Feedback.at),
            ~replaced,
        )
    )  # fmt: skip
    return {(work, who): (activity, share or 0.0) for work, who, activity, share in rows}


def from_draft_to_final(
    session: Session, visit: Visit, people: Collection[Id], choice: Choice
) -> Figure:
    """Return how these learners' works in the visit's activity changed by revising."""
    found = shares(session, [visit.activity.id], choice, people)
    change = found[visit.activity.id.hex].change if found else Change(0)
    works = some(change.people, "work")
    sentence = "No revision has been looked at again yet."
    if change.people:
        verb = "was" if change.people == 1 else "were"
        sentence = (
            f"{capital(works)} {verb} revised and looked at again by those who had reviewed "
            f"{'it' if change.people == 1 else 'them'}. "
            f"{changes.sentence(change, 'for the revision')}"
        )
    return Figure(
        "revision", TITLE, sentence, METHOD, shares,
        Table((Column("what", "What", Sort.TEXT), *COLUMNS),
              [("Revised works", *change)] if change.people else []),
        changes.picture(TITLE, change, ("The text that was reviewed", "Its revision")),
    )  # fmt: skip


def of_each(
    session: Session, activities: Sequence[Activity], people: Collection[Id], choice: Choice
) -> Figure | None:
    """Return the same for every activity; None where nobody has looked at a revision."""
    found = shares(session, [one.id for one in activities], choice, people)
    rows = [(one.title, *found[one.id.hex].change) for one in activities if one.id.hex in found]
    if not rows:
        return None
    return Figure(
        COURSE_KEY, TITLE,
        f"{capital(some(len(rows), 'activity', 'activities'))} in which work was revised and "
        "looked at again.",
        METHOD, shares,
        Table((Column("activity", "Activity", Sort.TEXT), *COLUMNS), rows),
    )  # fmt: skip
