"""Writing an answer: statements whole, by their identifiers alone, or in one language."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from werkzeug.datastructures import LanguageAccept

from xapi.lrs.definitions import activities
from xapi.statement import StatementJson
from xapi.validation.activities import COMPONENTS

_IDENTIFIERS: Final = ("mbox", "mbox_sha1sum", "openid", "account")


def only_ids(statement: StatementJson) -> StatementJson:
    """Return what identifies the parts of a stored statement (part 3, 2.1.3, "ids")."""
    short = {**statement, "actor": _actor(statement["actor"])}
    short["verb"] = {"id": statement["verb"]["id"]}
    short["object"] = _thing(statement["object"])
    if "authority" in statement:
        short["authority"] = _actor(statement["authority"])
    if "context" in statement:
        short["context"] = _context(statement["context"])
    return short


def canonical(
    statement: StatementJson, known: Mapping[str, dict[str, Any]], languages: LanguageAccept
) -> StatementJson:
    """Return a stored statement with what is known of its activities (part 3, 2.1.3, "canonical").

    `known` has definitions by the activities' IRIs. Of each language map of verbs and activities
    one language is left, the one that `languages` likes best; the given statement is altered.
    """
    _choose(statement["verb"], ("display",), languages)
    thing = statement["object"]
    if thing.get("objectType") == "SubStatement":
        canonical(thing, known, languages)
    for activity in activities([statement]):
        definition = known.get(activity["id"], activity.get("definition"))
        if definition:
            activity["definition"] = _in_one_language(definition, languages)
    return statement


def render_page(bodies: Sequence[str], more: str) -> str:
    """Return a page of rendered statements as a StatementResult (part 2, 2.5)."""
    return f'{{"statements":[{",".join(bodies)}],"more":{json.dumps(more)}}}'


def _thing(thing: dict[str, Any]) -> dict[str, Any]:
    kind = thing.get("objectType", "Activity")
    if kind == "Activity":
        return {"id": thing["id"]}
    if kind == "SubStatement":
        return only_ids(thing)
    return thing if kind == "StatementRef" else _actor(thing)


def _actor(actor: dict[str, Any]) -> dict[str, Any]:
    kept = ("objectType", *_IDENTIFIERS)
    short: dict[str, Any] = {name: value for name, value in actor.items() if name in kept}
    if not any(name in actor for name in _IDENTIFIERS):
        short["member"] = [_actor(member) for member in actor["member"]]
    return short


def _context(context: dict[str, Any]) -> dict[str, Any]:
    short = dict(context)
    for name in ("instructor", "team"):
        if name in short:
            short[name] = _actor(short[name])
    for name, inner in (("contextAgents", "agent"), ("contextGroups", "group")):
        if name in short:
            short[name] = [{**one, inner: _actor(one[inner])} for one in short[name]]
    if "contextActivities" in short:
        short["contextActivities"] = {
            relation: [{"id": activity["id"]} for activity in activities]
            for relation, activities in short["contextActivities"].items()
        }
    return short


def _in_one_language(definition: dict[str, Any], languages: LanguageAccept) -> dict[str, Any]:
    """Return a definition whose name, description and components are in one language each."""
    chosen = dict(definition)
    _choose(chosen, ("name", "description"), languages)
    for name in COMPONENTS & chosen.keys():
        chosen[name] = [dict(component) for component in chosen[name]]
        for component in chosen[name]:
            _choose(component, ("description",), languages)
    return chosen


def _choose(holder: dict[str, Any], names: tuple[str, ...], languages: LanguageAccept) -> None:
    for name in names:
        texts = holder.get(name)
        if texts:
            best = languages.best_match(list(texts)) or next(iter(texts))
            holder[name] = {best: texts[best]}
