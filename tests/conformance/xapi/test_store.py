"""Whatever the data rules allow, the embedded store takes and gives back."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from conformance.xapi.corpus import VALID, altered
from conformance.xapi.test_data import GOOD, within
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from xapi.lrs import keys
from xapi.lrs.models import METADATA
from xapi.lrs.query import get
from xapi.lrs.storage import store
from xapi.sameness import digest
from xapi.validate import check

TENANT = UUID(int=1)
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine():
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


def stored(engine, statement, version):
    with Session(engine) as session:
        (given,) = store(session, TENANT, [statement], keys.authority("tests"), NOW, version)
        return json.loads(get(session, TENANT, given).body)


# 2.0.0 asks for RFC 3339, which not every time of 1.0.3 is.
CASES = [
    (within(changes, inside=inside), version, f"{rule}, {version}, {'inside' * inside}")
    for rule, changes in GOOD
    for inside in (False, True)
    for version in ("1.0.3", "2.0.0")
    if not check(within(changes, inside=inside), version)
]


@pytest.mark.parametrize(
    ("statement", "version"),
    [case[:2] for case in CASES],
    ids=[case[2] for case in CASES],
)
def test_what_a_rule_allows_is_stored(engine, statement, version):
    back = stored(engine, statement, version)

    assert check(back, version) == []
    assert digest(back) == digest(statement)


@pytest.mark.parametrize("name", VALID)
def test_a_valid_statement_of_the_corpus_is_stored(engine, name):
    version, changes = VALID[name]
    statement = altered(changes)
    back = stored(engine, statement, version)

    assert check(back, version) == []
    assert digest(back) == digest(statement)
