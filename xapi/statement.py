"""The grammar: one statement, as a plain dict of JSON values, from plain values.

The dict is ready for `json.dumps` and shares nothing with what was given. It is valid by
`xapi.validate` for the version asked for if the IRIs that go in are IRIs; `build` itself refuses
only what would be wrong without anybody noticing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, TypedDict, Unpack
from uuid import UUID

from xapi.identity import Account
from xapi.vocabulary import (
    INVOLVED,
    PROFILE_TYPE,
    PROFILE_VERSION,
    VOIDED,
    ActivityType,
    Extension,
    Verb,
)

StatementJson = dict[str, Any]
"""A statement as JSON values."""

Version = Literal["1.0.3", "2.0.0"]
"""The version of xAPI that a record store speaks; 2.0.0 is IEEE 9274.1.1-2023."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An activity: its IRI, its type and, for readers, a name and a description.

    Name and description go to the record store: they never hold what a person wrote.
    """

    id: str
    type: ActivityType | None = None
    name: str = ""
    description: str = ""

    def activity(self, language: str = "en") -> dict[str, Any]:
        """Return the thing as an Activity, its texts in `language` (RFC 5646)."""
        definition: dict[str, Any] = {}
        if self.name:
            definition["name"] = {language: self.name}
        if self.description:
            definition["description"] = {language: self.description}
        if self.type:
            definition["type"] = self.type.id
        activity: dict[str, Any] = {"objectType": "Activity", "id": self.id}
        if definition:
            activity["definition"] = definition
        return activity


@dataclass(frozen=True, slots=True)
class Involved:
    """Somebody whom a statement concerns beside its actor, and as what: types, at least one."""

    account: Account
    types: tuple[ActivityType, ...]


CATEGORY: Final = Thing(PROFILE_VERSION, PROFILE_TYPE)
"""The category of every statement of ours: the version of our profile."""

PROFILE_CATEGORY: Final = (CATEGORY,)
"""The categories of a statement, unless its maker says otherwise."""


class Details(TypedDict, total=False):
    """What a statement may say beyond who did what to which thing when; everything is optional."""

    scaled: float | None
    """The share of the best score, -1 to 1 (part 2, 2.4.5.1)."""
    raw: float | None
    """The score in points, from `lowest` to `highest`."""
    lowest: float | None
    """The lowest possible points, less than `highest`."""
    highest: float | None
    """The highest possible points."""
    success: bool | None
    """Whether a pass mark was reached; only where there is one."""
    completion: bool | None
    """Whether the thing is done."""
    response: str | None
    """What was answered; free text stays out unless somebody chose otherwise."""
    duration: timedelta | None
    """How long it took, not negative."""
    result_extensions: Mapping[Extension, Any]
    registration: UUID | None
    """One person in one activity: see `xapi.identity.registration_id`."""
    parent: Sequence[Thing]
    """What the thing is a part of: the peer activity."""
    grouping: Sequence[Thing]
    """What it belongs to more loosely: course, group."""
    category: Sequence[Thing]
    """By default the version of our profile."""
    other: Sequence[Thing]
    instructor: Account | None
    """Who taught; as the actor of a teacher's act, or the teacher behind a learner's."""
    team: Account | None
    """The group in whose name it was done; its members stay out."""
    involved: Sequence[Involved]
    """`contextAgents` under 2.0.0; an extension of ours under 1.0.3, which has no other place."""
    ref: UUID | None
    """The statement that this one belongs to, as the submission that was reviewed."""
    context_extensions: Mapping[Extension, Any]
    language: str | None
    """The language of the experience (RFC 5646)."""
    platform: str | None
    """The name and version of the software that the experience was in."""
    version: Version
    """By default 1.0.3."""


def build(
    uuid: UUID,
    *,
    actor: Account,
    verb: Verb,
    thing: Thing | UUID,
    at: datetime,
    **details: Unpack[Details],
) -> StatementJson:
    """Return one statement: `actor` did `verb` to `thing` at the time `at`, and the details.

    A `thing` that is a UUID is another statement (a StatementRef). The time comes out in UTC with
    milliseconds and "Z". A detail that is None or empty is left out.

    Raises ValueError when `at` has no time zone, or a duration is negative.
    """
    statement: StatementJson = {
        "id": str(uuid),
        "actor": actor.agent(),
        "verb": {"id": verb.id, "display": {"en": verb.display}},
        "object": reference(thing) if isinstance(thing, UUID) else thing.activity(),
        "timestamp": instant(at),
    }
    if result := _result(details):
        statement["result"] = result
    context = _context(details)
    if isinstance(thing, UUID):
        # Revision and platform belong to activities alone (part 2, 2.4.6).
        context.pop("platform", None)
    if context:
        statement["context"] = context
    return statement


def voiding(uuid: UUID, *, actor: Account, target: UUID, at: datetime) -> StatementJson:
    """Return the statement that takes the statement `target` back (part 2, 2.3.2)."""
    return build(uuid, actor=actor, verb=VOIDED, thing=target, at=at)


def serialise(statement: StatementJson) -> str:
    """Return the statement as JSON in ASCII, always the same text for the same dict.

    A strict record store takes another text under the same id for another statement, so what is
    sent again must be this text. Raises ValueError for a number that JSON does not have.
    """
    return json.dumps(statement, separators=(",", ":"), allow_nan=False)


def reference(target: UUID) -> dict[str, str]:
    """Return a StatementRef to the statement with this id."""
    return {"objectType": "StatementRef", "id": str(target)}


def instant(at: datetime) -> str:
    """Return an aware time as RFC 3339 in UTC with milliseconds, such as 2026-11-22T06:00:00.000Z.

    Raises ValueError when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("A statement's time has a time zone.")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def lasting(duration: timedelta) -> str:
    """Return a duration as ISO 8601 in seconds, to the hundredth, such as PT75.5S.

    The specification compares durations to the hundredth (part 2, 4.6). Raises ValueError when the
    duration is negative.
    """
    if duration < timedelta(0):
        raise ValueError("A duration is not negative.")
    hundredths = round(duration / timedelta(milliseconds=10))
    whole, part = divmod(hundredths, 100)
    text = f"{whole}.{part:02}".rstrip("0").rstrip(".") if part else str(whole)
    return f"PT{text}S"


