"""The nouns of the simulated LMS: plain values that nobody changes after they are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


def utc_now() -> datetime:
    """Return this moment, aware, in UTC."""
    return datetime.now(UTC)


SYNTHETIC = " (synthetic)"
"""Every family name ends with it, so that no record of these people is taken for a real one."""


class CourseRole(StrEnum):
    """What a person may do in the course; the value is the short word of LIS."""

    INSTRUCTOR = "Instructor"
    LEARNER = "Learner"


class MessageKind(StrEnum):
    """The LTI messages that this LMS sends."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who does not exist. `id` is unique in this LMS and becomes `sub`."""

    id: str
    given_name: str
    family_name: str
    role: CourseRole

    @property
    def name(self) -> str:
        """The whole name, as pages show it; says that it is synthetic."""
        return f"{self.given_name} {self.family_name}"

    @property
    def short_name(self) -> str:
        """The name without the word that says it is synthetic: for pages that say so themselves."""
        return self.name.removesuffix(SYNTHETIC)

    @property
    def username(self) -> str:
        """A short sign-in name, unique in this LMS."""
        return f"{self.given_name.lower()}{self.id}"

    @property
    def email(self) -> str:
        """An address that can never receive anything (RFC 2606)."""
        return f"{self.username}@lms.invalid"

    @property
    def teaches(self) -> bool:
        """Whether this person is the instructor."""
        return self.role is CourseRole.INSTRUCTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The one course of this LMS."""

    id: str
    label: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool that was registered; one registration has one deployment, as in Moodle.

    `claims` are the personal claims that the tool asked for: names and e-mail are sent only then.
    """

    client_id: str
    deployment_id: str
    name: str
    login_url: str
    redirect_uris: tuple[str, ...]
    jwks_url: str
    target_link_uri: str
    deep_linking_url: str | None = None
    """Where deep linking goes; None when the tool did not ask for deep linking."""
    review_url: str | None = None
    """Where staff look at somebody's work; None when the tool does not show it."""
    scopes: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when until when; an end that is None is open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLink:
    """A placed activity of a tool in the course."""

    id: str
    client_id: str
    title: str
    text: str = ""
    url: str
    """The target link URI of launches."""
    custom: Mapping[str, str] = field(default_factory=dict)
    available: Period = Period()
    submission: Period = Period()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem:
    """A column of the grade book."""

    id: str
    client_id: str
    label: str
    maximum: float
    """Points of a full grade, above 0."""
    link_id: str | None = None
    resource_id: str = ""
    tag: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the tool's JSON, given back as they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One accepted message about a person's work, never changed and never dropped."""

    line_item_id: str
    person_id: str
    given: float | None
    maximum: float | None
    comment: str
    activity_progress: str
    grading_progress: str
    at: datetime
    """The time that the tool stated."""
    received_at: datetime
    attempt: bool = False
    """Whether it counts as one of the learner's attempts, where an LMS counts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What the grade book shows for a person in a column now."""

    points: float
    """0 to the column's maximum."""
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that was begun and waits for the tool's authentication request."""

    kind: MessageKind
    client_id: str
    person_id: str
    link_id: str | None = None
    data: str = ""
    """What the tool must give back with deep linking; else empty."""
    line_item_id: str = ""
    """The column whose grade is looked at, in a review of somebody's work; else empty."""
    about_id: str = ""
    """Whose work that is; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """Which tool may use which services."""

    client_id: str
    scopes: frozenset[str]
