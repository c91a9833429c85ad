"""Who teaches whom what: a class in which everybody explains one topic and listens to another.

Topics first, people second. Once as many people teach a topic as want to learn it, any two of
them may meet; so the work is to even out the topics, moving those who do not mind before those
who do, listeners before explainers: to learn something else costs less than to prepare it.
"""

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from uuid import UUID

METHOD = "pairing@1"
MOST_LISTENERS = 2
"""An explainer teaches two people at most: in one meeting, or one after the other."""


@dataclass(frozen=True)
class Seeker:
    """Somebody who takes part, with what they wish or have: None leaves the topic to us.

    `teach` is settled once they have a listener, `learn` once they have an explainer.
    """

    person: UUID
    teach: UUID | None = None
    learn: UUID | None = None
    listeners: int = 0
    """How many people they teach or have taught."""
    served: bool = False
    """Whether somebody teaches them."""
    unmet: bool = False
    """Whether those whom they teach have yet to meet them: one more joins that meeting."""
    failures: int = 0
    """How many of their meetings came to nothing: who has fewer is served first."""


@dataclass(frozen=True)
class Match:
    """One listener for one explainer. An explainer who comes twice meets both at once."""

    explainer: UUID
    listener: UUID
    topic: UUID
    wished: bool
    """Whether the listener asked for this topic, or for none."""


@dataclass
class _Part:
    """One seeker's topics while they are being settled."""

    seeker: Seeker
    teach: UUID
    learn: UUID

    @property
    def explains(self) -> bool:
        """Whether they wait for a first listener."""
        return self.seeker.listeners == 0

    @property
    def listens(self) -> bool:
        """Whether they wait for an explainer."""
        return not self.seeker.served

    def cost(self, teach: UUID, learn: UUID) -> int:
        """Return how many wishes, an explainer's counting double, another choice would break."""
        broken = self.seeker.learn not in {None, learn}
        return broken + 2 * (self.seeker.teach not in {None, teach})


def pair(
    seekers: Sequence[Seeker],
    topics: Sequence[UUID],
    avoid: Collection[frozenset[UUID]] = (),
    *,
    seed: str,
) -> list[Match]:
    """Return matches for everybody who waits, as far as the numbers allow.

    Nobody teaches themselves, learns the topic that they teach, meets somebody from a pair in
    `avoid`, or teaches more than `MOST_LISTENERS`. An explainer without a listener comes before
    one with a listener. The answer depends on `seed` and not on the order of the seekers.

    Raises ValueError when there are fewer than two topics.
    """
    if len(topics) < 2:  # noqa: PLR2004 - one to teach, one to learn
        raise ValueError("Peer teaching needs at least two topics.")
    parts = _parts(seekers, topics, seed)
    while move := _evener(parts, topics):
        move()
    apart = frozenset(avoid)
    found = [match for topic in topics for match in _within(parts, topic, apart)]
    return found + _seconds(parts, found, apart)


def _parts(seekers: Sequence[Seeker], topics: Sequence[UUID], seed: str) -> list[_Part]:
    """Return everybody with both topics chosen: wishes as they are, the rest where most is missing.

    The order is by failures, then by lot.
    """
    dice = random.Random(seed)  # noqa: S311 - reproducible on purpose
    known = sorted(seekers, key=lambda s: s.person)
    lots = {seeker.person: dice.random() for seeker in known}
    ordered = sorted(known, key=lambda s: (s.failures, lots[s.person]))
    teach = {s.person: s.teach for s in ordered}
    learn = {s.person: s.learn for s in ordered}
    for seeker in ordered:
        if seeker.teach is None:
            free = [topic for topic in topics if topic != seeker.learn]
            teach[seeker.person] = max(
                free, key=lambda topic: _missing(topic, learn.values(), teach.values())
            )
    for seeker in ordered:
        if seeker.learn is None:
            free = [topic for topic in topics if topic != teach[seeker.person]]
            learn[seeker.person] = max(
                free, key=lambda topic: _missing(topic, teach.values(), learn.values())
            )
    return [_Part(s, _told(teach[s.person]), _told(learn[s.person])) for s in ordered]


def _missing(
    topic: UUID, wanted: Collection[UUID | None], offered: Collection[UUID | None]
) -> tuple[int, int]:
    """Return how much more a topic is wanted than offered; then, how little it is offered."""
    given = sum(one == topic for one in offered)
    return sum(one == topic for one in wanted) - given, -given


def _told(topic: UUID | None) -> UUID:
    assert topic is not None  # chosen above
    return topic


def _evener(parts: Sequence[_Part], topics: Sequence[UUID]) -> Callable[[], None] | None:
    """Return the cheapest change that evens out the topics; None when there is none."""
    surplus = {
        topic: sum(p.explains and p.teach == topic for p in parts)
        - sum(p.listens and p.learn == topic for p in parts)
        for topic in topics
    }
    best = min(_changes(parts, surplus), key=itemgetter(0), default=None)
    return best[1] if best else None


