"""The corpus of 43, judged 43 of 43."""

import json

import pytest
from conformance.xapi.corpus import DEFECTS, VALID, altered

from xapi.validate import check


def test_the_corpus_has_9_valid_statements_and_34_defects():
    assert (len(VALID), len(DEFECTS)) == (9, 34)


@pytest.mark.parametrize("name", VALID)
def test_a_valid_statement_has_no_fault(name):
    version, changes = VALID[name]

    assert check(altered(changes), version) == []


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found_where_it_is(name):
    path, changes = DEFECTS[name]
    faults = check(altered(changes))

    assert [fault.path for fault in faults] == [path]


@pytest.mark.parametrize("name", [name for name in DEFECTS if "1.0.3" not in name])
def test_a_defect_of_1_0_3_is_one_of_2_0_0_too(name):
    _, changes = DEFECTS[name]

    assert check(altered(changes), "2.0.0")


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_survives_json(name):
    _, changes = DEFECTS[name]

    assert check(json.loads(json.dumps(altered(changes))))
