"""A figure's table as an answer, and the links to it."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, url_for

from lti_peer.core.errors import NotFound
from lti_peer.reports import exports
from lti_peer.reports.shape import Figure

Links = Callable[[str], list[tuple[str, str]]]
"""The files that a figure's table can be had as, by its key: what each is called, its address."""


def links(endpoint: str, **given: Any) -> Links:
    """Return the links to the files of a page's tables; `given` says what was chosen there."""
    offered = exports.offered().items()
    pattern = url_for(endpoint, key="KEY", form="FORM", **given)  # to make one for each takes long
    return lambda key: [
        (label, pattern.replace("KEY.FORM", f"{key}.{form}", 1)) for form, label in offered
    ]


def as_file(figures: Sequence[Figure], key: str, form: str) -> Response:
    """Return the table of the figure with this key as a file; raises NotFound."""
    found = next((one for one in figures if one.key == key), None)
    if found is None:
        raise NotFound("There is no such table in this report.")
    sort, pieces = exports.write(form, found.table)
    answer = Response(pieces, mimetype=sort.mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.key}.{form}"'
    return answer
