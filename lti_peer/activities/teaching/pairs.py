"""A pair: who teaches whom what, and everything that happened between them."""

from dataclasses import dataclass, field
from uuid import UUID

from lti_peer.activities.teaching.models import Answer, Moment, Topic
from lti_peer.activities.teaching.settings import EXPLAINER, LISTENER
from lti_peer.peerwork.allocations import LIVE, Allocation, AllocationMember, AllocationState
from lti_peer.peerwork.feedback import Feedback
from lti_peer.peerwork.meetings import Meeting, MeetingState

STANDING = (*LIVE, AllocationState.COMPLETED)


@dataclass
class Pair:
    """One explainer with one or two listeners over a topic, and everything that happened."""

    allocation: Allocation
    topic: Topic
    history: list[Meeting] = field(default_factory=list)
    """Every proposal, oldest first."""
    answers: dict[tuple[UUID, Moment], Answer] = field(default_factory=dict)
    """By person and moment."""
    ratings: dict[tuple[UUID, UUID], Feedback] = field(default_factory=dict)
    """By author and by the part (`AllocationMember.id`) that is rated."""

    @property
    def standing(self) -> bool:
        """Whether it goes on or was completed."""
        return self.allocation.state in STANDING

    @property
    def live(self) -> bool:
        """Whether they have yet to meet."""
        return self.allocation.state in LIVE

    @property
    def explainer(self) -> AllocationMember:
        """Who teaches."""
        return self.allocation.member(EXPLAINER)

    @property
    def listeners(self) -> list[AllocationMember]:
        """Who is taught; one who left a pair of three is not among them."""
        return [
            one
            for one in self.allocation.members
            if one.role == LISTENER and (one.standing or not self.standing)
        ]

    @property
    def people(self) -> list[AllocationMember]:
        """The explainer, then the listeners."""
        return [self.explainer, *self.listeners]

    @property
    def meeting(self) -> Meeting | None:
        """The meeting that is proposed, confirmed or held."""
        open_states = {MeetingState.PROPOSED, MeetingState.CONFIRMED, MeetingState.HELD}
        return next((one for one in reversed(self.history) if one.state in open_states), None)

    @property
    def held(self) -> Meeting | None:
        """The meeting that took place."""
        return next((one for one in self.history if one.state is MeetingState.HELD), None)

    @property
    def missed(self) -> int:
        """How many meetings in a row, up to now, did not take place."""
        count = 0
        for one in reversed(self.history):
            if one.state is MeetingState.HELD:
                break
            count += one.state is MeetingState.MISSED
        return count

    def part(self, person_id: UUID) -> AllocationMember | None:
        """Return the person's part, if they are in it still."""
        return next((one for one in self.people if one.person_id == person_id), None)

    def others(self, person_id: UUID) -> list[AllocationMember]:
        """Return whom a person meets: the explainer meets the listeners, a listener the rest."""
        return [one for one in self.people if one.person_id != person_id]

    def to_rate(self, person_id: UUID) -> list[AllocationMember]:
        """Return whom a person rates: a listener the explainer, the explainer every listener."""
        return self.listeners if self.explainer.person_id == person_id else [self.explainer]

    def rated_both(self, part: AllocationMember, author_id: UUID) -> bool:
        """Return whether the two have rated each other, so that either may read the other's."""
        back = self.part(author_id)
        return (author_id, part.id) in self.ratings and (
            back is not None and (part.person_id, back.id) in self.ratings
        )
