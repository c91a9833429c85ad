"""The judge: every rule of xAPI 1.0.3 and 2.0.0 for the data of a statement.

It judges what we emit before it enters the outbox, and what others send to the embedded record
store. Section numbers in this package are those of xAPI 1.0.3, part 2 (Experience API Data), unless
a sentence names another; those of 2.0.0 are of IEEE 9274.1.1-2023.
"""

from collections.abc import Sequence
from typing import Any

from xapi.statement import Version
from xapi.validation.fault import Fault
from xapi.validation.statements import GRAMMARS

__all__ = ["Fault", "check", "check_batch"]


def check(statement: Any, version: Version = "1.0.3") -> list[Fault]:
    """Return what is wrong with a statement given as JSON values; nothing when it is valid.

    Paths begin with "$". Raises KeyError for a version that is neither 1.0.3 nor 2.0.0.
    """
    faults: list[Fault] = []
    GRAMMARS[version].check_statement(faults, statement, "$")
    return faults


def check_batch(statements: Sequence[Any], version: Version = "1.0.3") -> list[Fault]:
    """Return what is wrong with statements that are sent together.

    Paths begin with "$[0]" and so on. Beside its statements' own faults a batch has one for each id
    that occurs twice (XAPI-00326 refuses a batch as a whole).
    """
    faults: list[Fault] = []
    judge = GRAMMARS[version].check_statement
    seen: set[str] = set()
    for index, statement in enumerate(statements):
        path = f"$[{index}]"
        judge(faults, statement, path)
        given = statement.get("id") if type(statement) is dict else None
        if type(given) is str:
            if given.lower() in seen:
                message = "Another statement of this batch has the same id."
                faults.append(Fault(f"{path}.id", "unique", message))
            seen.add(given.lower())
    return faults
