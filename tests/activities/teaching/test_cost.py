"""What a page costs does not grow with the class."""

import pytest
from sqlalchemy import event


@pytest.fixture
def reads(database):
    """A list that grows by each statement sent to the database."""
    said = []

    def note(_connection, _cursor, statement, *_more):
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/", "/people", "/pairs", "/grades", "/calls"])
def test_a_page_for_staff_asks_as_often_with_pairs_as_without(room, reads, path):
    room.staff.get(f"/teaching{path}")
    reads.clear()
    room.staff.get(f"/teaching{path}")
    before = len(reads)
    room.pair()
    reads.clear()
    room.staff.get(f"/teaching{path}")

    assert len(reads) <= before + 5  # what belongs to pairs is read for all of them at once


@pytest.mark.parametrize("path", ["/", "/sign-up", "/results"])
def test_a_page_for_learners_asks_a_few_times(room, reads, path):
    room.pair()
    reads.clear()
    room.learners[0].get(f"/teaching{path}")

    assert len(reads) <= 25
