"""Writing an answer: statements whole, by their identifiers alone, or in one language."""

import json
from typing import Any, Final

from werkzeug.datastructures import LanguageAccept

from xapi.lrs.asking import Format
from xapi.statement import StatementJson

_IDENTIFIERS: Final = ("mbox", "mbox_sha1sum", "openid", "account")


def render_statement(body: str, asked: Format, languages: LanguageAccept) -> str:
    """Return a stored statement as JSON in the format asked for (part 3, 2.1.3).

    "canonical" keeps one language of each language map, the one that `languages` likes best.
    """
    if asked is Format.EXACT:
        return body
    statement: StatementJson = json.loads(body)
    if asked is Format.IDS:
        statement = _only_ids(statement)
    else:
        _one_language(statement, languages)
    return json.dumps(statement, separators=(",", ":"))


def render_page(bodies: list[str], more: str) -> str:
    """Return a page of rendered statements as a StatementResult (part 2, 2.5)."""
    return f'{{"statements":[{",".join(bodies)}],"more":{json.dumps(more)}}}'


def _only_ids(statement: StatementJson) -> StatementJson:
    short = {**statement, "actor": _actor(statement["actor"])}
    short["verb"] = {"id": statement["verb"]["id"]}
    short["object"] = _thing(statement["object"])
    if "authority" in statement:
        short["authority"] = _actor(statement["authority"])
    if "context" in statement:
        short["context"] = _context(statement["context"])
    return short


def _thing(thing: dict[str, Any]) -> dict[str, Any]:
    kind = thing.get("objectType", "Activity")
    if kind == "Activity":
        return {"id": thing["id"]}
    if kind == "SubStatement":
        return _only_ids(thing)
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
    if "contextActivities" in short:
        short["contextActivities"] = {
            relation: [{"id": activity["id"]} for activity in activities]
            for relation, activities in short["contextActivities"].items()
        }
    return short


def _one_language(statement: StatementJson, languages: LanguageAccept) -> None:
    """Choose a language in the verb and the activities, in place."""
    _choose(statement["verb"], ("display",), languages)
    thing = statement["object"]
    if thing.get("objectType") == "SubStatement":
        _one_language(thing, languages)
    elif "definition" in thing:
        _choose(thing["definition"], ("name", "description"), languages)
    activities = statement.get("context", {}).get("contextActivities", {})
    for activity in (one for given in activities.values() for one in given):
        _choose(activity.get("definition", {}), ("name", "description"), languages)


def _choose(holder: dict[str, Any], names: tuple[str, ...], languages: LanguageAccept) -> None:
    for name in names:
        texts = holder.get(name)
        if texts:
            best = languages.best_match(list(texts)) or next(iter(texts))
            holder[name] = {best: texts[best]}
