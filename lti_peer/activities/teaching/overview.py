"""What staff see of a class: one line for each person, counts, what to do now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from lti_peer.activities.teaching import grading, matching, queries
from lti_peer.activities.teaching.models import Moment, SignUp, Topic
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.settings import MEET, PARTICIPATION, SIGN_UP, TEACHING
from lti_peer.core import queries as people
from lti_peer.core.models import Membership
from lti_peer.core.visit import Visit
from lti_peer.peerwork import flags, phases, scores
from lti_peer.peerwork.meetings import MeetingState
from lti_peer.peerwork.scores import Score
from lti_peer.rules.phases import Window
from lti_peer.web import identity
from lti_peer.web.dates import deadline

PAIR_STATES = {
    "ended": ("Ended", "plain"),
    "no time yet": ("No time yet", "plain"),
    "proposed": ("Time proposed", "info"),
    "confirmed": ("Time agreed", "info"),
    "unsaid": ("Did they meet?", "warn"),
    "met": ("Met", "good"),
    "complete": ("Complete", "good"),
}
"""How a pair stands, in words and tone, in the order of their course."""


@dataclass
class Line:
    """One learner: what they signed up for, whom they meet, what they earned."""

    member: Membership
    sign_up: SignUp | None
    teaches: list[Pair] = field(default_factory=list)
    learns: list[Pair] = field(default_factory=list)
    absences: int = 0
    scores: Mapping[str, Score] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name for staff."""
        return identity.name_of(self.member)

    @property
    def signed(self) -> bool:
        """Whether they take part."""
        return self.sign_up is not None and self.sign_up.withdrawn_at is None

    @property
    def taught(self) -> int:
        """How many people they have taught."""
        return sum(len(pair.listeners) for pair in self.teaches if pair.held)

    @property
    def learnt(self) -> bool:
        """Whether somebody has taught them."""
        return any(pair.held for pair in self.learns)

    @property
    def participation(self) -> Score | None:
        """Their standing score for what they did."""
        return self.scores.get(PARTICIPATION)

    @property
    def teaching(self) -> Score | None:
        """Their standing score for what listeners made of it."""
        return self.scores.get(TEACHING)

    @property
    def state(self) -> tuple[str, str]:
        """How they stand, in a word and a tone."""
        if not self.signed:
            return ("Withdrew", "plain") if self.sign_up else ("Not signed up", "plain")
        if not self.teaches and not self.learns:
            return ("Waits for a partner", "warn")
        pairs = [*self.teaches, *self.learns]
        if all(state(pair) == "complete" for pair in pairs):
            return ("Complete", "good")
        if all(pair.held for pair in pairs):
            return ("Met", "good")
        return ("Meets", "info")


@dataclass(frozen=True)
class Board:
    """Everything that the staff pages read, in a dozen queries."""

    lines: list[Line]
    pairs: list[Pair]
    topics: Sequence[Topic]
    calls: int
    windows: Mapping[str, Window]
    begun: bool

    @property
    def standing(self) -> list[Pair]:
        """The pairs that go on or are done."""
        return [one for one in self.pairs if one.standing]

    @property
    def signed(self) -> int:
        """How many learners take part."""
        return sum(line.signed for line in self.lines)

    @property
    def met(self) -> int:
        """How many pairs have met."""
        return sum(one.held is not None for one in self.standing)

    @property
    def waiting(self) -> int:
        """How many who signed up have nobody to learn from."""
        return sum(line.signed and not line.learns for line in self.lines)


def board(session: Session, visit: Visit) -> Board:
    """Return the class as it stands."""
    found = queries.pairs(session, visit)
    return Board(
        lines=lines(session, visit, found),
        pairs=found,
        topics=queries.topics(session, visit, retired=True),
        calls=len(flags.pending(session, visit)),
        windows=phases.dates(session, visit.activity),
        begun=bool(found) or matching.begun(session, visit),
    )


def lines(session: Session, visit: Visit, found: Sequence[Pair]) -> list[Line]:
    """Return a line for each learner of the course, by their number."""
    missed, kept = queries.absences(session, visit), scores.standing(session, visit)
    signed = queries.every_sign_up(session, visit)
    by_person = {
        member.person_id: Line(
            member,
            signed.get(member.person_id),
            absences=missed.get(member.person_id, 0),
            scores=kept.get(member.person_id, {}),
        )
        for member in people.learners(session, visit)
    }
    for pair in (one for one in found if one.standing):
        if pair.explainer.person_id in by_person:
            by_person[pair.explainer.person_id].teaches.append(pair)
        for one in pair.listeners:
            if one.person_id in by_person:
                by_person[one.person_id].learns.append(pair)
    return list(by_person.values())


