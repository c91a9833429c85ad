from pathlib import Path

import xapi

ROOT = Path(__file__).parents[2]


def test_the_package_xapi_is_ours():
    # Two packages of the index, both unrelated to learning, install a module of this name.
    assert Path(xapi.__file__) == ROOT / "xapi" / "__init__.py"


def test_the_packages_that_would_take_our_name_are_not_locked():
    locked = (ROOT / "requirements.lock").read_text() + (ROOT / "requirements-dev.lock").read_text()
    names = {line.split("==")[0].strip() for line in locked.splitlines() if "==" in line}

    assert "tincan" in names
    assert names.isdisjoint({"xapi", "xapi-python", "xapi_python"})
