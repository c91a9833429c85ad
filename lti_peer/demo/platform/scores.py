"""Assignment and Grade Services 2.0, second part: scores come in, results go out."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from lti_peer.demo.platform.answers import answer, curled, one_page
from lti_peer.demo.platform.bearer import require
from lti_peer.demo.platform.current import current_lms
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.line_items import ONE, own_column
from lti_peer.demo.platform.model import LineItem, Score
from lti_peer.demo.platform.reading import finite
from lti_peer.demo.platform.scopes import SCOPE_RESULT_READ, SCOPE_SCORE

scores = Blueprint("scores", __name__)

SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"

_SUBMISSION = "https://canvas.instructure.com/lti/submission"
_ACTIVITY = frozenset({"Initialized", "Started", "InProgress", "Submitted", "Completed"})
_GRADING = frozenset({"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"})


@scores.post(ONE + "/scores")
def accept(course_id: str, line_item_id: str) -> Response:
    """Take one score for one learner."""
    tool = require(SCOPE_SCORE)
    column = own_column(course_id, line_item_id, tool)
    if current_lms().profile.demands_types and request.mimetype != SCORE_TYPE:
        raise ProtocolError(400, "no_handler", f"Content-Type must be {SCORE_TYPE}.")
    current_lms().gradebook.accept(_read_score(request.get_json(force=True, silent=True), column))
    return Response(status=204)


@scores.get(ONE + "/results")
def results(course_id: str, line_item_id: str) -> Response:
    """Show the grades of a column, of `user_id` alone if that is given."""
    tool = require(SCOPE_RESULT_READ)
    column = own_column(course_id, line_item_id, tool)
    lms, address = current_lms(), request.base_url
    query = f"?type_id={tool.deployment_id}" if lms.profile.query else ""
    found = [
        {
            "id": f"{address}/{person.id}{query}",
            "scoreOf": lms.addresses.line_item(course_id, column.id, tool.deployment_id),
            "userId": person.id,
            "resultScore": grade.points,
            "resultMaximum": column.maximum,
            "comment": grade.comment,
            "timestamp": grade.at.isoformat(),
        }
        for person in lms.learners
        if request.args.get("user_id") in (None, person.id)
        and (grade := lms.gradebook.grade(column.id, person.id)) is not None
    ]
    items, link = one_page(found)
    response = answer(items, RESULTS_TYPE)
    if link:
        response.headers["Link"] = curled(link)
    return response


def _read_score(given: Any, column: LineItem) -> Score:
    """Return the score. Raises ProtocolError 400 that names the member that is wrong."""
    if not isinstance(given, dict):
        raise ProtocolError(400, "invalid_score", "The body is not a JSON object.")
    points, maximum = (_number(given, name) for name in ("scoreGiven", "scoreMaximum"))
    if points is not None and not maximum:
        raise ProtocolError(400, "invalid_score", "scoreGiven needs a scoreMaximum above 0.")
    return Score(
        line_item_id=column.id,
        person_id=_learner(given),
        given=points,
        maximum=maximum,
        comment=_comment(given),
        activity_progress=_word(given, "activityProgress", _ACTIVITY),
        grading_progress=_word(given, "gradingProgress", _GRADING),
        at=_time(given),
        received_at=current_lms().clock(),
        attempt=_is_attempt(given),
    )


def _learner(given: dict[str, Any]) -> str:
    try:
        person = current_lms().person(given.get("userId", ""))
    except (KeyError, TypeError) as unknown:
        raise _stranger("userId is nobody in this course.") from unknown
    if person.teaches or person.id in current_lms().left:
        raise _stranger("userId is not a learner of this course.")
    return person.id


def _stranger(sentence: str) -> ProtocolError:
    return ProtocolError(current_lms().profile.stranger, "invalid_score", sentence)


def _comment(given: dict[str, Any]) -> str:
    """Return the comment as the grade book shows it."""
    text = str(given.get("comment") or "")
    return " ".join(text.split()).replace("<br/>", "\n") if current_lms().profile.flattens else text


def _is_attempt(given: dict[str, Any]) -> bool:
    """Return whether the score counts as an attempt: Canvas's extension, which it assumes."""
    extension = given.get(_SUBMISSION)
    return not isinstance(extension, dict) or extension.get("new_submission", True) is not False


def _number(given: dict[str, Any], name: str) -> float | None:
    """Return a finite number of at least 0, or None when the member is missing."""
    value = given.get(name)
    if value is None:
        return None
    number = finite(value)
    if number is None or number < 0:
        raise ProtocolError(400, "invalid_score", f"{name} must be a number, 0 or more.")
    return number


def _word(given: dict[str, Any], name: str, words: frozenset[str]) -> str:
    value = given.get(name)
    if not isinstance(value, str) or value not in words:
        raise ProtocolError(400, "invalid_score", f"{name} must be one of {sorted(words)}.")
    return value


def _time(given: dict[str, Any]) -> datetime:
    """Return the timestamp, aware. Raises ProtocolError when it has no zone."""
    try:
        at = datetime.fromisoformat(given.get("timestamp", ""))
    except (ValueError, TypeError) as unreadable:
        raise ProtocolError(400, "invalid_score", "timestamp is not ISO 8601.") from unreadable
    if at.tzinfo is None:
        raise ProtocolError(400, "invalid_score", "timestamp has no time zone.")
    return at
