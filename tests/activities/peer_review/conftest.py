"""People who act in a peer review over its pages, or over its services (`classroom`)."""

from datetime import UTC, datetime, timedelta

import pytest
from activities.peer_review.classroom import Classroom
from jinja2 import FileSystemBytecodeCache


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """Where compiled templates are kept for the whole run: each test makes an application."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(app, compiled):
    """The whole application, which compiles each template once in a run."""
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def build(session, world):
    """Return a function that makes a prepared class of so many learners."""

    def made(learners=4, **settings):
        world.build(learners=learners)
        return Classroom(session, world).prepare(**settings)

    return made


@pytest.fixture
def classroom(build):
    """A prepared class of four learners who have all handed in."""
    made = build()
    for number, who in enumerate(made.people):
        made.hand_in(who, source=f"Text number {number}.")
    return made


@pytest.fixture
def travel(database):
    """Return a function that sets the people's clock of the pages."""

    def to(moment):
        database.shift = moment - datetime.now(UTC)

    yield to
    database.shift = timedelta(0)


@pytest.fixture
def enter(app, travel):
    """Return a function that commits what a class did and brings somebody onto its pages."""

    def inside(classroom, who, now=Classroom.now, role=None):
        classroom.session.commit()
        travel(now)
        return classroom.world.enter(app, who, role)

    return inside


class Pages:
    """The pages of the kind, within one visit."""

    def __init__(self, inside):
        self.inside = inside

    def get(self, path="/"):
        return self.inside.get(f"/peer_review{path}")

    def post(self, path, **form):
        return self.inside.post(f"/peer_review{path}", form)

    def read(self, path="/"):
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def pages(enter):
    """Return a function that brings somebody onto the pages of the kind."""
    return lambda *args, **more: Pages(enter(*args, **more))
