"""The command line, with a data folder of its own."""

import shutil

import factories
import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs
from support import canaries

from lti_peer import cli, migrations
from lti_peer.core.db import Database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A database with its tables and no rows: to make one takes longer than most commands."""
    path = tmp_path_factory.mktemp("migrated") / "lti-peer.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    database.close()
    return path


@pytest.fixture
def command(tmp_path, monkeypatch, migrated):
    """Run `lti-peer` as a person would and return click's result.

    Its data folder holds an empty database. Settings are given by name:
    `command("doctor", LTI_PEER_SECRET_KEY=None)` goes without a secret.
    """
    monkeypatch.setattr("lti_peer.core.logs.set_up", lambda _level: None)
    (tmp_path / "data").mkdir()
    shutil.copy(migrated, tmp_path / "data")
    environment = {
        "LTI_PEER_SECRET_KEY": factories.SECRET,
        "LTI_PEER_DATA_DIR": str(tmp_path / "data"),
        "LTI_PEER_BASE_URL": "https://tool.example",
    }

    def call(*words, typed=None, **settings):
        with capture_logs([canaries.heed]):  # they go to standard error, which CliRunner takes away
            return CliRunner().invoke(
                cli.cli,
                words,
                input=typed,
                env={**environment, **settings},
                catch_exceptions=False,
            )

    return call
