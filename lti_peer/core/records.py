"""A statement's way out of the domain: judged, then into the outbox, in one transaction."""

from sqlalchemy.orm import Session

from lti_peer.core import news
from lti_peer.core.outbox import Channel
from lti_peer.core.visit import Visit
from xapi.statement import StatementJson
from xapi.validate import check


class InvalidStatementError(Exception):
    """A kind said something that xAPI does not allow: a fault of ours, found before it leaves."""


def emit(session: Session, visit: Visit, statement: StatementJson) -> None:
    """Put the statement into the outbox; saying the same one (by its id) twice is harmless.

    In a sandbox it is judged, and told to nobody.

    Raises InvalidStatementError when it breaks a rule of xAPI 1.0.3.
    """
    faults = check(statement)
    if faults:
        raise InvalidStatementError("; ".join(f"{f.path}: {f.message}" for f in faults))
    kind = visit.chosen.kind if visit.chosen else ""
    news.tell(session, visit.course, Channel.XAPI, str(statement["id"]), statement, kind)
