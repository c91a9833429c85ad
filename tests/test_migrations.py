"""The steps of the schema lead to the models, up and down, on both databases."""

import importlib
import json
import pkgutil
from uuid import UUID

import pytest
from sqlalchemy import inspect, select, text

import lti_peer
from lti_peer import migrations, tables
from lti_peer.core.db import Base, Database
from lti_peer.peerwork.allocations import AllocationMember
from xapi.lrs.mentions import deed_key
from xapi.lrs.models import METADATA as RECORDS
from xapi.lrs.models import StoredStatement


@pytest.fixture
def sqlite(tmp_path):
    """An empty SQLite file."""
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    yield database
    database.close()


@pytest.fixture
def postgres(postgres_url):
    """An empty PostgreSQL database."""
    server = Database(postgres_url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS steps WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE steps"))
    database = Database(server.engine.url.set(database="steps").render_as_string(False))
    server.close()
    yield database
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request):
    """An empty database, of both sorts."""
    return request.getfixturevalue(request.param)


def plain(found):
    """Return a constraint as text that is the same for the same constraint."""
    return json.dumps(found, sort_keys=True, default=str)


def shape(database):
    """Return everything that the database says of its tables."""
    look = inspect(database.engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], str(column["default"]))
                for column in look.get_columns(table)
            ],
            "key": look.get_pk_constraint(table),
            "foreign": sorted(map(plain, look.get_foreign_keys(table))),
            "unique": sorted(map(plain, look.get_unique_constraints(table))),
            "checks": sorted(map(plain, look.get_check_constraints(table))),
            "indexes": sorted(map(plain, look.get_indexes(table))),
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }


def test_the_steps_lead_to_the_models(empty):
    migrations.upgrade(empty)
    assert migrations.differences(empty) == []


def test_the_steps_make_just_what_the_models_make(empty):
    migrations.upgrade(empty)
    by_steps = shape(empty)
    migrations.downgrade(empty)
    Base.metadata.create_all(empty.engine)
    RECORDS.create_all(empty.engine)
    assert by_steps == shape(empty)


def test_the_way_down_leaves_nothing_and_the_way_up_works_again(empty):
    migrations.upgrade(empty)
    migrations.downgrade(empty)
    assert shape(empty) == {}
    migrations.upgrade(empty)
    assert migrations.is_current(empty)


def test_going_up_twice_changes_nothing(empty):
    migrations.upgrade(empty)
    before = shape(empty)
    migrations.upgrade(empty)
    assert shape(empty) == before


def test_an_empty_database_is_not_current(empty):
    assert migrations.current(empty) == ""
    assert not migrations.is_current(empty)


def test_a_difference_is_told_by_its_name(sqlite):
    migrations.upgrade(sqlite)
    with sqlite.writing.begin() as connection:
        connection.execute(text("ALTER TABLE course ADD COLUMN colour VARCHAR"))
        connection.execute(text("DROP INDEX ix_visit_ends_at"))
    assert sorted(migrations.differences(sqlite)) == [
        "add_index visit.ix_visit_ends_at",
        "remove_column course course.colour",
    ]


def test_foreign_keys_are_enforced_again_after_a_step(sqlite):
    migrations.upgrade(sqlite)
    with sqlite.engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_every_module_with_a_table_is_known_to_the_steps():
    known = {table for metadata in tables.METADATA for table in metadata.tables}
    for module in pkgutil.walk_packages(lti_peer.__path__, "lti_peer."):
        if not module.name.startswith("lti_peer.migrations."):
            importlib.import_module(module.name)
    assert known == {*Base.metadata.tables, *RECORDS.tables}


STATEMENT = text("""
    INSERT INTO xapi_statement (tenant, statement_id, stored, happened, verb, actor, thing, parent,
        authority, voided, digest, body)
    VALUES (:id, :id, '2026-11-22', '2026-11-22', 'v', :id, :thing, :parent, :id, false, '', '{}')
""")


def test_statements_from_before_deeds_were_kept_are_counted_too(empty):
    migrations.upgrade(empty, "0010")
    with empty.writing.begin() as connection:
        for n, (thing, parent) in enumerate((("a/ü", None), ("part", "a/ü"), (None, None)), 1):
            connection.execute(STATEMENT, {"id": f"{n:032x}", "thing": thing, "parent": parent})
    migrations.upgrade(empty)
    with empty.open() as session:
        deeds = session.scalars(select(StoredStatement.deed).order_by(StoredStatement.seq)).all()
    assert deeds == [deed_key("v", "a/ü"), deed_key("v", "a/ü"), None]


PARTS = """
    INSERT INTO platform (id, issuer, client_id, name, family, auth_url, token_url, jwks_url,
        audience, state, hosts, scopes, created_at) VALUES (:id, '', '', '', '', '', '', '',
        '', 'active', '[]', '[]', '2026-11-22');
    INSERT INTO deployment (id, platform_id, deployment_key, state, created_at) VALUES (:id,
        :id, '', 'active', '2026-11-22');
    INSERT INTO course (id, deployment_id, context_key, label, title, roster_url,
        line_items_url, created_at) VALUES (:id, :id, '', '', '', '', '', '2026-11-22');
    INSERT INTO person (id, platform_id, subject, name, email, created_at) VALUES (:id, :id,
        '', '', '', '2026-11-22');
    INSERT INTO activity (id, deployment_id, course_id, kind, title, instructions, settings,
        state, created_at) VALUES (:id, :id, :id, '', '', '', '{}', 'published', '2026-11-22');
    INSERT INTO allocation (id, deployment_id, activity_id, purpose, subject_id, state,
        reason, at) VALUES (:other, :id, :id, '', :id, 'offered', '{}', '2026-11-22');
    INSERT INTO allocation_member (id, allocation_id, person_id, role, purpose, subject_id,
        standing) VALUES (:id, :other, :id, '', '', :id, true)
"""


def test_parts_from_before_they_knew_their_activity_learn_it(empty):
    migrations.upgrade(empty, "0011")
    with empty.writing.begin() as connection:
        for row in PARTS.split(";"):
            connection.execute(text(row), {"id": "1" * 32, "other": "2" * 32})
    migrations.upgrade(empty)
    with empty.open() as session:
        assert session.scalars(select(AllocationMember.activity_id)).all() == [UUID("1" * 32)]
