"""Every page of every kind, in every scene, for both roles: for everybody, and light."""

from collections import defaultdict

import pytest
from browser.conftest import sign_in
from browser.looking import (
    MOST_BYTES,
    MOST_REQUESTS,
    Walk,
    faults_in_all_views,
)
from browser.stories import STORIES

pytestmark = pytest.mark.browser

SCENES = [(kind, scene) for kind, story in STORIES.items() for scene in story.scenes]


@pytest.fixture(scope="module")
def stories(stage):
    """The activities, each in the scene that it has come to."""
    return {kind: story(stage) for kind, story in STORIES.items()}


@pytest.fixture(scope="module")
def seen():
    """The parts that were looked at, by the shape of the pages that they were on."""
    return defaultdict(set)


@pytest.fixture(scope="module")
def walk(chromium, stage):
    """One window in which everybody walks: one for each costs half a second of CPU."""
    context = chromium.new_context(base_url=stage.lms.issuer)
    yield Walk(context.new_page())
    context.close()


def look(walk):
    """Return the faults of the page that is open."""
    size, requests = walk.weight()
    return [
        *faults_in_all_views(walk.page),
        *[f"{size} bytes"] * (size > MOST_BYTES),
        *[f"{requests} requests"] * (requests > MOST_REQUESTS),
    ]


def walk_through(walk, seen):
    """Look at all pages of a visit that have a part not looked at before; return their faults."""
    found, titles = [], set()
    for shape, address, page in walk.pages():
        titles.add((page["title"], page["url"]))
        found += [(shape, fault) for fault in page["faults"]]
        if not seen[shape].issuperset(page["parts"]):
            walk.open(address)
            found += [(shape, fault) for fault in look(walk)]
            seen[shape].update(page["parts"])
    names = [title for title, _ in titles]
    return found + [("title", title) for title in set(names) if names.count(title) > 1]


@pytest.mark.parametrize(("kind", "scene"), SCENES)
def test_every_page_is_fit_for_everybody(walk, stories, seen, faults, kind, scene):
    story = stories[kind]
    story.until(scene)
    faults.watch(walk.page)
    found = []
    for person in (story.stage.lms.instructor, *story.learners[:2]):
        walk.page.context.clear_cookies()
        sign_in(walk.page.context, story.stage, person)
        walk.start(f"/launch/{story.link.id}")
        found += walk_through(walk, seen)
    assert found == []
