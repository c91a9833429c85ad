"""What the store knows of agents, activities and itself (part 3, 2.4, 2.5 and 2.8)."""

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from flask import Response
from werkzeug.http import quote_etag

from xapi.lrs import asking, definitions, query
from xapi.lrs.answers import json_answer
from xapi.lrs.calls import Call
from xapi.lrs.documents import etag
from xapi.lrs.host import Host
from xapi.lrs.keys import Holder
from xapi.lrs.mentions import activity_key, agent_key
from xapi.statement import Version
from xapi.validation.actors import IDENTIFIERS

_VERSIONS: Final[dict[Version, tuple[str, ...]]] = {
    "1.0.3": ("1.0.0", "1.0.1", "1.0.2", "1.0.3"),
    "2.0.0": ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0"),
}
_NEWEST: Final = 100
"""How many statements are read to learn what is not kept apart."""


def about(call: Call) -> Response:
    """Say which versions the store speaks.

    1.0.3 allows only its own family in the list, so who asks by 1.0 is told of that one.
    """
    call.allow()
    return json_answer(json.dumps({"version": _VERSIONS[call.version]}))


def get_person(host: Host, call: Call, holder: Holder) -> Response:
    """Return an agent as a Person: each property a list, with the names that statements give it."""
    call.allow("agent")
    agent = asking.read_agent(call.parameters)
    key = agent_key(agent)
    names = [agent["name"]] if "name" in agent else []
    with host.reading() as session:
        bodies = query.mentioning(session, holder.tenant, key, _NEWEST, holder.limit)
    for body in bodies:
        names += _names(json.loads(body), key)
    person: dict[str, Any] = {"objectType": "Person"}
    if names:
        person["name"] = list(dict.fromkeys(names))
    person |= {name: [value] for name, value in agent.items() if name in IDENTIFIERS}
    return _tagged(person)


def get_activity(host: Host, call: Call, holder: Holder) -> Response:
    """Return an activity with all that statements have said of it, whether it is known or not.

    A key that reads only its own is told what its own statements say.
    """
    call.allow("activityId")
    iri = asking.read_iri(call.parameters, "activityId")
    with host.reading() as session:
        if holder.limit is None:
            known = definitions.recall(session, holder.tenant, [iri]).get(iri, {})
        else:
            key = activity_key(iri)
            bodies = query.mentioning(session, holder.tenant, key, _NEWEST, holder.limit)
            known = definitions.gather(map(json.loads, reversed(bodies)), iri)
    activity: dict[str, Any] = {"objectType": "Activity", "id": iri}
    return _tagged({**activity, "definition": known} if known else activity)


def _tagged(value: dict[str, Any]) -> Response:
    """Return the object with an ETag (part 3, 2.4 and 3.1)."""
    answer = json_answer(json.dumps(value))
    answer.headers["ETag"] = quote_etag(etag(answer.get_data()))
    return answer


def _names(value: Any, key: UUID) -> Iterator[str]:
    """Find the names that a statement gives the agent, wherever it is mentioned."""
    if isinstance(value, list):
        for item in value:
            yield from _names(item, key)
    elif isinstance(value, dict):
        if "name" in value and not IDENTIFIERS.isdisjoint(value) and agent_key(value) == key:
            yield value["name"]
        for name, item in value.items():
            if name != "extensions":
                yield from _names(item, key)
