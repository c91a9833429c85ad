"""Rules for agents and groups (part 2, 2.4.2)."""

from typing import Any, Final

from xapi.validation.fault import (
    Fault,
    Rules,
    check_object,
    list_of,
    require,
    wrong_type,
)
from xapi.validation.formats import check_iri, check_mailbox, check_sha1, check_string

IDENTIFIERS: Final = frozenset({"mbox", "mbox_sha1sum", "openid", "account"})
"""The properties that identify an agent or a group (part 2, 2.4.2.3)."""

_GROUP_MEMBERS: Final = 2
"""A group as an authority is an application and a person (part 2, 2.4.9)."""


def check_agent(faults: list[Fault], value: Any, path: str) -> None:
    """Judge an Agent; without an `objectType` it is one."""
    if check_object(faults, value, path, _AGENT):
        if value.get("objectType", "Agent") != "Agent":
            faults.append(Fault(f"{path}.objectType", "object-type", 'This must be "Agent".'))
        if _identifiers(value) != 1:
            _say_identifiers(faults, path)


def check_group(faults: list[Fault], value: Any, path: str) -> None:
    """Judge a Group: identified by exactly one identifier, or anonymous and then with members."""
    if not check_object(faults, value, path, _GROUP):
        return
    if value.get("objectType") != "Group":
        faults.append(Fault(f"{path}.objectType", "object-type", 'This must be "Group".'))
    count = _identifiers(value)
    if count > 1:
        _say_identifiers(faults, path)
    elif count == 0 and not value.get("member"):
        message = "A group without an identifier needs members."
        faults.append(Fault(path, "member", message))


def check_actor(faults: list[Fault], value: Any, path: str) -> None:
    """Judge an Agent or a Group."""
    if type(value) is not dict:
        wrong_type(faults, value, path, "an agent or a group")
    elif value.get("objectType") == "Group":
        check_group(faults, value, path)
    else:
        check_agent(faults, value, path)


def check_authority(faults: list[Fault], value: Any, path: str) -> None:
    """Judge an authority: an Agent, or an anonymous Group of two Agents (part 2, 2.4.9)."""
    check_actor(faults, value, path)
    if type(value) is not dict or value.get("objectType") != "Group":
        return
    member = value.get("member")
    if _identifiers(value) or type(member) is not list or len(member) != _GROUP_MEMBERS:
        message = "A group as an authority is anonymous and has two members."
        faults.append(Fault(path, "authority", message))


def _check_account(faults: list[Fault], value: Any, path: str) -> None:
    if check_object(faults, value, path, _ACCOUNT):
        require(faults, value, path, "homePage", "name")


def _identifiers(value: dict[str, Any]) -> int:
    return len(IDENTIFIERS & value.keys())


def _say_identifiers(faults: list[Fault], path: str) -> None:
    message = "Exactly one of mbox, mbox_sha1sum, openid and account must be there."
    faults.append(Fault(path, "identifier", message))


_ACCOUNT: Final[Rules] = {"homePage": check_iri, "name": check_string}

_AGENT: Final[Rules] = {
    "objectType": check_string,
    "name": check_string,
    "mbox": check_mailbox,
    "mbox_sha1sum": check_sha1,
    "openid": check_iri,
    "account": _check_account,
}

_GROUP: Final[Rules] = {**_AGENT, "member": list_of(check_agent)}
