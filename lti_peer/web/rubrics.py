"""A rubric as pages read it."""

from collections.abc import Iterable
from typing import Any

from lti_peer.rules.rubric import Criterion


def rubric_rows(criteria: Iterable[Criterion]) -> list[dict[str, Any]]:
    """Return criteria as the template part `rubric` reads them."""
    return [
        {
            "key": one.key,
            "title": one.title,
            "hint": one.words or None,
            "levels": [
                {"points": level.points, "title": level.label, "words": level.words or None}
                for level in one.levels
            ],
        }
        for one in criteria
    ]
