"""The house's rules that a machine can hold (docs/contributors)."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("lti_peer", "xapi", "config")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
STEPS = ROOT / "lti_peer" / "migrations" / "versions"
OURS = [path for path in SOURCES if STEPS not in path.parents]
TEMPLATES = sorted(
    path
    for path in (ROOT / "lti_peer").rglob("templates/**/*")
    if path.suffix in {".html", ".svg", ".txt"}
)
LONGEST_FUNCTION = 40
LONGEST_MODULE = 300
MOST_ARGUMENTS = 8
LONGEST_MEDIAN_TEST = 12
BANNED_NAMES = {"utils", "helpers", "manager", "base", "util", "helper", "common", "misc"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path):
    return str(path.relative_to(ROOT))


@cache
def tree(path):
    return ast.parse(path.read_text())


def functions(path):
    return [node for node in ast.walk(tree(path)) if isinstance(node, Function)]


def length(node):
    """Return the lines of a function or class from its first decorator on."""
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return node.end_lineno - first + 1


def is_declaration(node):
    """Return whether a statement of a module only declares: imports, constants, docstrings."""
    if isinstance(node, ast.ClassDef):
        return all(is_declaration(inner) for inner in node.body)
    plain = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Pass)
    return isinstance(node, plain) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def lines_of_work(path):
    """Return the lines of a module without its plain declarations."""
    declared = sum(
        node.end_lineno - node.lineno + 1 for node in tree(path).body if is_declaration(node)
    )
    return len(path.read_text().splitlines()) - declared


def imports(path):
    """Return the names of all modules that a file imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def importers(package):
    """Return the files that import a package."""
    return {
        name(path)
        for path in SOURCES
        for found in imports(path)
        if found == package or found.startswith(f"{package}.")
    }


def program(*words):
    """Run a program of the virtual environment; return its exit code and what it said."""
    done = subprocess.run(  # noqa: S603 - our own words
        [Path(sys.executable).parent / words[0], *words[1:]],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_imports_run_downwards_and_in_no_circle():
    code, said = program("lint-imports", "--no-cache")
    assert code == 0, said


def test_a_function_fits_on_a_screen():
    long = {
        f"{name(path)}:{node.lineno} {node.name}"
        for path in OURS
        for node in functions(path)
        if length(node) > LONGEST_FUNCTION
    }
    assert long == set()


def test_a_module_is_read_in_one_sitting():
    assert {name(path) for path in OURS if lines_of_work(path) > LONGEST_MODULE} == set()


def test_a_function_takes_few_arguments():
    many = {
        f"{name(path)}:{node.lineno} {node.name}"
        for path in OURS
        for node in functions(path)
        if len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs])
        > MOST_ARGUMENTS + (bool(node.args.args) and node.args.args[0].arg in {"self", "cls"})
    }
    assert many == set()


def test_no_import_hides_in_a_function():
    hidden = {
        f"{name(path)}:{inner.lineno}"
        for path in OURS
        for node in functions(path)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }
    assert hidden == set()


def test_a_module_is_named_after_what_is_in_it():
    assert {name(path) for path in SOURCES if path.stem in BANNED_NAMES} == set()


def test_every_exception_to_a_rule_names_the_rule():
    blanket = re.compile(r"#\s*(noqa(?!: [A-Z]+\d)|type:\s*ignore(?!\[[a-z]))")
    unnamed = {
        f"{name(path)}:{number}"
        for path in [*SOURCES, *TESTS]
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if blanket.search(line)
    }
    assert unnamed == set()


def test_pylti1p3_is_known_to_lti_alone():
    found = importers("pylti1p3")
    assert found
    assert all(path.startswith("lti_peer/lti/") for path in found)


def test_tincan_is_known_to_xapi_alone():
    found = importers("tincan")
    assert found
    assert all(path.startswith("xapi/") for path in found)


@pytest.mark.parametrize("package", ["requests", "urllib3", "urllib.request", "http.client"])
def test_nothing_leaves_the_house_but_through_its_doors(package):
    """The doors: the guarded clients for LMSs and record stores, the demo's own people."""
    ours, theirs = ("lti_peer/lti/http.py", "lti_peer/lti/guard.py"), "lti_peer/demo/"
    doors = (*ours, "lti_peer/jobs/egress.py", "xapi/client.py", "xapi/interop.py", theirs)
    assert {path for path in importers(package) if not path.startswith(doors)} == set()


@pytest.mark.parametrize("package", ["numpy", "scipy"])
def test_heavy_numbers_live_in_the_rules(package):
    assert all(path.startswith("lti_peer/rules/") for path in importers(package))


def test_rules_read_no_clock_and_roll_no_unseeded_dice():
    clock, dice = r"datetime\.now|time\.(time|monotonic)\(", r"random\.(random|shuffle|choice)"
    forbidden = re.compile(f"{clock}|{dice}")
    found = {
        name(path)
        for path in SOURCES
        if "rules" in path.parts or path.name == "rules.py"
        if forbidden.search(path.read_text())
    }
    assert found == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_page_loads_nothing_from_another_host_and_has_no_inline_code(path):
    page = path.read_text()
    outside = r"""(?:src|href|action|srcset|poster)\s*=\s*["']?\s*(?:https?:)?//"""
    assert not re.search(outside, page, re.IGNORECASE)
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']", page, re.IGNORECASE)
    assert not re.search(r"<script(?![^>]*\bsrc=)", page, re.IGNORECASE)
    assert not re.search(r"(?<!\.html)\s*\|\s*safe\b", page)  # stored `html` is cleaned (web.text)


def test_half_of_the_tests_are_short():
    lengths = [
        length(node) for path in TESTS for node in functions(path) if node.name.startswith("test_")
    ]
    assert median(lengths) <= LONGEST_MEDIAN_TEST


def test_a_test_is_named_as_a_sentence():
    short = {
        f"{name(path)}:{node.lineno} {node.name}"
        for path in TESTS
        for node in functions(path)
        if node.name.startswith("test_") and node.name.count("_") < 3
    }
    assert short == set()


def test_the_lock_files_name_no_host():
    for path in ROOT.glob("requirements*.lock"):
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", path.read_text())
    assert '"resolved"' not in (ROOT / "tests/bench/ltijs/package-lock.json").read_text()
