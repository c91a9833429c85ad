"""For contributors: `python -m lti_peer.migrations "What changes"` writes the next step.

It compares the models with a fresh database at the newest step. Read what it writes, mend it, and
give it a test; then run `make format`.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from lti_peer import migrations
from lti_peer.core.db import Database


def write(message: str) -> Path:
    """Write the step that brings the newest schema to the models, and return its file."""
    number = f"{len(list((migrations.FOLDER / 'versions').glob('*.py'))) + 1:04}"
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/fresh.db")
        migrations.upgrade(database)
        with migrations.connected(database) as connection:
            made = command.revision(
                migrations.config(connection), message, autogenerate=True, rev_id=number
            )
        database.close()
    assert made is not None  # one revision was asked for
    assert not isinstance(made, list)
    path = Path(made.path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ###" not in line))
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{write(sys.argv[1])}\n")
