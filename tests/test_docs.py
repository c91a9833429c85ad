"""The guides say what is there: commands, settings, codes, links, words of the records."""

import json
import re
import shlex
from functools import cache
from pathlib import Path

import click
import pytest

from config.settings import PREFIX, Settings
from lti_peer.activities.peer_review import statements as of_peer_review
from lti_peer.activities.teaching import statements as of_teaching
from lti_peer.cli import cli
from lti_peer.lti import dynamic_registration
from lti_peer.lti.platforms.canvas import CANVAS
from xapi.vocabulary import LAUNCHED, Verb

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "config").glob("*.md"), *ROOT.glob("docs/**/*.md")])
EXAMPLE = ROOT / "config" / "env.example"
ADMINISTRATORS = ROOT / "docs" / "administrators.md"
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
SOURCES = sorted((ROOT / "lti_peer").rglob("*.py"))
CODE = re.compile(r'(?:LaunchError|spent|_distrusted|_late)\(\s*"([a-z_]+)"|\bcode ?= ?"([a-z_]+)"')
LARGEST_IMAGE = 250_000

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


@cache
def split(page):
    """Return a page's prose and its fenced blocks, each with its language."""
    text = page.read_text()
    fences = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    return fences.sub("", text), fences.findall(text)


def commands(page):
    """Return what comes after `lti-peer` wherever a page names one of its commands."""
    prose, blocks = split(page)
    shown = [inner for language, inner in blocks if language == "console"]
    lines = "".join(shown).replace("\\\n", " ").splitlines()
    spans = [line[2:] for line in lines if line.startswith("$ ")]
    spans += re.findall(r"`([^`]+)`", prose.replace("\n", " "))
    named = (re.search(r"(?:^|[\s/])lti-peer (.+)", span) for span in spans)
    return [shlex.split(found[1].split(")", 1)[0], comments=True) for found in named if found]


def parse(words):
    """Walk down to the command that the words name, and read its options as click does."""
    command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"there is no command {name}"
        command = found
    command.make_parser(click.Context(command)).parse_args(list(words))


def anchors(page):
    """Return the fragments that a page's headings have on a forge."""
    heads = re.findall(r"^#+ (.+)$", split(page)[0], re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}


def variables(text):
    return set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]", text))


@each_page
def test_every_command_is_there_with_its_options(page):
    for words in commands(page):
        parse(words)


def test_a_command_that_is_not_there_would_be_found():
    with pytest.raises(AssertionError, match="no command locks"):
        parse(["locks"])
    with pytest.raises(click.NoSuchOption):
        parse(["platform", "add", "--isuer", "x"])


def test_the_guides_name_commands():
    assert len([words for page in PAGES for words in commands(page)]) > 40


@each_page
def test_every_link_within_the_project_leads_somewhere(page):
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", split(page)[0]):
        if re.match(r"https?:", target):
            continue
        path, _, fragment = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert not fragment or fragment in anchors(there), target


@each_page
def test_every_variable_is_a_setting(page):
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= variables((ROOT / "config" / "gunicorn.conf.py").read_text())
    assert variables(page.read_text()) <= known | {f"{PREFIX}CONFIG"}


def test_the_example_has_every_setting_with_its_default(monkeypatch):
    lines = re.findall(rf"^#?({PREFIX}\w+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    names = {name.removeprefix(PREFIX).lower() for name, _ in lines}
    assert names >= set(Settings.model_fields)
    secret = "a-Secret-that-Protects-Nothing-0123456789"
    plain = Settings(secret_key=secret)
    for name, value in lines:
        if name not in {f"{PREFIX}SECRET_KEY", f"{PREFIX}CONFIG"}:
            monkeypatch.setenv(name, value)
    assert Settings(secret_key=secret) == plain


def test_every_code_that_a_person_can_meet_is_explained():
    met = {a or b for path in SOURCES for a, b in CODE.findall(path.read_text())}
    rows = re.findall(r"^\|((?: ?`\w+`,?)+)", split(ADMINISTRATORS)[0], re.MULTILINE)
    explained = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert len(met) > 60
    assert met - explained == set()


@pytest.mark.parametrize("said", [of_peer_review, of_teaching])
def test_every_verb_of_a_kind_is_in_the_guide_for_reporters(said):
    verbs = [one for one in vars(said).values() if isinstance(one, Verb)]
    prose = split(ROOT / "docs" / "reporters.md")[0]
    assert [one for one in [*verbs, LAUNCHED] if f"| {one.display} |" not in prose] == []


def test_what_canvas_is_given_by_hand_is_what_it_gets_by_itself():
    given = json.loads((ROOT / "config" / "canvas.json").read_text())
    (extension,) = given["extensions"]
    placements = [one["placement"] for one in extension["settings"]["placements"]]
    assert placements == list(CANVAS.placements)
    assert given["scopes"] == list(dynamic_registration.WANTED)
    assert given["title"] == dynamic_registration.NAME
    assert extension["privacy_level"] in CANVAS.registration.values()


def test_every_decision_has_a_number_of_its_own():
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    for number, path in zip(numbers, DECISIONS, strict=True):
        assert path.read_text().startswith(f"# {number}. ")


def test_images_are_light():
    for image in (ROOT / "docs" / "images").iterdir():
        assert image.stat().st_size <= LARGEST_IMAGE, image.name
