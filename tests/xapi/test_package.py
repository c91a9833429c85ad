import ast
from pathlib import Path

import xapi

PACKAGE = Path(xapi.__file__).parent
ROOT = Path(__file__).parents[2]


def imported(path):
    """Return the first names of the packages that a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def importers(name):
    paths = sorted(PACKAGE.rglob("*.py"))
    return [path.relative_to(PACKAGE).as_posix() for path in paths if name in imported(path)]


def test_the_package_xapi_is_ours():
    # Two packages of the index, both unrelated to learning, install a module of this name.
    assert ROOT / "xapi" == PACKAGE


def test_the_packages_that_would_take_our_name_are_not_locked():
    locked = (ROOT / "requirements.lock").read_text() + (ROOT / "requirements-dev.lock").read_text()
    names = {line.split("==")[0].strip() for line in locked.splitlines() if "==" in line}

    assert "tincan" in names
    assert names.isdisjoint({"xapi", "xapi-python", "xapi_python"})


def test_the_package_needs_nothing_of_its_host():
    assert importers("lti_peer") == importers("config") == []


def test_tincan_stays_at_the_reading_edge():
    assert importers("tincan") == ["interop.py"]


def test_who_only_says_and_judges_needs_neither_database_nor_web():
    heavy = {*importers("sqlalchemy"), *importers("flask")}

    assert heavy
    assert all(path.startswith("lrs/") for path in heavy)
