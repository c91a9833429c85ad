"""Which verb, agents and activities a statement mentions: what queries look it up by.

A mention's key is a hash of what is meant, 128 bits as a UUID: equal agents have equal keys,
whatever their names (part 2, 2.4.2), and an IRI of any length fits into an index.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from xapi.statement import StatementJson

Mentions = dict[UUID, bool]
"""Keys, each with whether the mention is direct: the verb, the actor or the object itself."""


def verb_key(iri: str) -> UUID:
    """Return the key of a verb."""
    return _key("verb", iri)


def activity_key(iri: str) -> UUID:
    """Return the key of an activity."""
    return _key("activity", iri)


def deed_key(verb: str, activity: str) -> UUID:
    """Return the key of doing what a verb says within an activity: what reports count by."""
    return _key("deed", verb, activity)


def agent_key(agent: dict[str, Any]) -> UUID:
    """Return the key of an agent or group by its identifier; anonymous groups share one key."""
    for name in ("mbox", "mbox_sha1sum", "openid"):
        if name in agent:
            return _key(name, agent[name])
    if "account" in agent:
        account = agent["account"]
        return _key("account", account["homePage"], account["name"])
    return _key("anonymous")


def find_mentions(statement: StatementJson) -> Mentions:
    """Return everything that a valid, complete statement mentions (part 3, 2.1.3)."""
    mentions: Mentions = {verb_key(statement["verb"]["id"]): True}
    for key in _actor(statement["actor"]):
        mentions[key] = True
    thing = statement["object"]
    kind = thing.get("objectType", "Activity")
    if kind == "Activity":
        mentions[activity_key(thing["id"])] = True
    elif kind in ("Agent", "Group"):
        for key in _actor(thing):
            mentions[key] = True
    elif kind == "SubStatement":
        for key in _everybody_and_everything(thing):
            mentions.setdefault(key, False)
    for key in _context(statement.get("context", {})):
        mentions.setdefault(key, False)
    for key in _actor(statement["authority"]):
        mentions.setdefault(key, False)
    return mentions


def _everybody_and_everything(sub_statement: dict[str, Any]) -> Iterator[UUID]:
    yield from _actor(sub_statement["actor"])
    thing = sub_statement["object"]
    kind = thing.get("objectType", "Activity")
    if kind == "Activity":
        yield activity_key(thing["id"])
    elif kind != "StatementRef":
        yield from _actor(thing)
    yield from _context(sub_statement.get("context", {}))


def _context(context: dict[str, Any]) -> Iterator[UUID]:
    for name in ("instructor", "team"):
        if name in context:
            yield from _actor(context[name])
    for one in context.get("contextAgents", ()):
        yield from _actor(one["agent"])
    for one in context.get("contextGroups", ()):
        yield from _actor(one["group"])
    for given in context.get("contextActivities", {}).values():
        for activity in given if isinstance(given, list) else (given,):
            yield activity_key(activity["id"])


def _actor(actor: dict[str, Any]) -> Iterator[UUID]:
    """Name an agent, or a group and its members: who is in a group counts as the group does."""
    yield agent_key(actor)
    for member in actor.get("member", ()):
        yield agent_key(member)


@lru_cache(maxsize=4096)
def _key(*parts: str) -> UUID:
    text = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return UUID(bytes=hashlib.sha256(text).digest()[:16])
