"""Up to when the store is complete: what nobody is still writing (part 3, 2.1.3).

Who reads again and again asks for what was stored since the time that the last answer named; a
statement that got its time before and became visible after would be passed over for good. So the
time is told before anything is read, and lies before the time of everything on its way.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, select, text

from xapi.lrs.models import StoredStatement

_TICK: Final = timedelta(milliseconds=1)
"""Times of statements are kept to this: what is on its way may have the time that it is now."""

# A transaction's own now() is its beginning, before it looks who else is there. A transaction
# that has ended is shown until others see what it wrote.
_OLDEST: Final = text(
    "SELECT greatest(now() - :longest, least(now(), min(xact_start))) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)

_NEWEST: Final = select(StoredStatement.stored).order_by(StoredStatement.seq.desc()).limit(1)


def settled(engine: Engine, longest: timedelta) -> datetime:
    """Return a time, aware, in UTC: whatever was stored up to it can be read from now on.

    `longest` is how long a transaction may write, and so how far the time lies back at most. Those
    who write take their times from the database's clock once their transactions have begun, and on
    PostgreSQL with the role that the engine has: it does not see what others' are doing.
    """
    if engine.dialect.name == "sqlite":
        return (_when_free(engine) or _newest(engine, longest)) - _TICK
    with engine.connect() as connection:
        at: datetime = connection.execute(_OLDEST, {"longest": longest}).scalar_one()
    return at.astimezone(UTC) - _TICK


def _when_free(engine: Engine) -> datetime | None:
    """Return the time when it is the turn of no writer of SQLite, or None; nobody waits for it."""
    connection = engine.raw_connection()
    driver: Any = connection.driver_connection
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        driver.execute("BEGIN IMMEDIATE")
        at = datetime.now(UTC)
        driver.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return None
    finally:
        driver.execute(f"PRAGMA busy_timeout = {patience}")
        connection.close()
    return at


def _newest(engine: Engine, longest: timedelta) -> datetime:
    """Return when the newest statement was stored: one writer follows the other, in their times."""
    back = datetime.now(UTC) - longest
    with engine.connect() as connection:
        return max(back, connection.execute(_NEWEST).scalar() or back)
