"""New deployments of an LMS: approved by an administrator, or at once where we invited the LMS.

Whoever runs an LMS that registered by our invitation may place the tool in as many parts of it as
they like. Where many institutions share one issuer, a deployment may be another institution's
(Blackboard has one client id for all), so there each one waits for its approval.
"""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import ForeignKey
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_peer.core import audit, db
from lti_peer.core.db import Base
from lti_peer.core.models import Deployment, Platform, Standing
from lti_peer.lti import platforms

log = structlog.get_logger()


class InvitedPlatform(Base):
    """An LMS that registered by an invitation of ours."""

    __tablename__ = "invited_platform"

    platform_id: Mapped[UUID] = mapped_column(
        ForeignKey("platform.id", ondelete="CASCADE"), primary_key=True
    )
    registered_at: Mapped[datetime]


def remember(session: Session, platform: Platform) -> None:
    """Note that the LMS has just registered by an invitation."""
    session.add(InvitedPlatform(platform_id=platform.id, registered_at=db.now(session)))


def admit(session: Session, platform: Platform, key: str) -> bool:
    """Approve the deployment `key`, which nobody knows yet, if that needs no administrator.

    The platform is active, and the launch that names the deployment may be believed.
    """
    shared = platform.issuer in platforms.named("", platform.issuer).issuers
    if shared or session.get(InvitedPlatform, platform.id) is None:
        return False
    made = Deployment(
        platform_id=platform.id,
        deployment_key=key,
        state=Standing.ACTIVE,
        created_at=db.now(session),
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        return True  # another launch of it was faster
    about = {"platform": str(platform.id), "deployment": key}
    audit.record(session, "an LMS that was invited", "deployment_approved", **about)
    log.info("deployment_approved", platform=str(platform.id), deployment=key)
    return True
