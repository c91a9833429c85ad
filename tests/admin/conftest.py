"""What the tests of the admin page and its commands share."""

import json

import factories
import pytest
from admin.office import BASE_URL, AdminBrowser
from click.testing import CliRunner
from structlog.testing import capture_logs

from lti_peer import cli
from lti_peer.admin import sessions
from lti_peer.core.db import Database


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `lti-peer` with a data folder of its own; return what it answered as JSON."""
    monkeypatch.setattr("lti_peer.core.logs.set_up", lambda _level: None)
    environment = {
        "LTI_PEER_SECRET_KEY": factories.SECRET,
        "LTI_PEER_DATA_DIR": str(tmp_path / "data"),
        "LTI_PEER_BASE_URL": BASE_URL,
    }

    def call(*words, fails=False, **more):
        with capture_logs():  # they go to standard error, which CliRunner takes away
            done = CliRunner().invoke(
                cli.cli, words, env=environment, catch_exceptions=False, **more
            )
        assert bool(done.exit_code) == fails, done.output
        return done if fails else json.loads(done.stdout)

    return call


@pytest.fixture
def kept(run, tmp_path):
    """The database that the command uses, made by it."""
    run("platform", "list", "--json")
    database = Database(f"sqlite:///{tmp_path}/data/lti-peer.db")
    yield database
    database.close()


@pytest.fixture
def signed_in(app, database):
    """A browser in which an administrator is signed in."""
    with database.transaction() as session:
        url, _ = sessions.link(session, BASE_URL, "kim", "kim, command line")
    with database.transaction() as session:
        proof, _ = sessions.sign_in(session, url.rpartition("/")[2])
    return AdminBrowser(app, proof)