def _result(details: Details) -> dict[str, Any]:
    score = _present(
        scaled=details.get("scaled"),
        raw=details.get("raw"),
        min=details.get("lowest"),
        max=details.get("highest"),
    )
    duration = details.get("duration")
    return _present(
        score=score,
        success=details.get("success"),
        completion=details.get("completion"),
        response=details.get("response"),
        duration=None if duration is None else lasting(duration),
        extensions=_extensions(details.get("result_extensions")),
    )


def _context(details: Details) -> dict[str, Any]:
    registration, ref = details.get("registration"), details.get("ref")
    instructor, team = details.get("instructor"), details.get("team")
    extensions = _extensions(details.get("context_extensions"))
    involved = details.get("involved", ())
    agents = None
    if involved and details.get("version") == "2.0.0":
        agents = [_context_agent(one) for one in involved]
    elif involved:
        extensions[INVOLVED.id] = [_stand_in(one) for one in involved]
    return _present(
        registration=registration and str(registration),
        instructor=instructor and instructor.agent(),
        team=team and team.group(),
        contextActivities=_context_activities(details),
        contextAgents=agents,
        statement=ref and reference(ref),
        language=details.get("language"),
        platform=details.get("platform"),
        extensions=extensions,
    )


def _context_activities(details: Details) -> dict[str, Any]:
    return _present(
        parent=[thing.activity() for thing in details.get("parent", ())],
        grouping=[thing.activity() for thing in details.get("grouping", ())],
        category=[thing.activity() for thing in details.get("category", PROFILE_CATEGORY)],
        other=[thing.activity() for thing in details.get("other", ())],
    )


def _context_agent(involved: Involved) -> dict[str, Any]:
    return {
        "objectType": "contextAgent",
        "agent": involved.account.agent(),
        "relevantTypes": [kind.id for kind in involved.types],
    }


def _stand_in(involved: Involved) -> dict[str, Any]:
    return {
        "homePage": involved.account.home_page,
        "name": involved.account.name,
        "types": [kind.id for kind in involved.types],
    }


def _extensions(given: Mapping[Extension, Any] | None) -> dict[str, Any]:
    return {extension.id: value for extension, value in (given or {}).items()}


def _present(**values: Any) -> dict[str, Any]:
    """Return what is there: neither None nor an empty object, list or text."""
    return {name: value for name, value in values.items() if value not in (None, {}, [], "")}
