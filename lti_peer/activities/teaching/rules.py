"""What a person owed and did, what they gained, and which act comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from lti_peer.rules.scoring import Estimate

DUTIES_METHOD = "duties@1"


@dataclass(frozen=True)
class Duty:
    """One thing that was somebody's to do; `done` is the id of the fact that shows it."""

    words: str
    done: UUID | None = None


@dataclass(frozen=True)
class Meeting:
    """One pairing as one of its members sees it: ids of what has happened, None for what has not.

    `rated` has an entry for each person whom the member rates. `before` and `after` are a
    listener's checks; an explainer has none.
    """

    explains: bool
    held: UUID | None
    before: UUID | None
    after: UUID | None
    rated: tuple[UUID | None, ...]


def duties(signed_up: UUID | None, meetings: Iterable[Meeting], absences: int) -> list[Duty]:
    """Return what was the person's to do: only what they were given, so nobody else's fault counts.

    `signed_up` is the sign-up's id, None once withdrawn. Each meeting to which they did not come
    stays a duty that was not done, also when they were given another partner later.
    """
    found = [Duty("Sign up", signed_up)]
    for meeting in meetings:
        if not meeting.explains:
            found.append(Duty("Answer the check before", meeting.before))
        found.append(Duty("Explain" if meeting.explains else "Listen", meeting.held))
        if not meeting.explains:
            found.append(Duty("Answer the check after", meeting.after))
        found += [Duty("Rate the other", rating) for rating in meeting.rated]
    return found + [Duty("Come to the meeting")] * absences


def participation(owed: Sequence[Duty]) -> Estimate:
    """Return the share of duties that are done, 0 to 1, each of the same weight.

    The weights name the facts and add up to the share, so that the page can list them.
    """
    done = [duty.done for duty in owed if duty.done is not None]
    return Estimate(
        len(done) / len(owed), None, None, {one: 1 / len(owed) for one in done}, DUTIES_METHOD
    )


@dataclass(frozen=True)
class Gain:
    """How a group did in the check question, counting only those who answered it twice."""

    people: int
    before: int
    """How many were right before the meeting."""
    after: int

    @property
    def points(self) -> int:
        """The change in percentage points, -100 to 100; 0 when there is nobody."""
        return round(100 * (self.after - self.before) / self.people) if self.people else 0


def gain(pairs: Iterable[tuple[bool, bool]]) -> Gain:
    """Return the gain of a group; each pair says whether one person was right before and after."""
    both = list(pairs)
    return Gain(len(both), sum(b for b, _ in both), sum(a for _, a in both))


def places(learners: int, topics: int) -> int:
    """Return how many may sign up to teach one topic: twice its share of the class, at least 3.

    So no topic swallows the class, and there is room to choose.
    """
    return max(3, -(-2 * learners // max(1, topics)))
