"""When two statements with one id are the same one (part 2, 2.3.1, and part 3, 2.1.1).

What the record store sets or may change does not count: id, stored, authority, version, and the
timestamp where none was given; nor do descriptions of the parts: the verb's display, activities'
definitions, agents' names, the order of a group's members; nor what is finer than a hundredth of a
second in a duration.
"""

import hashlib
import json
import re
from typing import Any, Final

from xapi.statement import StatementJson, Version
from xapi.validation.formats import parse_time

_FINER: Final = re.compile(r"([.,][0-9]{2})[0-9]+(?=S)")


def digest(statement: StatementJson) -> bytes:
    """Return SHA-256 of what counts in a valid statement as it was sent; 32 bytes."""
    return hashlib.sha256(_text(_essence(statement)).encode()).digest()


def equivalent(stored: StatementJson, sent: StatementJson, version: Version) -> bool:
    """Say whether a sent statement is the stored one with its id, whose digests differ.

    Both are valid. A record store gives a timestamp to a statement without one, which makes no
    difference (part 2, 2.3.1); in 2.0.0 no timestamp does, nor do attachments and capitals (4.2).
    """
    old, new = _essence(stored), _essence(sent)
    if version == "2.0.0":
        aside: tuple[str, ...] = ("timestamp", "attachments")
        return _text(old, *aside).casefold() == _text(new, *aside).casefold()
    aside = () if "timestamp" in new else ("timestamp",)
    return _text(old, *aside) == _text(new, *aside)


def _text(essence: dict[str, Any], *without: str) -> str:
    left = {name: value for name, value in essence.items() if name not in without}
    return json.dumps(left, sort_keys=True, separators=(",", ":"))


def _essence(statement: StatementJson) -> dict[str, Any]:
    essence: dict[str, Any] = {
        "actor": _actor(statement["actor"]),
        "verb": statement["verb"]["id"],
        "object": _thing(statement["object"]),
    }
    if "timestamp" in statement:
        essence["timestamp"] = parse_time(statement["timestamp"]).isoformat()
    if "context" in statement:
        essence["context"] = _context(statement["context"])
    if "result" in statement:
        essence["result"] = _result(statement["result"])
    if "attachments" in statement:
        essence["attachments"] = statement["attachments"]
    return essence


def _result(result: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a duration has beyond a hundredth of a second (part 2, 4.6)."""
    if "duration" not in result:
        return result
    return {**result, "duration": _FINER.sub(r"\1", result["duration"])}


def _thing(thing: dict[str, Any]) -> Any:
    kind = thing.get("objectType", "Activity")
    if kind == "Activity":
        return thing["id"]
    if kind == "SubStatement":
        return _essence(thing)
    if kind == "StatementRef":
        return [kind, thing["id"].lower()]
    return _actor(thing)


def _actor(actor: dict[str, Any]) -> dict[str, Any]:
    same = {
        name: value for name, value in actor.items() if name not in ("name", "objectType", "member")
    }
    if actor.get("objectType") == "Group":
        members = [_actor(member) for member in actor.get("member", ())]
        same["member"] = sorted(members, key=lambda one: json.dumps(one, sort_keys=True))
    return same


def _context(context: dict[str, Any]) -> dict[str, Any]:
    same = dict(context)
    for name in ("instructor", "team"):
        if name in same:
            same[name] = _actor(same[name])
    if "contextActivities" in same:
        same["contextActivities"] = {
            relation: [one["id"] for one in (given if isinstance(given, list) else [given])]
            for relation, given in same["contextActivities"].items()
        }
    return same
