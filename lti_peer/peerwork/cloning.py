"""What the shared tables keep of an activity's settings, given to another; never its people."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from lti_peer.core.models import Activity
from lti_peer.peerwork import feedback, phases
from lti_peer.rules.phases import Window


def clone(
    session: Session, fresh: Activity, origin: Activity, windows: Mapping[str, Window]
) -> None:
    """Give `fresh` the task, the settings and the newest rubrics of `origin`, and these dates.

    What a kind's own tables keep of it is the kind's to copy (`ActivityKind.copy`).
    """
    fresh.instructions, fresh.settings = origin.instructions, dict(origin.settings)
    phases.set_dates(session, fresh, windows)
    newest = {one.use: one for one in feedback.rubrics(session, origin).values()}
    for use, rubric in newest.items():
        feedback.set_rubric(session, fresh, rubric.parsed, use)
