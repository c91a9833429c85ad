"""Rules for activities and their definitions (part 2, 2.4.4.1)."""

from typing import Any, Final

from xapi.validation.fault import Fault, Rules, check_object, list_of, require, wrong_type
from xapi.validation.formats import check_extensions, check_iri, check_language_map, check_string

INTERACTION_TYPES: Final = frozenset(
    {
        "true-false",
        "choice",
        "fill-in",
        "long-fill-in",
        "matching",
        "performance",
        "sequencing",
        "likert",
        "numeric",
        "other",
    }
)
"""The kinds of interaction; the first half of each kind's rules is a list of components."""

_TYPES_OF: Final = {
    "choices": frozenset({"choice", "sequencing"}),
    "scale": frozenset({"likert"}),
    "source": frozenset({"matching"}),
    "target": frozenset({"matching"}),
    "steps": frozenset({"performance"}),
}
"""The lists of components, each with the interaction types that have it."""


def check_activity(faults: list[Fault], value: Any, path: str) -> None:
    """Judge an Activity; without an `objectType` it is one."""
    if not check_object(faults, value, path, _ACTIVITY):
        return
    if value.get("objectType", "Activity") != "Activity":
        faults.append(Fault(f"{path}.objectType", "object-type", 'This must be "Activity".'))
    if "id" not in value:
        require(faults, value, path, "id")


def _check_definition(faults: list[Fault], value: Any, path: str) -> None:
    if not check_object(faults, value, path, _DEFINITION):
        return
    if "interactionType" in value:
        _check_components(faults, value, path)
    elif not INTERACTION.isdisjoint(value):
        message = "An interaction's properties need an interactionType."
        faults.append(Fault(path, "interaction-type", message))


def _check_components(faults: list[Fault], value: dict[str, Any], path: str) -> None:
    """Judge which lists of components are there: only those of the interaction's type."""
    kind = value["interactionType"]
    if type(kind) is not str:
        return
    for name, types in _TYPES_OF.items():
        if name in value and kind not in types:
            message = f'"{name}" does not belong to this interactionType.'
            faults.append(Fault(f"{path}.{name}", "components", message))


def _check_interaction_type(faults: list[Fault], value: Any, path: str) -> None:
    if type(value) is not str:
        wrong_type(faults, value, path, "a string")
    elif value not in INTERACTION_TYPES:
        message = "This is none of the interaction types of the specification."
        faults.append(Fault(path, "interaction-type", message))


def _check_component(faults: list[Fault], value: Any, path: str) -> None:
    if check_object(faults, value, path, _COMPONENT):
        require(faults, value, path, "id")


def _check_component_list(faults: list[Fault], value: Any, path: str) -> None:
    _each_component(faults, value, path)
    if type(value) is list:
        ids = [item["id"] for item in value if type(item) is dict and type(item.get("id")) is str]
        if len(ids) != len(set(ids)):
            faults.append(Fault(path, "unique", "The components' ids must differ."))


_COMPONENT: Final[Rules] = {"id": check_string, "description": check_language_map}
_each_component: Final = list_of(_check_component)

COMPONENTS: Final = frozenset(_TYPES_OF)
"""The lists of components, each of which has an id and perhaps a description."""

INTERACTION: Final = COMPONENTS | {"correctResponsesPattern"}
"""The properties of a definition that only an interaction has."""

_DEFINITION: Final[Rules] = {
    "name": check_language_map,
    "description": check_language_map,
    "type": check_iri,
    "moreInfo": check_iri,
    "extensions": check_extensions,
    "interactionType": _check_interaction_type,
    "correctResponsesPattern": list_of(check_string),
    "choices": _check_component_list,
    "scale": _check_component_list,
    "source": _check_component_list,
    "target": _check_component_list,
    "steps": _check_component_list,
}

_ACTIVITY: Final[Rules] = {
    "objectType": check_string,
    "id": check_iri,
    "definition": _check_definition,
}
