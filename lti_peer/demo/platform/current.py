"""Which LMS serves this request, and who is looking."""

from typing import cast

from flask import current_app, request

from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.model import Person

COOKIE = "demo_lms_user"
"""Holds the id of the person that somebody chose to be; no proof of anything."""


def current_lms() -> Lms:
    """Return the LMS of the running application."""
    return cast("Lms", current_app.extensions["lms"])


def current_person() -> Person:
    """Return who the visitor chose to be; the instructor when nobody was chosen."""
    lms = current_lms()
    try:
        return lms.person(request.cookies.get(COOKIE, ""))
    except KeyError:
        return lms.instructor


def instructor_only() -> Person:
    """Return the visitor, who teaches. Raises ProtocolError 403 for everybody else."""
    person = current_person()
    if not person.teaches:
        raise ProtocolError(403, "forbidden", "Only the instructor of the course can do this.")
    return person


def own_path(path: str, otherwise: str) -> str:
    """Return the path if it is one of this LMS, else the other one."""
    if path.startswith("/") and not path.startswith(("//", "/\\")):
        return path
    return otherwise