def _changes(
    parts: Sequence[_Part], surplus: Mapping[UUID, int]
) -> Iterator[tuple[int, Callable[[], None]]]:
    """Yield every change that helps, with its cost: one person's topic, or two persons' at once."""
    for source in (topic for topic in surplus if surplus[topic] > 0):
        for target in (topic for topic in surplus if surplus[topic] < 0):
            listeners = [p for p in parts if p.listens and p.learn == target]
            explainers = [p for p in parts if p.explains and p.teach == source]
            yield from _steps(listeners, explainers, source, target)
            if surplus[source] - surplus[target] > 2:  # noqa: PLR2004 - else it only turns round
                yield from _swaps(listeners, source, target)
            for middle in surplus:
                if middle not in {source, target}:
                    yield from _detours(listeners, explainers, middle)


def _steps(
    listeners: Sequence[_Part], explainers: Sequence[_Part], source: UUID, target: UUID
) -> Iterator[tuple[int, Callable[[], None]]]:
    """Yield the changes of one person: to learn what is offered, to teach what is wanted."""
    for part in listeners:
        if part.teach != source:
            yield _change(part, part.teach, source)
    for part in explainers:
        if part.learn != target:
            yield _change(part, target, part.learn)


def _swaps(
    listeners: Sequence[_Part], source: UUID, target: UUID
) -> Iterator[tuple[int, Callable[[], None]]]:
    """Yield the changes of one person who teaches what too many teach and learns what many do."""
    for part in listeners:
        if part.explains and part.teach == source:
            yield _change(part, target, source)


def _detours(
    listeners: Sequence[_Part], explainers: Sequence[_Part], middle: UUID
) -> Iterator[tuple[int, Callable[[], None]]]:
    """Yield the change of two people who both go to a third topic, one to learn, one to teach."""
    learner = next((p for p in reversed(listeners) if p.teach != middle), None)
    teacher = next(
        (p for p in reversed(explainers) if p.learn != middle and p is not learner), None
    )
    if learner and teacher:
        first, second = (
            _change(learner, learner.teach, middle),
            _change(teacher, middle, teacher.learn),
        )

        def act() -> None:
            first[1]()
            second[1]()

        yield first[0] + second[0] + 1, act


def _change(part: _Part, teach: UUID, learn: UUID) -> tuple[int, Callable[[], None]]:
    """Return what it costs in wishes to give a person these topics, and the act of doing so."""

    def act() -> None:
        part.teach, part.learn = teach, learn

    return part.cost(teach, learn) - part.cost(part.teach, part.learn), act


def _within(parts: Sequence[_Part], topic: UUID, apart: frozenset[frozenset[UUID]]) -> list[Match]:
    """Return as many pairs over one topic as there can be (Kuhn's augmenting paths)."""
    explainers = [p for p in parts if p.explains and p.teach == topic]
    listeners = [p for p in parts if p.listens and p.learn == topic]
    taken: dict[UUID, _Part] = {}

    def place(listener: _Part, seen: set[UUID]) -> bool:
        for explainer in explainers:
            name = explainer.seeker.person
            if name in seen or frozenset({name, listener.seeker.person}) in apart:
                continue
            seen.add(name)
            if name not in taken or place(taken[name], seen):
                taken[name] = listener
                return True
        return False

    for listener in listeners:
        place(listener, set())
    return [_match(explainer, listener, topic) for explainer, listener in taken.items()]


def _match(explainer: UUID, listener: _Part, topic: UUID) -> Match:
    wished = listener.seeker.learn in {None, topic}
    return Match(explainer, listener.seeker.person, topic, wished)


def _seconds(
    parts: Sequence[_Part], found: Sequence[Match], apart: frozenset[frozenset[UUID]]
) -> list[Match]:
    """Return places beside others for the listeners whom nobody teaches yet.

    What they wish comes before a free explainer, a free one before one who teaches already.
    """
    load = {part.seeker.person: part.seeker.listeners for part in parts}
    for match in found:
        load[match.explainer] += 1
    served = {match.listener for match in found}
    more: list[Match] = []
    for listener in (p for p in parts if p.listens and p.seeker.person not in served):
        able = [
            part
            for part in parts
            if load[part.seeker.person] < MOST_LISTENERS
            and part.seeker.person != listener.seeker.person
            and part.teach != listener.teach
            and frozenset({part.seeker.person, listener.seeker.person}) not in apart
        ]
        if able:
            wished = {p.seeker.person: p.teach == listener.learn for p in able}
            best = min(
                able,
                key=lambda p: (
                    not wished[p.seeker.person], load[p.seeker.person], not p.seeker.unmet,
                ),
            )  # fmt: skip
            load[best.seeker.person] += 1
            more.append(_match(best.seeker.person, listener, best.teach))
    return more
