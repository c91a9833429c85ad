"""What commands start from: settings, a usable database, answers for people or as JSON."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from config import settings as config
from config.settings import Settings
from lti_peer import migrations
from lti_peer.core import logs
from lti_peer.core.db import Database

WRONG: Final = 1
SETTINGS: Final = 2
DATABASE: Final = 3

Command = Callable[..., Any]


class Stop(click.ClickException):
    """The command cannot go on; the sentence says why and what to do."""

    def __init__(self, message: str, code: int = WRONG) -> None:
        """Keep the sentence and the exit code (see `lti_peer.cli`)."""
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click means it to be set, and says ClassVar


as_json: Callable[[Command], Command] = click.option(
    "--json", "as_json", is_flag=True, help="Answer with one JSON document."
)


def settings() -> Settings:
    """Return the settings, with logs set up as they say; stops with code 2 when one is wrong."""
    try:
        found = config.load()
    except config.SettingsError as fault:
        raise Stop(str(fault), SETTINGS) from None
    logs.set_up(found.log_level)
    return found


@contextmanager
def database(found: Settings, *, migrated: bool = True) -> Iterator[Database]:
    """Give the database of the settings; stops with code 3 when it cannot be used.

    The default one, a SQLite file in the data folder, is made and brought up to date by itself.
    Any other must have been by `lti-peer db upgrade`, unless `migrated` is False.
    """
    own = not found.database_url
    if own:
        found.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        opened = Database(found.database)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as fault:
        raise Stop(f"LTI_PEER_DATABASE_URL cannot be used: {fault}", SETTINGS) from None
    try:
        if migrated:
            _demand_schema(opened, own=own)
        yield opened
    except OperationalError as fault:
        raise Stop(f"The database does not answer: {fault.orig}", DATABASE) from None
    finally:
        opened.close()


def show(as_json: bool, answer: Mapping[str, Any] | Sequence[Mapping[str, Any]], text: str) -> None:
    """Print `answer` as JSON, or `text` for people."""
    click.echo(json.dumps(answer, indent=2, default=str) if as_json else text)


def table(rows: Sequence[Mapping[str, Any]], empty: str) -> str:
    """Return `rows` as columns under the names of their keys, or the sentence `empty`."""
    if not rows:
        return empty
    heads = list(rows[0])
    lines = [heads, *([str(row[head]) for head in heads] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _demand_schema(opened: Database, *, own: bool) -> None:
    if migrations.is_current(opened):
        return
    if own:
        migrations.upgrade(opened)
        return
    there, wanted = migrations.current(opened) or "nothing", migrations.head()
    raise Stop(
        f"The database is at {there}, and this version needs {wanted}.\nRun: lti-peer db upgrade",
        DATABASE,
    )
