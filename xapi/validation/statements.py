"""Rules for whole statements and sub-statements, by 1.0.3 and by 2.0.0 (part 2, 2.2 to 2.4)."""

import re
from dataclasses import dataclass
from typing import Any, Final

from xapi.validation.activities import check_activity
from xapi.validation.actors import check_actor, check_agent, check_authority, check_group
from xapi.validation.fault import (
    Fault,
    Rule,
    Rules,
    check_members,
    check_object,
    require,
    wrong_type,
)
from xapi.validation.formats import (
    check_internet_time,
    check_iri,
    check_language_map,
    check_time,
    check_uuid,
)
from xapi.validation.results import (
    check_attachments,
    check_context,
    check_context_2,
    check_result,
    check_statement_ref,
)
from xapi.vocabulary import VOIDED


@dataclass(frozen=True, slots=True)
class Grammar:
    """The rules of one version: for the members of a statement and of a sub-statement."""

    statement: Rules
    sub_statement: Rules

    def check_statement(self, faults: list[Fault], value: Any, path: str) -> None:
        """Judge a statement."""
        if type(value) is not dict:
            wrong_type(faults, value, path, "a statement")
            return
        check_members(faults, value, path, self.statement)
        self._check_object(faults, value, path, inside=False)
        _check_whole(faults, value, path)
        if _verb(value) == VOIDED.id and _object_type(value) != "StatementRef":
            message = "A voiding statement's object is a StatementRef."
            faults.append(Fault(f"{path}.object", "voiding", message))

    def _check_sub_statement(self, faults: list[Fault], value: Any, path: str) -> None:
        if check_object(faults, value, path, self.sub_statement):
            self._check_object(faults, value, path, inside=True)
            _check_whole(faults, value, path)

    def _check_object(
        self, faults: list[Fault], value: dict[str, Any], path: str, *, inside: bool
    ) -> None:
        """Judge what the statement is about by what it says it is."""
        thing = value.get("object")
        if thing is None:  # absent, which is judged with the other absences, or null
            if "object" in value:
                wrong_type(faults, thing, f"{path}.object", "an object")
            return
        kind = _object_type(value)
        if kind == "SubStatement" and not inside:
            self._check_sub_statement(faults, thing, f"{path}.object")
            return
        rule = _OBJECTS.get(kind) if type(kind) is str else None
        if rule is None:
            message = "This is no type of object" + (" in a sub-statement." if inside else ".")
            faults.append(Fault(f"{path}.object.objectType", "object-type", message))
        else:
            rule(faults, thing, f"{path}.object")


def _check_whole(faults: list[Fault], value: dict[str, Any], path: str) -> None:
    """Judge what concerns several members at once."""
    if not ("actor" in value and "verb" in value and "object" in value):
        require(faults, value, path, "actor", "verb", "object")
    context = value.get("context")
    if type(context) is dict and _object_type(value) != "Activity":
        for name in ("revision", "platform"):
            if name in context:
                message = f'"{name}" belongs only to statements about activities.'
                faults.append(Fault(f"{path}.context.{name}", "context", message))


def _check_verb(faults: list[Fault], value: Any, path: str) -> None:
    if check_object(faults, value, path, _VERB) and "id" not in value:
        require(faults, value, path, "id")


def _check_version(faults: list[Fault], value: Any, path: str) -> None:
    if type(value) is not str or not re.fullmatch(r"1\.0(?:\.\d+)?", value):
        faults.append(Fault(path, "version", 'The version is "1.0" or "1.0.x".'))


def _check_version_2(faults: list[Fault], value: Any, path: str) -> None:
    if type(value) is not str or not re.fullmatch(r"1\.0(?:\.\d+)?|2\.0\.\d+", value):
        faults.append(Fault(path, "version", 'The version is "2.0.x", "1.0" or "1.0.x".'))


def _pass(_faults: list[Fault], _value: Any, _path: str) -> None:
    """Leave the object to `_check_object`, which knows its siblings."""


def _is_sub_statement(_faults: list[Fault], _value: Any, _path: str) -> None:
    """Leave the type to the rule that chose this one by it."""


def _verb(value: dict[str, Any]) -> Any:
    verb = value.get("verb")
    return verb.get("id") if type(verb) is dict else None


def _object_type(value: dict[str, Any]) -> Any:
    thing = value.get("object")
    return thing.get("objectType", "Activity") if type(thing) is dict else "Activity"


_VERB: Final[Rules] = {"id": check_iri, "display": check_language_map}

_OBJECTS: Final[Rules] = {
    "Activity": check_activity,
    "Agent": check_agent,
    "Group": check_group,
    "StatementRef": check_statement_ref,
}


def _grammar(time: Rule, context: Rule, version: Rule) -> Grammar:
    sub_statement: dict[str, Rule] = {
        "actor": check_actor,
        "verb": _check_verb,
        "object": _pass,
        "result": check_result,
        "context": context,
        "timestamp": time,
        "attachments": check_attachments,
    }
    statement: dict[str, Rule] = {
        **sub_statement,
        "id": check_uuid,
        "stored": time,
        "authority": check_authority,
        "version": version,
    }
    return Grammar(statement, {**sub_statement, "objectType": _is_sub_statement})


GRAMMARS: Final = {
    "1.0.3": _grammar(check_time, check_context, _check_version),
    "2.0.0": _grammar(check_internet_time, check_context_2, _check_version_2),
}
"""The grammar of each version of xAPI."""
