"""Rules for results, contexts and attachments (part 2, 2.4.5, 2.4.6 and 2.4.11)."""

from typing import Any, Final

from xapi.validation.activities import check_activity
from xapi.validation.actors import check_actor, check_agent, check_group
from xapi.validation.fault import Fault, Rule, Rules, check_object, list_of, require
from xapi.validation.formats import (
    check_boolean,
    check_duration,
    check_extensions,
    check_iri,
    check_language,
    check_language_map,
    check_length,
    check_media_type,
    check_number,
    check_scaled,
    check_sha2,
    check_string,
    check_uuid,
)


def check_result(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a result."""
    check_object(faults, value, path, _RESULT)


def check_statement_ref(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a reference to another statement (part 2, 2.4.4.3)."""
    if not check_object(faults, value, path, _STATEMENT_REF):
        return
    require(faults, value, path, "id")
    if value.get("objectType") != "StatementRef":
        faults.append(Fault(f"{path}.objectType", "object-type", 'This must be "StatementRef".'))


def check_context(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a context by 1.0.3."""
    check_object(faults, value, path, _CONTEXT)


def check_context_2(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a context by 2.0.0, which has contextAgents and contextGroups (4.2.3)."""
    check_object(faults, value, path, _CONTEXT_2)


def _check_attachment(faults: list[Fault], value: Any, path: str) -> None:
    if check_object(faults, value, path, _ATTACHMENT):
        require(faults, value, path, "usageType", "display", "contentType", "length", "sha2")


def _check_score(faults: list[Fault], value: Any, path: str) -> None:
    before = len(faults)
    if not check_object(faults, value, path, _SCORE) or len(faults) > before:
        return
    raw, low, high = value.get("raw"), value.get("min"), value.get("max")
    if low is not None and high is not None and low >= high:
        faults.append(Fault(path, "range", "min must be less than max."))
    if raw is not None and low is not None and raw < low:
        faults.append(Fault(f"{path}.raw", "range", "raw must not be less than min."))
    if raw is not None and high is not None and raw > high:
        faults.append(Fault(f"{path}.raw", "range", "raw must not be more than max."))


def _check_activity_or_list(faults: list[Fault], value: Any, path: str) -> None:
    """Judge one activity, as 1.0.0 allowed, or an array of them (part 2, 2.4.6.2)."""
    if type(value) is list:
        for index, item in enumerate(value):
            check_activity(faults, item, f"{path}[{index}]")
    else:
        check_activity(faults, value, path)


def _check_context_activities(faults: list[Fault], value: Any, path: str) -> None:
    if check_object(faults, value, path, _CONTEXT_ACTIVITIES) and not value:
        message = "contextActivities need at least one of parent, grouping, category, other."
        faults.append(Fault(path, "empty", message))


def _check_context_agent(faults: list[Fault], value: Any, path: str) -> None:
    if check_object(faults, value, path, _CONTEXT_AGENT):
        require(faults, value, path, "objectType", "agent")
        if value.get("objectType", "contextAgent") != "contextAgent":
            message = 'This must be "contextAgent".'
            faults.append(Fault(f"{path}.objectType", "object-type", message))


def _check_context_group(faults: list[Fault], value: Any, path: str) -> None:
    if check_object(faults, value, path, _CONTEXT_GROUP):
        require(faults, value, path, "objectType", "group")
        if value.get("objectType", "contextGroup") != "contextGroup":
            message = 'This must be "contextGroup".'
            faults.append(Fault(f"{path}.objectType", "object-type", message))


_STATEMENT_REF: Final[Rules] = {"objectType": check_string, "id": check_uuid}

_SCORE: Final[Rules] = {
    "scaled": check_scaled,
    "raw": check_number,
    "min": check_number,
    "max": check_number,
}

_RESULT: Final[Rules] = {
    "score": _check_score,
    "success": check_boolean,
    "completion": check_boolean,
    "response": check_string,
    "duration": check_duration,
    "extensions": check_extensions,
}

_CONTEXT_ACTIVITIES: Final[Rules] = {
    "parent": _check_activity_or_list,
    "grouping": _check_activity_or_list,
    "category": _check_activity_or_list,
    "other": _check_activity_or_list,
}

_CONTEXT: Final[Rules] = {
    "registration": check_uuid,
    "instructor": check_actor,
    "team": check_group,
    "contextActivities": _check_context_activities,
    "revision": check_string,
    "platform": check_string,
    "language": check_language,
    "statement": check_statement_ref,
    "extensions": check_extensions,
}

_relevant_types: Final[Rule] = list_of(check_iri, empty=False)

_CONTEXT_AGENT: Final[Rules] = {
    "objectType": check_string,
    "agent": check_agent,
    "relevantTypes": _relevant_types,
}

_CONTEXT_GROUP: Final[Rules] = {
    "objectType": check_string,
    "group": check_group,
    "relevantTypes": _relevant_types,
}

_CONTEXT_2: Final[Rules] = {
    **_CONTEXT,
    "contextAgents": list_of(_check_context_agent),
    "contextGroups": list_of(_check_context_group),
}

_ATTACHMENT: Final[Rules] = {
    "usageType": check_iri,
    "display": check_language_map,
    "description": check_language_map,
    "contentType": check_media_type,
    "length": check_length,
    "sha2": check_sha2,
    "fileUrl": check_iri,
}

check_attachments: Final[Rule] = list_of(_check_attachment)
"""Judge the list of a statement's attachments."""
