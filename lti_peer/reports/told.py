"""What statements alone say of scores: from the embedded store's columns, or from JSON."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, NamedTuple

from lti_peer.reports.ids import bare
from xapi.lrs.models import StoredStatement
from xapi.vocabulary import SCORED

COLUMNS: Final = (
    StoredStatement.verb,
    bare(StoredStatement.actor),
    StoredStatement.thing,
    StoredStatement.scaled,
    StoredStatement.happened,
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


def read(statement: Mapping[str, Any]) -> Told:
    """Return what a statement says, given as JSON."""
    account = statement["actor"].get("account", {})
    return Told(
        statement["verb"]["id"],
        f"{account.get('homePage')} {account.get('name')}",
        statement["object"].get("id"),
        statement.get("result", {}).get("score", {}).get("scaled"),
        datetime.fromisoformat(statement["timestamp"]) if "timestamp" in statement else None,
    )


def newest_scores(said: Iterable[Told]) -> dict[str, float]:
    """Return the score that each person was told last, 0 to 1, by person."""
    scored = [
        (one.at, one.actor, one.scaled)
        for one in said
        if one.verb == SCORED.id and one.at is not None and one.scaled is not None
    ]
    return {actor: share for _, actor, share in sorted(scored, key=itemgetter(0))}
