"""`lti-peer db`: the tables, step by step."""

import click

from lti_peer import migrations
from lti_peer.cli import parts


@click.group()
def db() -> None:
    """Make the tables, take them away, look whether they are as they should be."""


@db.command()
@click.option("--revision", default="head", show_default=True, help="Where to stop.")
@parts.as_json
def upgrade(revision: str, as_json: bool) -> None:
    """Bring the database up to this version of the program."""
    with parts.database(parts.settings(), migrated=False) as database:
        before = migrations.current(database)
        migrations.upgrade(database, revision)
        after = migrations.current(database)
    text = f"The database was at {before or 'nothing'} and is now at {after}."
    parts.show(as_json, {"before": before, "after": after}, text)


@db.command()
@click.option("--revision", default="-1", show_default=True, help='Where to stop; "base" empties.')
@click.option("--yes", is_flag=True, help="Do not ask.")
@parts.as_json
def downgrade(revision: str, yes: bool, as_json: bool) -> None:
    """Take the database down again. What the later tables hold is lost: make a copy first."""
    found = parts.settings()
    if not yes:
        click.confirm("What the later tables hold will be lost. Go on?", abort=True)
    with parts.database(found, migrated=False) as database:
        before = migrations.current(database)
        migrations.downgrade(database, revision)
        after = migrations.current(database)
    text = f"The database was at {before or 'nothing'} and is now at {after or 'nothing'}."
    parts.show(as_json, {"before": before, "after": after}, text)


@db.command()
@parts.as_json
def check(as_json: bool) -> None:
    """Say whether the tables are those of this version; ends with 3 when they are not."""
    with parts.database(parts.settings(), migrated=False) as database:
        current, head = migrations.current(database), migrations.head()
        differences = migrations.differences(database) if current == head else []
    answer = {"current": current, "head": head, "differences": differences}
    text = f"The database is at {current or 'nothing'}; this version needs {head}."
    parts.show(as_json, answer, "\n".join([text, *differences]))
    if current != head or differences:
        raise SystemExit(parts.DATABASE)
