"""Deployments that somebody launched from before anybody has approved them.

The launch is refused, and the deployment stands where administrators see it. Only an LMS that is
registered, active and signs can make one wait, and only so many.
"""

from flask import Flask, Response, current_app
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.core.models import Deployment, Standing
from lti_peer.lti.errors import DeploymentRefused
from lti_peer.web import errors

MOST_WAITING = 50
"""Deployments of one LMS that wait at once; the page shows its id to whoever comes after that."""


def register(app: Flask) -> None:
    """Note what is refused from now on."""
    app.register_error_handler(DeploymentRefused, _answer)


def note(database: Database, problem: DeploymentRefused) -> None:
    """Let an unknown deployment wait for an approval, in a transaction of its own."""
    waiting = select(func.count()).where(
        Deployment.platform_id == problem.platform_id, Deployment.state == Standing.PENDING
    )
    with database.transaction() as session:
        if (session.scalar(waiting) or 0) >= MOST_WAITING:
            return
        stranger = Deployment(
            platform_id=problem.platform_id,
            deployment_key=problem.deployment_key,
            state=Standing.PENDING,
            created_at=db.now(session),
        )
        try:
            with session.begin_nested():
                session.add(stranger)
        except IntegrityError:
            return  # another launch of it was faster


def _answer(problem: DeploymentRefused) -> Response:
    """Answer as ever; the request's own transaction is over first, because it changes nothing."""
    db.session().rollback()
    if problem.state == "unknown":
        note(current_app.extensions["database"], problem)
    return errors.answer(problem)
