"""Role URIs of a launch or a roster, and the one role that somebody has in the course.

The rules are security.md 4.1: exact URIs, short names for context roles alone (the certification
suite and Moodle's roster use them), the principal role wins over its sub-role, what is unknown or
belongs to the institution or the system gives nothing.
"""

from collections.abc import Iterable, Mapping

from lti_peer.core.models import Role

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
MEMBERSHIP = LIS + "membership#"
SUB_ROLE = LIS + "membership/"
TEST_USER = (
    LIS + "system/person#TestUser",
    "http://purl.imsglobal.org/vocab/lti/system/person#TestUser",
)

PRINCIPAL: Mapping[str, Role] = {
    "Instructor": Role.INSTRUCTOR,
    "Administrator": Role.INSTRUCTOR,
    "ContentDeveloper": Role.DESIGNER,
    "Learner": Role.LEARNER,
    "Mentor": Role.MENTOR,
}
"""What a context role gives; any other (Manager, Member, Officer) gives nothing."""

ASSISTANT = "TeachingAssistant"
"""How the sub-roles of an instructor begin who is a teaching assistant (LIS 2)."""

STRONGEST = (Role.PREVIEW, Role.TA, Role.INSTRUCTOR, Role.DESIGNER, Role.LEARNER, Role.MENTOR)
"""Who wins among several. Platforms send Instructor along with TeachingAssistant for assistants."""


def course_role(names: Iterable[str]) -> Role:
    """Return the role that these names give in the course; `Role.NONE` when none is known."""
    given = {_role(name) for name in names}
    return next((role for role in STRONGEST if role in given), Role.NONE)


ADMINISTRATORS = frozenset(
    {LIS + "institution/person#Administrator", LIS + "system/person#Administrator"}
)


def administers(names: Iterable[str]) -> bool:
    """Whether one of the roles runs the LMS as a whole; it gives nothing in any course."""
    return not ADMINISTRATORS.isdisjoint(names)


def _role(name: str) -> Role:
    if name in TEST_USER:
        return Role.PREVIEW
    if name.startswith(SUB_ROLE):
        principal, _, part = name.removeprefix(SUB_ROLE).partition("#")
        if principal == "Instructor" and (part.startswith(ASSISTANT) or part == "Grader"):
            return Role.TA
        return PRINCIPAL.get(principal, Role.NONE) if part else Role.NONE
    short = name.removeprefix(MEMBERSHIP)
    return Role.TA if short == ASSISTANT else PRINCIPAL.get(short, Role.NONE)
