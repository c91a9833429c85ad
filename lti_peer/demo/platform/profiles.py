"""The LMSs that the simulated one can behave like, by their word on the command line.

None of them is in here: these are their manners, as far as a tool meets them.
"""

from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from lti_peer.demo.platform.model import CourseRole
from lti_peer.demo.platform.profile import Profile

_LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
_FAR_AWAY = 10_000_000_000_000


def _uuid(kind: str, number: int) -> str:
    """Return an id as LMSs make them that number nothing, the same one each time."""
    return str(uuid5(NAMESPACE_URL, f"https://lms.invalid/{kind}/{number}"))


def _both(student: str, staff: str) -> dict[CourseRole, tuple[str, ...]]:
    return {CourseRole.LEARNER: (student,), CourseRole.INSTRUCTOR: (staff,)}


PLAIN = Profile(reviews=True)

MOODLE = Profile(
    name="moodle",
    label="Simulated LMS, in the manner of Moodle",
    product="moodle",
    gives_data=False,
    token_media="text/html",  # noqa: S106  a media type
    demands_agent=True,
    curly_links=True,
    forgets_filter=True,
    whole_seconds=True,
    keeps_arrival=True,
)

CANVAS = Profile(
    name="canvas",
    label="Simulated LMS, in the manner of Canvas",
    product="canvas",
    shared_issuer="https://canvas.instructure.com",
    registers=False,
    fetches=True,
    person_id=lambda number: _uuid("person", number),
    client_id=lambda number: str(_FAR_AWAY + number),
    deployment_id=lambda number: f"{105 + number}:8865aa05b4b79b64a91a86042e43af5ea8ae79eb",
    query=False,
    token_seconds=3600,
    login_extras={
        "deployment_id": "{deployment}",
        "canvas_region": "us-east-1",
        "canvas_environment": "prod",
        "lti_storage_target": "_parent",
    },
    launches_once=True,
    forgives_query=True,
    further_roles=_both(
        _LIS + "institution/person#Student", _LIS + "institution/person#Administrator"
    ),
    repeats_custom=False,
    variables={"$Canvas.course.id": "2"},
    hides_columns=False,
    demands_agent=True,
    demands_types=False,
    roster_page=50,
    short_roles=False,
    older=(400, "Provided timestamp before last updated timestamp"),
    stranger=422,
    clears=False,
    attempts=1,
)

BRIGHTSPACE = Profile(
    name="brightspace",
    label="Simulated LMS, in the manner of Brightspace",
    product="desire2learn",
    client_id=lambda number: _uuid("client", number),
    deployment_id=lambda number: _uuid("deployment", number),
    query=False,
    token_seconds=3600,
    further_roles=_both(_LIS + "institution/person#Student", _LIS + "institution/person#Faculty"),
    repeats_custom=False,
    hides_columns=False,
    reviews=True,
    audience="https://api.brightspace.com/auth/token",
    short_roles=False,
    stranger=403,
    clears=False,
)

BLACKBOARD = Profile(
    name="blackboard",
    label="Simulated LMS, in the manner of Blackboard",
    product="BlackboardLearn",
    shared_issuer="https://blackboard.com",
    registers=False,
    person_id=lambda number: _uuid("person", number).replace("-", ""),
    client_id=lambda number: _uuid("application", number),
    deployment_id=lambda number: _uuid("deployment", number),
    query=False,
    token_seconds=3600,
    further_roles=_both(_LIS + "institution/person#Student", _LIS + "institution/person#Staff"),
    repeats_custom=False,
    hides_columns=False,
    demands_types=False,
    short_roles=False,
    clears=False,
    flattens=True,
)

SAKAI = Profile(
    name="sakai",
    label="Simulated LMS, in the manner of Sakai",
    product="sakai",
    deployment_id=lambda _number: "1",
    query=False,
    token_seconds=3600,
    login_extras={"lti_storage_target": "_parent"},
    login_hint=lambda person_id: quote(quote(f"/access/lti/site/{person_id}", safe=""), safe=""),
    repeats_custom=False,
    hides_columns=False,
    short_roles=False,
    clears=False,
)

OPEN_EDX = Profile(
    name="openedx",
    label="Simulated LMS, in the manner of Open edX",
    product="openedx",
    registers=False,
    person_id=lambda number: _uuid("person", number),
    client_id=lambda number: _uuid("client", number),
    deployment_id=lambda _number: "1",
    query=False,
    token_seconds=3600,
    login_method="get",
    names_party=True,
    further_roles=_both(_LIS + "person#None", _LIS + "person#None"),
    repeats_custom=False,
    hides_columns=False,
    token_kind="bearer",  # noqa: S106  a kind of token, not a secret
    demands_types=False,
    roster=False,
    older=(400, "The timestamp is not later"),
    clears=False,
    column_needs_id=True,
    keeps_columns=403,
)

PROFILES = {
    each.name: each for each in (PLAIN, MOODLE, CANVAS, BRIGHTSPACE, BLACKBOARD, SAKAI, OPEN_EDX)
}
