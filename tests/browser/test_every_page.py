"""Every page of every kind, in every scene, for both roles: for everybody, and light."""

from collections import defaultdict

import pytest
from browser.looking import (
    MAIN_VIEWS,
    MOST_BYTES,
    MOST_REQUESTS,
    VIEWS,
    Walk,
    faults_in_all_views,
)
from browser.stories import STORIES

pytestmark = pytest.mark.browser

SCENES = [
    pytest.param(kind, scene, marks=pytest.mark.xdist_group(f"every_page_{kind}"))
    for kind, story in STORIES.items()
    for scene in story.scenes
]


@pytest.fixture(scope="module")
def stories(stage):
    """The activities, each in the scene that it has come to."""
    return {kind: story(stage) for kind, story in STORIES.items()}


@pytest.fixture(scope="module")
def seen():
    """The parts that were looked at, by the shape of the pages that they were on."""
    return defaultdict(set)


def look(walk, views):
    """Return the faults of the page that is open."""
    size, requests = walk.weight()
    return [
        *faults_in_all_views(walk.page, views),
        *[f"{size} bytes"] * (size > MOST_BYTES),
        *[f"{requests} requests"] * (requests > MOST_REQUESTS),
    ]


def walk_through(enter, person, link, seen):
    """Look at all pages of a visit that have a part not looked at before; return their faults.

    A page that is known is looked at in the main views alone, for the sake of what is new in it.
    """
    walk = Walk(enter(person, f"/launch/{link.id}"))
    found, titles = [], set()
    for shape, address, page in walk.pages():
        titles.add((page["title"], page["url"]))
        found += [(shape, fault) for fault in page["faults"]]
        if not seen[shape].issuperset(page["parts"]):
            walk.open(address)
            views = MAIN_VIEWS if seen[shape] else VIEWS
            found += [(shape, fault) for fault in look(walk, views)]
            seen[shape].update(page["parts"])
    names = [title for title, _ in titles]
    return found + [("title", title) for title in set(names) if names.count(title) > 1]


@pytest.mark.parametrize(("kind", "scene"), SCENES)
def test_every_page_is_fit_for_everybody(enter, stories, seen, kind, scene):
    story = stories[kind]
    story.until(scene)
    people = [story.stage.lms.instructor, story.learners[0], story.learners[1]]

    found = [fault for who in people for fault in walk_through(enter, who, story.link, seen)]
    assert found == []
