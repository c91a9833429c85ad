"""The answer to a POST: another page of the same kind, which says what was done."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from lti_peer.web import steering

Notices = Mapping[str, tuple[str, str]]
"""A tone and a sentence by a word: the address names a word of these, and never the sentence."""


def tell(pages: Blueprint, notices: Notices) -> None:
    """Let the pages of a blueprint say what `go` names, and what staff told the LMS meanwhile."""
    known = steering.NOTICES | dict(notices)

    @pages.context_processor
    def _told() -> dict[str, Any]:
        tone, text = known.get(request.args.get("done", ""), ("", ""))
        return {"notices": [{"tone": tone, "text": text}] if text else []}


def go(endpoint: str, done: str = "", **values: Any) -> Response:
    """Return a 303 to another page of the blueprint that answers now; it tells `done`."""
    return redirect(url_for(f".{endpoint}", done=done or None, **values), code=303)
