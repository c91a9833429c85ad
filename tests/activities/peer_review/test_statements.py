import pytest
from sqlalchemy import select

from lti_peer.activities.peer_review import queries, service, steering
from lti_peer.core.models import Person
from lti_peer.core.outbox import Channel, OutboxItem
from lti_peer.peerwork.feedback import Said
from xapi.validate import check
from xapi.vocabulary import PROFILE_VERSION


@pytest.fixture
def said(classroom):
    """Every statement of a class that went through everything, by verb."""
    ada, ben = classroom.people[:2]
    visit = classroom.visit(ada, classroom.reviewing)
    service.decline_review(
        classroom.session, visit, classroom.take(ada).id, "inappropriate", "SECRET words"
    )
    classroom.review_all()
    classroom.review(ben)
    after = classroom.visit(ada, classroom.after)
    work = service.demand_feedback(classroom.session, after)
    review = queries.received(classroom.session, after, work)[0]
    service.rate_review(classroom.session, after, review, Said({"helpful": 2}, "SECRET reason"))
    service.confirm_reading(classroom.session, after)
    steering.release(classroom.session, classroom.staff)
    found = {}
    for item in classroom.session.scalars(
        select(OutboxItem).where(OutboxItem.channel == Channel.XAPI)
    ):
        found.setdefault(item.payload["verb"]["display"]["en"], []).append(item.payload)
    return found


def test_every_act_is_said(said):
    assert set(said) == {
        "submitted", "was assigned", "declined to review", "flagged", "reviewed", "rated",
        "experienced", "scored", "completed",
    }  # fmt: skip
    assert len(said["submitted"]) == 4
    assert len(said["scored"]) == 4


def test_every_statement_is_valid_and_belongs_to_activity_course_and_profile(said, classroom):
    for statement in [one for many in said.values() for one in many]:
        context = statement["context"]
        assert not check(statement)
        assert context["contextActivities"]["category"][0]["id"] == PROFILE_VERSION
        assert context["contextActivities"]["grouping"][0]["id"].endswith(
            str(classroom.world.course.id)
        )
        assert context["registration"]


def test_no_statement_holds_a_name_or_a_word_that_somebody_wrote(said, classroom):
    told = str(said)

    for person in classroom.session.query(Person):
        assert person.name not in told
    for words in ("SECRET", "Text number", "Name your source", "An activity"):
        assert words not in told


def test_a_review_says_its_share_and_its_length_and_not_whose_work_it_was(said, classroom):
    statement = said["reviewed"][0]

    assert statement["result"]["score"]["scaled"] == pytest.approx(8 / 9)
    assert "word-count" in str(statement["result"])
    subjects = {person.subject for person in classroom.session.query(Person)}
    assert sum(str(statement).count(one) for one in subjects) == 1


def test_a_score_is_said_of_who_earned_it(said, classroom):
    actors = {one["actor"]["account"]["name"] for one in said["scored"]}

    assert actors == {who.subject for who in classroom.people}


def test_all_statements_of_one_person_share_their_registration(said):
    by_person = {}
    for one in [one for many in said.values() for one in many]:
        by_person.setdefault(one["actor"]["account"]["name"], set()).add(
            one["context"]["registration"]
        )
    assert all(len(found) == 1 for found in by_person.values())
