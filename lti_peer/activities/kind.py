"""What a kind of activity is: everything that the rest of the tool needs to know of one."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint
from sqlalchemy.orm import Session

from lti_peer.core.models import Activity, Person
from lti_peer.core.visit import Visit
from lti_peer.rules.phases import Window


@dataclass(frozen=True)
class Component:
    """Something that a kind grades: one column in the LMS's grade book."""

    key: str
    """As in `Score.component`: `work`, `reviewing`, `teaching`, `participation`."""
    label: str
    """What the column is called after the activity's title; empty for the activity's own."""
    maximum: float = 100.0


@dataclass(frozen=True)
class Stage:
    """A part of an activity's time to which whoever tries it in a sandbox may go at once."""

    key: str
    label: str
    """What the button says: "Hand in"."""
    begins: Callable[[Mapping[str, Window]], datetime | None] = lambda _: None
    """The instant at which it begins, from the phases' dates; the first stage has none."""


def _no_stage(_visit: Visit) -> tuple[Stage, ...]:
    """Return nothing."""
    return ()


def _nobody(_session: Session, _visit: Visit, _people: Collection[Person]) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Rehearsal:
    """How an activity of a kind can be tried in a sandbox, among made-up people."""

    stages: Callable[[Visit], tuple[Stage, ...]] = _no_stage
    """What can be tried, by the activity's settings, in order. In the last grades are released."""
    cast: Callable[[Visit], int] = lambda _: 0
    """How many made-up people it takes, by the activity's settings."""
    play: Callable[[Session, Visit, Collection[Person]], None] = _nobody
    """Lets these people do, towards the visitor, what is theirs to do now; twice is once."""


@dataclass(frozen=True)
class ActivityKind:
    """One kind. Its pages live below `/v/<visit>/<name>/`, its templates in `<name>/`."""

    name: str
    """As stored and in paths: lower case with underscores, also the blueprint's name."""
    label: str
    summary: str
    """One sentence for the instructor who chooses."""
    pages: Blueprint
    home: str
    """The endpoint that every role lands on."""
    setup: str
    """The endpoint of the settings page."""
    components: tuple[Component, ...]
    """The first is the column that comes with the resource link."""
    prepare: Callable[[Session, Visit], None]
    """Fills the visit's fresh activity with the preset, so that it is usable as it is."""
    turn: Callable[[Session, Activity, datetime, str], None]
    """What falls due without anybody's act, by the people's clock; harmless when late or twice.
    The text is the tool's address, for what is told of it."""
    copy: Callable[[Session, Visit, Activity], None] | None = None
    """Takes over what the kind's own tables keep of another activity's settings, and no people;
    None where the shared tables keep everything."""
    rehearsal: Rehearsal = Rehearsal()
    """How a preview tries it; as it comes, alone and without a change of dates."""
