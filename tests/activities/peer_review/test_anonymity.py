"""Under double-blind reviewing no learner's page tells who somebody is (security.md Y2, Y3, Y7)."""

import re

import pytest

from lti_peer.core.models import Membership, Person
from lti_peer.peerwork.allocations import AllocationMember
from lti_peer.peerwork.feedback import Feedback
from lti_peer.peerwork.submissions import Submission

PATHS = ("/", "/work", "/work/edit", "/feedback", "/revision")


def everything(pages):
    """Return all that the pages of one visitor answer, headers included, as one text."""
    answers = [pages.get(path) for path in PATHS]
    reviews = set(
        re.findall(r"/peer_review(/(?:reviews|second-looks)/[0-9a-f-]+)", answers[0].text)
    )
    assert reviews
    answers += [pages.get(path) for path in reviews]
    return "\n".join(f"{answer.headers}\n{answer.text}" for answer in answers)


def canaries(session, own):
    """Return all that could tell one of the others: names, addresses, ids of theirs."""
    people = [one for one in session.query(Person) if one.id != own.id]
    found = {value for one in people for value in (one.name, one.subject, str(one.id), one.email)}
    found |= {str(one.id) for one in session.query(Membership) if one.person_id != own.id}
    found |= {str(one.id) for one in session.query(Submission) if one.author_id != own.id}
    found |= {str(one.id) for one in session.query(Feedback) if one.author_id != own.id}
    others = session.query(AllocationMember).filter(AllocationMember.person_id != own.id)
    found |= {str(value) for one in others for value in (one.id, one.allocation_id)}
    return found - {""}


@pytest.fixture
def blind(classroom):
    """A class that has reviewed, whose members all have addresses."""
    for person in classroom.session.query(Person):
        person.email = f"{person.subject}@example.org"
    return classroom.review_all()


def test_no_learners_page_holds_a_canary_of_another(blind, pages):
    for who in blind.people:
        text = everything(pages(blind, who, blind.after))
        told = {one for one in canaries(blind.session, who) if one in text or one[:13] in text}
        assert not {one for one in told if "Person" not in one}
        assert "(synthetic)" not in text


def test_revisions_and_second_looks_tell_of_nobody_either(build, pages):
    class_ = build(learners=3, reviews=2).let_revise()
    for number, who in enumerate(class_.people):
        class_.hand_in(who, source=f"Text number {number}.")
    for who in class_.people * 2:
        class_.review(who)
    for number, who in enumerate(class_.people):
        class_.revise(who, f"Better text number {number}.")
    class_.look(class_.people[1], author=class_.people[0])
    for now in (class_.after, class_.looking):
        who = class_.people[0]
        text = everything(pages(class_, who, now))
        assert ("Better text number 1." in text) is (now == class_.looking)
        told = {one for one in canaries(class_.session, who) if one in text or one[:13] in text}
        assert not {one for one in told if "Person" not in one}
        assert "(synthetic)" not in text


def test_staff_do_see_the_names(blind, pages):
    assert "Person 2 (synthetic)" in pages(blind, blind.world.teacher, blind.after).read()


def test_the_time_of_a_review_is_on_no_page_of_its_receiver(blind, pages):
    page = pages(blind, blind.people[0], blind.after).read("/feedback")

    assert not re.search(r"1 Dec|2026-12-01", page)


def test_the_order_of_reviewers_is_stable_for_one_viewer_and_differs_between_viewers(blind, pages):
    orders = []
    for who in blind.people:
        author = pages(blind, who, blind.after)
        found = re.findall(r"/feedback/([0-9a-f]+)/rating", author.read("/feedback"))
        assert found == sorted(found)
        assert found == re.findall(r"/feedback/([0-9a-f]+)/rating", author.read("/feedback"))
        orders += found
    assert len(set(orders)) == len(orders) == 12


def test_a_token_of_one_viewer_opens_nothing_for_another(blind, pages):
    ada, ben = (pages(blind, who, blind.after) for who in blind.people[:2])
    token = re.search(r"/feedback/([0-9a-f]+)/rating", ada.read("/feedback"))[1]

    answer = ben.post(f"/feedback/{token}/rating", **{f"helpful-{token}": "2"})

    assert answer.status_code == 404


def test_names_are_shown_where_the_activity_is_open(build, pages):
    classroom = build(blind=False)
    for who in classroom.people:
        classroom.hand_in(who)
    classroom.review_all()

    page = pages(classroom, classroom.people[0], classroom.after).read("/feedback")
    assert "Person 2 (synthetic)" in page
