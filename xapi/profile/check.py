"""Which template a statement follows and what it lacks, and which pattern a person's acts make."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from xapi.profile.patterns import PRIMARY, Part, Pattern
from xapi.profile.templates import COMMON, TEMPLATES, Location, Rule, Template
from xapi.statement import StatementJson
from xapi.validation.fault import Fault
from xapi.vocabulary import PROFILE_VERSION

_MISSING: Final = object()
_FIRST_SIGN: Final = 0x100
"""Templates become characters from here on, so that a pattern becomes a regular expression."""


def template_of(statement: StatementJson) -> Template | None:
    """Return the template that the statement follows by its verb, its object and its parent."""
    kind = statement.get("object", {}).get("definition", {}).get("type")
    parents = set(_types(statement, "parent"))
    for one in TEMPLATES:
        if (one.verb.id, one.object.id) != (statement.get("verb", {}).get("id"), kind):
            continue
        if one.parent is None or one.parent.id in parents:
            return one
    return None


def check(statement: StatementJson) -> list[Fault]:
    """Return what the statement lacks to follow the profile; empty when it does.

    A statement that no template describes has one fault, `template`.
    """
    found = template_of(statement)
    if found is None:
        return [Fault("$", "template", "No template of the profile describes this statement.")]
    faults = [one for rule in (*COMMON, *found.rules) for one in _broken(statement, rule, found)]
    categories = statement.get("context", {}).get("contextActivities", {}).get("category", [])
    if PROFILE_VERSION not in {one.get("id") for one in categories}:
        faults.append(
            Fault(
                "$.context.contextActivities.category",
                "category",
                "The statement does not name the version of the profile.",
            )
        )
    return faults


def pattern_of(statements: Sequence[StatementJson]) -> Pattern | None:
    """Return the primary pattern that one person's statements follow, in the order of their times.

    The statements share a registration. None when they follow none, or when one of them follows no
    template.
    """
    ordered = sorted(statements, key=lambda one: (str(one.get("timestamp")), str(one.get("id"))))
    signs = ""
    for one in ordered:
        found = template_of(one)
        if found is None:
            return None
        signs += _sign(found)
    return next((one for one in PRIMARY if _expression(one).fullmatch(signs)), None)


def path(location: Location) -> str:
    """Return a place as the JSONPath that profiles use, such as $.result.score.scaled."""
    return "$" + "".join(f".{key}" if key.isidentifier() else f"['{key}']" for key in location)


def _broken(statement: StatementJson, rule: Rule, template: Template) -> Iterable[Fault]:
    value = _at(statement, rule.location)
    where, name = path(rule.location), template.key
    if rule.presence == "included" and value is _MISSING:
        yield Fault(where, "included", f"The template {name} demands a value here.")
    elif rule.presence == "excluded" and value is not _MISSING:
        yield Fault(where, "excluded", f"The template {name} allows nothing here.")
    elif rule.any_of and value is not _MISSING and value not in rule.any_of:
        yield Fault(where, "any", f"The template {name} allows {', '.join(rule.any_of)} here.")


def _at(statement: StatementJson, location: Location) -> Any:
    value: Any = statement
    for key in location:
        if not isinstance(value, dict) or key not in value:
            return _MISSING
        value = value[key]
    return value


def _types(statement: StatementJson, relation: str) -> Iterable[str]:
    activities = statement.get("context", {}).get("contextActivities", {}).get(relation, [])
    return (one.get("definition", {}).get("type", "") for one in activities)


def _sign(template: Template) -> str:
    return chr(_FIRST_SIGN + TEMPLATES.index(template))


@cache
def _expression(pattern: Pattern) -> re.Pattern[str]:
    return re.compile(_written(pattern))


def _written(part: Part) -> str:
    if isinstance(part, Template):
        return _sign(part)
    inner = [_written(one) for one in part.parts]
    joined = f"(?:{('|' if part.way == 'alternates' else '').join(inner)})"
    return joined + {"optional": "?", "oneOrMore": "+", "zeroOrMore": "*"}.get(part.way, "")
