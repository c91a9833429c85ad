"""What a judge says: where, by which rule, why; and the frame in which rules are written.

A rule is a function of (faults, value, path) that adds a fault for whatever it finds wrong. An
object's rules are a dict from its properties' names to rules; `check_members` walks the members
that are there, so the cost follows what was sent, not what could have been.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a statement.

    `path` is a JSON path, as `$.actor.mbox`; `rule` is the short name of what was broken, stable
    for programs; `message` is a sentence for people.
    """

    path: str
    rule: str
    message: str

    def __str__(self) -> str:
        """Return the fault as one line."""
        return f"{self.path}: {self.message}"


Rule = Callable[[list[Fault], Any, str], None]
Rules = Mapping[str, Rule]


def check_object(faults: list[Fault], value: Any, path: str, rules: Rules) -> bool:
    """Judge a JSON object and its members; say whether it was an object at all."""
    if type(value) is not dict:
        wrong_type(faults, value, path, "an object")
        return False
    check_members(faults, value, path, rules)
    return True


def check_members(faults: list[Fault], value: dict[str, Any], path: str, rules: Rules) -> None:
    """Judge each member by its rule; a member without a rule is unknown (part 2, 2.2)."""
    for name, member in value.items():
        rule = rules.get(name)
        if rule is None:
            faults.append(
                Fault(f"{path}.{name}", "unknown-property", f'"{name}" has no place here.')
            )
        else:
            rule(faults, member, f"{path}.{name}")


def require(faults: list[Fault], value: dict[str, Any], path: str, *names: str) -> None:
    """Add a fault for each of the properties that is missing."""
    faults.extend(
        Fault(path, "required", f'"{name}" is missing.') for name in names if name not in value
    )


def list_of(rule: Rule, *, empty: bool = True) -> Rule:
    """Return the rule for an array whose items follow `rule`; `empty` allows none."""

    def check(faults: list[Fault], value: Any, path: str) -> None:
        if type(value) is not list:
            wrong_type(faults, value, path, "an array")
        elif not value and not empty:
            faults.append(Fault(path, "empty", "The array needs at least one item."))
        else:
            for index, item in enumerate(value):
                rule(faults, item, f"{path}[{index}]")

    return check


def wrong_type(faults: list[Fault], value: Any, path: str, expected: str) -> None:
    """Add the fault that the value is of another JSON type than the one expected."""
    faults.append(Fault(path, "type", f"This is {_json_type(value)}; it must be {expected}."))


def _json_type(value: Any) -> str:
    names = {
        dict: "an object",
        list: "an array",
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        type(None): "null",
    }
    return names.get(type(value), "no JSON value")
