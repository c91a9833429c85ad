"""The report of one activity: its figures in order, and everybody in one table."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from lti_peer.core.visit import Visit
from lti_peer.peerwork.feedback import Target
from lti_peer.reports import changes, exchange, reads, results, revised, runs, sides, taking_part
from lti_peer.reports import choice as choices
from lti_peer.reports.choice import EVERYTHING, Choice
from lti_peer.reports.reads import Facts
from lti_peer.reports.shape import Column, Figure, Id, Sort, Table, Value, some
from xapi.vocabulary import KINDS, PEER_REVIEW_ACTIVITY, PEER_TEACHING_ACTIVITY, ActivityType

CHAPTERS = ("Taking part", "What came of it", "For each other")
SIDES = "Side by side"
"""The chapter of tables: groups, runs, and at last everybody."""
POSSIBLE: Final[Mapping[str, ActivityType]] = {
    "agreement": PEER_REVIEW_ACTIVITY, "speed": PEER_REVIEW_ACTIVITY,
    "gain": PEER_TEACHING_ACTIVITY,
}  # fmt: skip
"""The one kind of activity that can have a figure, by its key; elsewhere it would be empty always.
What is not here every kind can have."""


def figures(session: Session, visit: Visit, choice: Choice = EVERYTHING) -> dict[str, list[Figure]]:
    """Return the figures of the visit's activity by chapter."""
    facts, kind = reads.facts(session, visit, choice), KINDS.get(visit.activity.kind)
    taking = [
        taking_part.participation(facts),
        taking_part.days(facts, visit.zone),
        taking_part.returns(facts),
        taking_part.words(facts),
    ]
    outcome = [
        *results.scores(facts),
        *([revised.from_draft_to_final(session, visit, facts.names, choice)]
          if facts.revised else []),
        changes.later(session, visit, facts.scores.get(changes.WORK, {}), choice),
        results.gain(facts),
    ]  # fmt: skip
    other = [
        exchange.load(facts), exchange.balance(facts), exchange.agreement(facts),
        exchange.speed(facts), exchange.isolation(facts),
    ]  # fmt: skip
    beside = (
        sides.groups(facts, [] if choice.group else choices.groups_of(session, visit)),
        runs.runs(session, visit, runs.KEY, [visit.activity.id], choice),
        people(facts),
    )
    chapters = (
        [one for one in mine if POSSIBLE.get(one.key, kind) == kind]
        for mine in (taking, outcome, other)
    )
    return {
        **dict(zip(CHAPTERS, chapters, strict=True)),
        SIDES: [one for one in beside if one],
    }


def people(facts: Facts) -> Figure:
    """Return everybody's numbers side by side."""
    gave, got, leaning = exchange.given(facts), exchange.received(facts), exchange.leaning(facts)
    handed = Counter(one.author for one in facts.work.values())
    words: dict[Id, int] = defaultdict(int)
    for one in facts.of(Target.SUBMISSION, Target.PERSON):
        words[one.author] += one.words
    rows: list[tuple[Value, ...]] = [
        (
            name,
            facts.heard.opened.get(person, 0) if facts.heard.opened else None,
            handed[person], gave[person], got[person], words[person],
            leaning.get(person), len(facts.ties[person]),
            *(mine.get(person) for mine in facts.scores.values()),
        )
        for person, name in facts.names.items()
    ]  # fmt: skip
    columns = (
        Column("name", "Name", Sort.TEXT), Column("opened", "Opened"), Column("works", "Works"),
        Column("given", "Given"), Column("received", "Received"), Column("words", "Words"),
        Column("leaning", "Marks higher than others by", Sort.CHANGE), Column("ties", "Ties"),
        *(Column(f"score_{c}", f"Score: {c}", Sort.POINTS) for c in facts.scores),
    )  # fmt: skip
    return Figure(
        "people", "Everybody", f"{some(len(rows), 'learner')}, each with what they did and got.",
        "One line for each active learner. “Marks higher than others by” is the mean difference, "
        "in points of 100, between a reviewer's marks and those of the others on the same works: "
        "below 0, they are stricter.",
        people,
        Table(columns, rows),
    )  # fmt: skip
