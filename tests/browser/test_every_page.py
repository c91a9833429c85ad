"""Every page of every kind, in every scene, for both roles: for everybody, and light."""

import pytest
from browser.looking import (
    MOST_BYTES,
    MOST_REQUESTS,
    Walk,
    faults_in_all_views,
    faults_in_structure,
    skeleton,
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
    """The pages that were looked at, by shape and skeleton."""
    return set()


def look(walk, shape, seen):
    """Return the faults of a page; one that is built like another is not looked at again."""
    page, built = walk.page, (shape, skeleton(walk.page))
    if built in seen:
        return []
    seen.add(built)
    found = [*faults_in_structure(page), *faults_in_all_views(page)]
    size, requests = walk.weight()
    found += [f"{size} bytes"] * (size > MOST_BYTES)
    found += [f"{requests} requests"] * (requests > MOST_REQUESTS)
    return [(shape, fault) for fault in found]


def walk_through(enter, person, link, seen):
    """Look at all pages of a visit; return their faults."""
    walk = Walk(enter(person, f"/launch/{link.id}"))
    found, titles = [], []
    for shape in walk.pages():
        found += look(walk, shape, seen)
        titles.append((walk.page.title(), walk.page.url.partition("?")[0]))
    names = [title for title, _ in set(titles)]
    return found + [("title", title) for title in set(names) if names.count(title) > 1]


@pytest.mark.parametrize(("kind", "scene"), SCENES)
def test_every_page_is_fit_for_everybody(enter, stories, seen, kind, scene):
    story = stories[kind]
    story.until(scene)
    people = [story.stage.lms.instructor, story.learners[0], story.learners[1]]

    found = [fault for who in people for fault in walk_through(enter, who, story.link, seen)]
    assert found == []
