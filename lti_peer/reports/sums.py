"""What one course came to, in sums: the nouns between `across`, which adds, and `institution`."""

from collections import Counter
from dataclasses import dataclass, field

from lti_peer.reports.shape import Id


@dataclass
class Sums:
    """What one course came to. People are its active learners; what others did is left out."""

    title: str
    people: set[Id] = field(default_factory=set)
    activities: int = 0
    openings: int = 0
    """How often anybody opened any of its activities, by the tool's own record store."""
    finished: int = 0
    """How often somebody had finished an activity, by the tool's own record store."""
    works: int = 0
    authors: set[Id] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)
    """Hours that each work with a review waited for its first one."""
    given: Counter[Id] = field(default_factory=Counter)
    """Reviews sent, and meetings in which one explained, by person."""
    received: Counter[Id] = field(default_factory=Counter)
    met: set[Id] = field(default_factory=set)
    reviews: int = 0
    reviewers: set[Id] = field(default_factory=set)
    words: int = 0
    """In all reviews that stand."""
    scores: dict[str, tuple[float, int]] = field(default_factory=dict)
    """The mean of the newest scores, 0 to 1, and how many people have one, by component."""

    revised: set[Id] = field(default_factory=set)
    """Who revised work after feedback."""
    bettered: list[float] = field(default_factory=list)
    """For each revised work, its second looks minus the same reviewers' first marks."""
    bettered_by: set[Id] = field(default_factory=set)
    """Whose works those are."""
    later: list[float] = field(default_factory=list)
    """For each activity and person, the next activity's score minus this one's."""
    seen_later: set[Id] = field(default_factory=set)
    """Who has two such scores."""

    @property
    def active(self) -> set[Id]:
        """Who handed in, gave or got anything."""
        return self.tied | self.authors & self.people

    @property
    def tied(self) -> set[Id]:
        """Who gave or got anything, or met anybody."""
        return (self.given.keys() | self.received.keys() | self.met) & self.people
