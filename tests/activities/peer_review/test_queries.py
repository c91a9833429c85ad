"""No page asks the database more because there are more people."""

import pytest
from sqlalchemy import event


@pytest.fixture
def count(database):
    """Return a function that counts the statements that an act sends to the database."""

    def counted(act):
        sent = []
        listener = lambda *found: sent.append(found[2])  # noqa: E731 - needed for its removal
        event.listen(database.engine, "before_cursor_execute", listener)
        act()
        event.remove(database.engine, "before_cursor_execute", listener)
        return len(sent)

    return counted


def asked(build, pages, count, learners, who, path):
    """Return how many statements a page of a class of so many needs, while it reviews."""
    classroom = build(learners=learners)
    for person in classroom.people:
        classroom.hand_in(person)
    for person in classroom.people[:3]:
        classroom.review(person)
    inside = pages(
        classroom, (classroom.people[0], classroom.world.teacher)[who], classroom.reviewing
    )
    inside.read(path)
    return count(lambda: inside.read(path))


@pytest.mark.parametrize(
    ("who", "path", "most"),
    [(0, "/", 9), (0, "/work", 6), (1, "/", 12), (1, "/matrix", 5), (1, "/grades", 9)],
)
def test_a_page_needs_a_fixed_number_of_queries(build, pages, count, who, path, most):
    assert asked(build, pages, count, 8, who, path) <= most


def test_a_larger_class_needs_no_more_queries(build, pages, count):
    assert asked(build, pages, count, 24, 1, "/") <= 12