def state(pair: Pair, visit: Visit | None = None) -> str:
    """Return the key of PAIR_STATES for a pair; with a visit, also whether the time has passed."""
    if not pair.standing:
        return "ended"
    if pair.held:
        checked = all((one.person_id, Moment.AFTER) in pair.answers for one in pair.listeners)
        rated = all(
            (one.person_id, other.id) in pair.ratings
            for one in pair.people
            for other in pair.to_rate(one.person_id)
        )
        return "complete" if checked and rated else "met"
    if pair.meeting is None:
        return "no time yet"
    if pair.meeting.state is MeetingState.PROPOSED:
        return "proposed"
    over = visit is not None and visit.now > pair.meeting.starts_at
    return "unsaid" if over else "confirmed"


def next_part(visit: Visit, found: Board) -> dict[str, Any]:
    """Return the arguments of the part `next` for staff: one thing, with its date."""
    sign_up, meet = found.windows.get(SIGN_UP, Window()), found.windows.get(MEET, Window())
    if found.calls:
        return _part(
            "One call waits for you." if found.calls == 1 else f"{found.calls} calls wait for you.",
            "Answer the calls" if found.calls > 1 else "Answer the call", "calls",
        )  # fmt: skip
    if not found.begun:
        everybody = bool(found.lines) and found.signed == len(found.lines)
        words = (
            "Everybody has signed up. Match them now, or wait for the date."
            if everybody
            else "People sign up. They are matched when sign-up is due."
        )
        return {
            **_part(words, "Match now" if found.signed > 1 else None, "match", calm=not everybody),
            "post": True,
            "due": deadline(sign_up.due, visit.now, visit.zone) if sign_up.due else None,
        }
    if meet.due and visit.now > meet.due and visit.activity.released_at is None:
        return _part("Meetings were due. Look at the grades and release them.", "See the grades",
                     "grades_page")  # fmt: skip
    if visit.activity.released_at is not None:
        return _part("Nothing to do. The grades are released; what changes is sent by itself.",
                     "See the grades", "grades_page", calm=True)  # fmt: skip
    return {
        **_part("Nothing to do. Pairs meet, and who drops out is replaced by itself.", None, "",
                calm=True),
        "due": deadline(meet.due, visit.now, visit.zone) if meet.due else None,
    }  # fmt: skip


def counts(found: Board) -> list[dict[str, Any]]:
    """Return the numbers of the first page."""
    gains = grading.gains(found.pairs)
    return [
        {"label": "signed up", "value": found.signed, "of": len(found.lines)},
        {"label": "pairs", "value": len(found.standing)},
        {"label": "pairs met", "value": found.met, "of": len(found.standing)},
        {"label": "checked twice", "value": sum(one.people for one in gains.values())},
        {"label": "wait for a partner", "value": found.waiting if found.begun else 0},
    ]


def chart_rows(found: Board) -> list[tuple[str, int]]:
    """Return the right answers before and after, for each topic, as the bars draw them."""
    gains = grading.gains(found.pairs)
    rows = []
    for topic in found.topics:
        gain = gains.get(topic.id)
        if gain and gain.people:
            rows.append((f"Before: {topic.title}", gain.before))
            rows.append((f"After: {topic.title}", gain.after))
    return rows


def topic_rows(found: Board) -> list[dict[str, Any]]:
    """Return a row for each topic: who teaches, who learns, what it brought."""
    gains = grading.gains(found.pairs)
    return [
        {
            "topic": topic,
            "teach": sum(len({p.explainer.person_id}) for p in found.standing
                         if p.topic.id == topic.id),
            "learn": sum(len(p.listeners) for p in found.standing if p.topic.id == topic.id),
            "met": sum(p.held is not None for p in found.standing if p.topic.id == topic.id),
            "gain": gains.get(topic.id),
        }
        for topic in found.topics
    ]  # fmt: skip


SORTS: Mapping[str, Callable[[Line], Any]] = {
    "name": lambda line: line.name.casefold(),
    "state": lambda line: line.state,
    "participation": lambda line: line.participation.share if line.participation else -1.0,
    "teaching": lambda line: line.teaching.share if line.teaching else -1.0,
    "absences": lambda line: line.absences,
}
"""What the table of people can be sorted by."""


def why_not(line: Line) -> str:
    """Return why a person has no teaching score."""
    if not line.signed:
        return line.state[0]
    if not line.teaches:
        return "Nobody needed their explanation; not counted"
    if not line.taught:
        return "Has not met yet"
    return "Not rated by the listener yet"


def one(found: Board, person_id: UUID) -> Line | None:
    """Return one person's line."""
    return next((line for line in found.lines if line.member.person_id == person_id), None)


def _part(sentence: str, label: str | None, endpoint: str, *, calm: bool = False) -> dict[str, Any]:
    href = url_for(f"teaching.{endpoint}") if label else None
    return {"sentence": sentence, "label": label, "href": href, "calm": calm}
