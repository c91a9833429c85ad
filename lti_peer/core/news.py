"""The one gate to the outbox: who has news says of which course it is.

What happens in a sandbox is told to nobody, whichever kind or job would tell it (security.md T14,
A8). Nothing else in the tool puts anything into the outbox; a test holds that.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from lti_peer.core import outbox
from lti_peer.core.models import Course
from lti_peer.core.outbox import Channel


def tell(
    session: Session,
    course: Course,
    channel: Channel,
    key: str,
    payload: Mapping[str, Any],
    kind: str = "",
) -> None:
    """Put news of a course into the outbox, as `outbox.put` does; of a sandbox, nothing."""
    if not course.is_sandbox:
        outbox.put(session, course.deployment_id, channel, key, payload, kind)
