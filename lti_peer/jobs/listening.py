"""Hearing of commits in other processes, on PostgreSQL (LISTEN; see `core.bells`)."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from lti_peer.core import bells
from lti_peer.core.db import Database

PATIENCE_S = 0.5
"""How long one turn listens at most; a worker that is told to stop waits as long."""


class Ear:
    """Listens on a connection of its own, made when it is first needed and after it has broken."""

    def __init__(self, database: Database, heard: Callable[[str], None]) -> None:
        """Take what to call with each word of `bells.BELLS` that comes."""
        self._database = database
        self._heard = heard
        self._own = bells.mark(database)
        self._connection: Connection | None = None

    def listen(self) -> int:
        """Listen for half a second at most; return 1, so that whoever calls comes again at once.

        What the driver raises when the database is away comes through.
        """
        try:
            for notice in self._driver().notifies(timeout=PATIENCE_S, stop_after=1):
                word, _, who = notice.payload.partition(" ")
                if who != self._own:  # our own worker is rung without a way round
                    self._heard(word)
        except BaseException:
            self.close()
            raise
        return 1

    def close(self) -> None:
        """Give the connection up; it goes back to no pool, because it listens."""
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None

    def _driver(self) -> Any:
        if self._connection is None:
            opened = self._database.engine.connect()
            self._connection = opened.execution_options(isolation_level="AUTOCOMMIT")
            self._connection.execute(text(f"LISTEN {bells.PLACE}"))
        return self._connection.connection.driver_connection
