"""The journal for people (a drawer on every page) and for programs (JSON)."""

from flask import Blueprint, Response, jsonify, render_template, request

from lti_peer.demo.platform.current import current_lms
from lti_peer.demo.platform.errors import ProtocolError

drawer = Blueprint("drawer", __name__)

_SHOWN = 40
"""Entries in the drawer: a token has some 3 kB, and the drawer is asked for every two seconds."""


@drawer.get("/journal.json")
def as_json() -> Response:
    """Return the entries whose number is above `after`, oldest first, and the highest number."""
    entries = current_lms().journal.after(_after())
    latest = entries[-1].sequence if entries else _after()
    return jsonify(latest=latest, entries=[entry.as_json() for entry in entries])


@drawer.get("/journal")
def show() -> str:
    """Show the newest entries, newest first: the page in the drawer's frame."""
    entries = current_lms().journal.after(0, _SHOWN)
    return render_template("lms/journal.html", entries=list(reversed(entries)))


@drawer.get("/journal/entries")
def newer() -> str:
    """Return the entries above `after`, newest first, as a part of a page."""
    entries = current_lms().journal.after(_after(), _SHOWN)
    return render_template("lms/entries.html", entries=list(reversed(entries)))


def _after() -> int:
    value = request.args.get("after", "0")
    if not value.isdecimal():
        raise ProtocolError(400, "invalid_request", "after is a natural number.")
    return int(value)
