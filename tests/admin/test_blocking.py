"""An administrator lets somebody in no more (security.md L21), by the page or the command."""

import factories
import pytest
from admin.office import acts
from sqlalchemy import select

from lti_peer.core.models import Membership, Person


@pytest.fixture
def learner(world):
    """A learner of an activity with whom nothing is wrong."""
    one = world.build().people[0]
    with world.database.transaction() as session:
        session.get_one(Person, one.id).email = "ann@example.org"
    return one


@pytest.fixture
def people(signed_in, learner):
    """A function that posts to the people of the learner's LMS."""
    path = f"/platforms/{learner.platform_id}/people"
    return lambda word, who, status=303: signed_in.post(f"{path}/{word}", status, who=who)


def test_l21_who_is_blocked_meets_a_plain_page_at_once_and_keeps_all(people, world, app, learner):
    inside = world.enter(app, learner)
    assert inside.get("/peer_review/").status_code == 200
    people("block", learner.subject)
    page = inside.get("/peer_review/")
    assert page.status_code == 403
    assert "Your work is kept" in page.text
    with world.database.transaction(read_only=True) as session:
        (member,) = session.scalars(select(Membership).where(Membership.person_id == learner.id))
        assert not member.active


def test_l21_who_is_let_in_again_finds_the_page_again(people, world, app, learner, database):
    inside = world.enter(app, learner)
    people("block", "Ann@Example.org")
    people("unblock", str(learner.id))
    assert inside.get("/peer_review/").status_code == 200
    assert [act for _, act in acts(database)][-2:] == ["person_blocked", "person_unblocked"]


def test_the_page_lists_who_is_blocked_and_the_audit_names_nobody(people, signed_in, learner):
    people("block", learner.subject)
    people("block", learner.subject)
    page = signed_in.get(f"/platforms/{learner.platform_id}")
    assert f"Let {learner.name} in again" in page
    audit = signed_in.get("/audit")
    assert audit.count("in no more") == 1
    assert learner.name not in audit


@pytest.mark.parametrize(("word", "who", "status"), [
    ("block", "", 404), ("block", "nobody@example.org", 404), ("explode", "1", 422),
])  # fmt: skip
def test_who_is_not_known_cannot_be_blocked(people, word, who, status):
    people(word, who, status)


def test_tn4_somebody_of_another_lms_is_not_found(people, database):
    with database.transaction() as session:
        stranger = factories.person(session, factories.course(session), name="Canary (synthetic)")
    answer = people("block", str(stranger.id), 404)
    assert "Canary" not in answer.text


def test_where_several_fit_the_command_asks_which(run, kept):
    with kept.transaction() as session:
        twins = [factories.person(session, factories.course(session), subject="7") for _ in "ab"]
    refused = run("person", "block", "7", fails=True)
    assert all(str(one.id) in refused.output for one in twins)
    done = run("person", "block", "7", "--platform", str(twins[0].platform_id), "--json")
    assert (done["id"], bool(done["blocked"])) == (str(twins[0].id), True)
    assert run("person", "list", "--json") == [done]
    assert run("person", "unblock", done["id"], "--json")["blocked"] is None
