import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xapi.identity import Account, pseudonym, pseudonymised, registration_id, statement_id

ADA = Account("https://lms.example.org", "ada")
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
TOOL = "https://peer.example.org"


def test_the_same_event_has_the_same_id():
    assert statement_id("t", "reviewed", 7, 1) == statement_id("t", "reviewed", "7", 1)


def test_an_id_stays_what_it_was():
    # A change here would send every statement of every installation a second time.
    assert statement_id("t", "reviewed", 7) == UUID("2d468630-bdc0-5a89-b8ba-d7e4428828a8")
    assert registration_id("t", "link", "ada") == UUID("790a59ec-290b-544d-aa70-3b341d39270c")


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_different_parts_have_different_ids(left, right):
    assert (statement_id(*left) == statement_id(*right)) == (left == right)


def test_an_id_of_nothing_is_refused():
    with pytest.raises(ValueError, match="part"):
        statement_id()


def test_a_statement_and_a_registration_of_the_same_parts_differ():
    assert statement_id("a") != registration_id("a")


def test_a_pseudonym_tells_neither_name_nor_issuer():
    hidden = pseudonym(KEY, ADA, TOOL)

    assert hidden.home_page == TOOL
    assert "ada" not in hidden.name
    assert len(hidden.name) == 52


def test_two_stores_cannot_be_joined_by_pseudonyms():
    assert pseudonym(KEY, ADA, TOOL) != pseudonym(OTHER_KEY, ADA, TOOL)
    assert pseudonym(KEY, ADA, TOOL) == pseudonym(KEY, ADA, TOOL)


def test_the_border_between_issuer_and_name_counts():
    assert pseudonym(KEY, Account("ab", "c"), TOOL) != pseudonym(KEY, Account("a", "bc"), TOOL)


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        pseudonym(b"short", ADA, TOOL)


def test_everybody_in_a_statement_goes_by_a_pseudonym_wherever_they_stand():
    person = {"account": {"homePage": "https://lms.example", "name": "7"}}
    said = {
        "actor": {"objectType": "Agent", "name": "Ada Example", **person},
        "object": {"objectType": "SubStatement", "actor": person},
        "context": {
            "instructor": person,
            "team": {"objectType": "Group", "member": [person]},
            "extensions": {"https://e.example/about": [{**person["account"], "types": []}]},
        },
    }
    hidden = json.dumps(pseudonymised(b"k" * 32, said, "https://tool.example"))
    assert "lms.example" not in hidden
    assert "Ada" not in hidden
    known = pseudonym(b"k" * 32, Account("https://lms.example", "7"), "https://tool.example")
    assert hidden.count(known.name) == 5


def test_a_group_and_everything_that_is_no_person_stays_as_it_is():
    team = {
        "objectType": "Group",
        "account": {"homePage": "https://lms.example", "name": "team-1"},
    }
    said = {
        "context": {"team": team},
        "object": {"id": "https://a.example", "definition": {"name": {"en": "Essay"}}},
        "result": {"score": {"scaled": 0.5}},
    }
    assert pseudonymised(b"k" * 32, said, "https://tool.example") == said
