"""The xAPI Profile of our learning records, for whoever reads them."""

import json
from functools import cache

from flask import Blueprint, Response

from lti_peer.web import policy
from xapi.profile import document

profile = Blueprint("profile", __name__)


@profile.get("/profiles/peer-learning")
@policy.public
def show() -> Response:
    """Return the profile as JSON-LD; its IRI leads here."""
    answer = Response(_text(), mimetype=document.MEDIA_TYPE)
    answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@cache
def _text() -> str:
    return json.dumps(document.build(), indent=2)
