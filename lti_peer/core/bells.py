"""News that wakes workers in other processes: PostgreSQL's NOTIFY, sent by the commit itself.

Whoever writes something for a worker sets `session.info` under one of `BELLS`. The worker of the
same process hears of the commit by itself; on SQLite the others look each second, as they do when
a notice is lost.
"""

import os
import secrets
from typing import Final

from sqlalchemy import event, text
from sqlalchemy.orm import Session

BELLS: Final = ("news", "chore")
"""What may have come: an item of the outbox, something for a chore."""
PLACE: Final = "lti_peer"
"""The channel of NOTIFY; its payload is a word of BELLS and the mark of whoever says it."""
START: Final = secrets.token_hex(8)
RING: Final = text("SELECT pg_notify(:place, :said)")


def mark(database: object) -> str:
    """Return what tells this database, in this process, from all others: its own worker knows."""
    return f"{START}-{os.getpid()}-{id(database)}"


def is_whole(session: Session) -> bool:
    """Return whether it is the whole transaction that ends just now, and no savepoint in it."""
    return not session.in_nested_transaction()


def on_postgres(session: Session) -> bool:
    """Return whether the database is PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


@event.listens_for(Session, "before_commit")
def _notify(session: Session) -> None:
    words = [word for word in BELLS if session.info.get(word)]
    if words and is_whole(session) and on_postgres(session):
        for word in words:
            said = f"{word} {mark(session.info.get('database'))}"
            session.execute(RING, {"place": PLACE, "said": said})
