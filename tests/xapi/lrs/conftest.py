import os
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from xapi.lrs import keys
from xapi.lrs.models import METADATA

TENANT = UUID(int=1)
OTHER_TENANT = UUID(int=2)
AUTHORITY = keys.authority("tests")


@pytest.fixture(scope="session")
def record_engine(tmp_path_factory, request):
    """A database with the store's tables alone: the package needs no host."""
    if os.environ.get("LTI_PEER_TEST_DATABASE") == "postgres":
        url = request.getfixturevalue("postgres_url").replace(
            "postgresql://", "postgresql+psycopg://"
        )
        engine = create_engine(url)
    else:
        path = tmp_path_factory.mktemp("records") / "records.db"
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        event.listen(
            engine, "connect", lambda made, _: made.execute("PRAGMA journal_mode=WAL").close()
        )
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def record_tables(record_engine):
    """Empty tables."""
    with record_engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())
    return record_engine


@pytest.fixture
def records(record_tables):
    """A session of the record store."""
    with Session(record_tables) as session:
        yield session


@pytest.fixture
def transaction(record_tables):
    """What the blueprint asks for: a session that is committed unless something raises."""

    @contextmanager
    def begin():
        with Session(record_tables) as session, session.begin():
            yield session

    return begin


@pytest.fixture
def sentence():
    """A maker of small statements with new ids."""

    def make(verb="attended", thing="1", actor="ada", **more):
        return {
            "id": str(uuid4()),
            "actor": {"account": {"homePage": "https://lms.example.org", "name": actor}},
            "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
            "object": {"id": f"https://example.org/things/{thing}"},
            **more,
        }

    return make
