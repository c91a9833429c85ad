"""What statements alone say of scores: from the embedded store's columns, or from JSON."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from statistics import fmean
from typing import Any, Final, NamedTuple

from sqlalchemy import case

from lti_peer.reports.ids import bare
from xapi.lrs.models import StoredStatement
from xapi.vocabulary import REVIEWED, ROUND, SCORED, Verb

COLUMNS: Final = (
    StoredStatement.verb,
    bare(StoredStatement.actor),
    StoredStatement.thing,
    StoredStatement.scaled,
    StoredStatement.happened,
    case(
        ((StoredStatement.verb == REVIEWED.id) & StoredStatement.body.contains(ROUND.id), 2),
        else_=1,
    ),
)
"""The columns of the embedded store that `Told` is made of."""


class Told(NamedTuple):
    """One statement, as far as it is compared."""

    verb: str
    """The verb's IRI."""
    actor: str = ""
    """Who: the same text for the same person, within one store."""
    thing: str | None = None
    """The IRI of the object."""
    scaled: float | None = None
    at: datetime | None = None
    round: int = 1
    """Of a review: 2 is a second look, at a revision."""


def read(statement: Mapping[str, Any]) -> Told:
    """Return what a statement says, given as JSON."""
    account = statement["actor"].get("account", {})
    return Told(
        statement["verb"]["id"],
        f"{account.get('homePage')} {account.get('name')}",
        statement["object"].get("id"),
        statement.get("result", {}).get("score", {}).get("scaled"),
        datetime.fromisoformat(statement["timestamp"]) if "timestamp" in statement else None,
        statement.get("context", {}).get("extensions", {}).get(ROUND.id, 1),
    )


def newest_scores(said: Iterable[Told]) -> dict[str, float]:
    """Return the score that each person was told last, 0 to 1, by person."""
    return {one.actor: share for one, share in _in_time(said, SCORED)}


def drafts_and_finals(said: Iterable[Told]) -> tuple[dict[str, float], dict[str, float]]:
    """Return what revised works got before and after, from those who judged both, by work."""
    rounds: dict[int, dict[tuple[str, str], float]] = {1: {}, 2: {}}
    for one, share in _in_time(said, REVIEWED):
        rounds.get(one.round, {})[one.thing or "", one.actor] = share
    both = sorted(rounds[1].keys() & rounds[2].keys())
    first, second = ({key: rounds[number][key] for key in both} for number in (1, 2))
    return _by_thing(first), _by_thing(second)


def _in_time(said: Iterable[Told], verb: Verb) -> list[tuple[Told, float]]:
    """Return what was said with this verb and a score, the newest last."""
    scored = [
        (one.at, one, one.scaled)
        for one in said
        if one.verb == verb.id and one.at is not None and one.scaled is not None
    ]
    return [(one, share) for _, one, share in sorted(scored, key=itemgetter(0))]


def _by_thing(shares: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """Return the mean of the shares of each thing."""
    found: dict[str, list[float]] = defaultdict(list)
    for (thing, _), share in shares.items():
        found[thing].append(share)
    return {thing: fmean(sorted(mine)) for thing, mine in found.items()}
