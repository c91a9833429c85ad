"""Activities by their address: for places in an LMS that take a web link and no resource link.

The LMS starts the tool for such a link where it knows it to be the tool's, and names it as
`target_link_uri`. The address proves nothing: it only selects within the course of the launch
(security.md T11), and whoever opens it without a launch is told where to come from.
"""

from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_peer.core.models import Activity, ActivityState, Course
from lti_peer.lti.errors import LaunchError

PATH = "/lti/open/"


def of(base_url: str, activity: Activity) -> str:
    """Return the address of an activity."""
    return f"{base_url}{PATH}{activity.id}"


def activity(session: Session, target: str, course: Course) -> Activity | None:
    """Return the activity that a launch's target names, published now; None when it names none.

    Raises LaunchError 404 `link_of_nothing` when there is no such activity in the course.
    """
    path = urlsplit(target).path
    if not path.startswith(PATH):
        return None
    try:
        named = UUID(path.removeprefix(PATH))
    except ValueError:
        raise _of_nothing() from None
    found = session.scalar(
        select(Activity).where(
            Activity.id == named, Activity.course_id == course.id, Activity.kind != ""
        )
    )
    if found is None:
        raise _of_nothing()
    if found.state is ActivityState.DRAFT:
        found.state = ActivityState.PUBLISHED
    return found


def _of_nothing() -> LaunchError:
    return LaunchError(
        "link_of_nothing",
        "This link leads to an activity that is not in this course. A link that was copied from "
        "another course brings nothing along.",
        status=404,
        advice="If you teach here, remove the link and add an activity in its place.",
    )
