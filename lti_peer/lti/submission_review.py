"""From the LMS's grade book to one learner's work: LtiSubmissionReviewRequest (1EdTech, 1.0)."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_peer.core.models import Activity, Course, LineItem, Membership, Person, Role
from lti_peer.lti.claims import Launch
from lti_peer.lti.errors import FROM_COURSE, LaunchError


def activity(session: Session, launch: Launch, course: Course) -> Activity:
    """Return the activity whose grade was opened: by the link, else by the grade column.

    Raises LaunchError 404 when it is none of ours.
    """
    found = None
    if launch.link is not None:
        found = session.scalar(
            select(Activity).where(
                Activity.course_id == course.id, Activity.resource_link_key == launch.link.key
            )
        )
    if found is None and launch.services.line_item:
        found = session.scalar(
            select(Activity)
            .join(LineItem, LineItem.activity_id == Activity.id)
            .where(Activity.course_id == course.id, LineItem.url == launch.services.line_item)
        )
    if found is None or not found.kind:
        raise LaunchError(
            "review_of_nothing",
            "There is no activity of this tool behind this grade.",
            status=404,
            advice=FROM_COURSE,
        )
    return found


def learner(session: Session, launch: Launch, course: Course) -> UUID:
    """Return the person whose grade was opened. Raises LaunchError 404 for nobody of the course."""
    found = session.scalar(
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.platform_id == course.deployment.platform_id,
            Person.subject == launch.for_user,
            Membership.course_id == course.id,
            Membership.role == Role.LEARNER,
        )
    )
    if found is None:
        raise LaunchError(
            "review_of_nobody",
            "This person has not taken part in the activity, so there is nothing to look at.",
            status=404,
            advice="Go back to the grade book of your course.",
        )
    return found
