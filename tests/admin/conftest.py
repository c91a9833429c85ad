"""What the tests of the admin page and its commands share."""

import json

import pytest
from admin.office import BASE_URL, AdminBrowser

from lti_peer.admin import sessions
from lti_peer.core.db import Database


@pytest.fixture
def run(command):
    """Run `lti-peer` and return what it answered as JSON."""

    def call(*words, fails=False, typed=None):
        done = command(*words, typed=typed)
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
