"""The newest score of each person, of several activities at once.

Which is the newest is seen here and not in the query: to ask for each row whether there is a newer
one takes SQLite three times as long.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_peer.peerwork.scores import Score
from lti_peer.reports.choice import EVERYTHING, Choice
from lti_peer.reports.ids import bare
from lti_peer.reports.shape import Id

Scores = Mapping[Id, Mapping[str, Mapping[Id, float]]]
"""Shares, 0 to 1, by activity, component and person."""


def scores(
    session: Session, activities: Sequence[UUID] | Select[UUID], choice: Choice = EVERYTHING
) -> Scores:
    """Return every person's newest score, or newest of those that were chosen."""
    rows = session.execute(
        select(
            bare(Score.activity_id), Score.component, bare(Score.person_id), Score.share
        )
        .where(
            Score.activity_id.in_(activities),
            *choice.by(Score.person_id),
            *choice.before(Score.at),
        )
        .order_by(Score.activity_id, Score.person_id, Score.component, Score.number)
    ).all()  # fmt: skip
    found: dict[Id, dict[str, dict[Id, float]]] = defaultdict(lambda: defaultdict(dict))
    for activity, component, person, share in rows:
        found[activity][component][person] = share
    return found


def means(found: Scores) -> dict[UUID, dict[str, float]]:
    """Return the mean score by activity and component; nothing for an activity without any."""
    result: dict[UUID, dict[str, float]] = defaultdict(dict)
    for activity, here in found.items():
        for component, mine in here.items():
            result[UUID(activity)][component] = fmean(list(mine.values()))
    return result
