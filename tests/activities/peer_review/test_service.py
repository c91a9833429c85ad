from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti_peer.activities.peer_review import overview, queries, service, steering
from lti_peer.core import grades
from lti_peer.core.errors import Conflict, Invalid, NotAllowed, NotFound
from lti_peer.peerwork import flags, needs, scores, submissions
from lti_peer.peerwork.allocations import Allocation, AllocationState
from lti_peer.peerwork.feedback import Feedback, Said

BASE_URL = "https://tool.example"


def state(classroom, who, now=None):
    return service.situation(classroom.session, classroom.visit(who, now or classroom.reviewing))


def score_of(classroom, who):
    return scores.of_person(classroom.session, classroom.staff, who.id)["work"]


def test_a_class_hands_in_reviews_and_is_scored(classroom):
    classroom.review_all()

    standing = scores.standing(classroom.session, classroom.staff)
    assert {round(mine["work"].share, 6) for mine in standing.values()} == {round(8 / 9, 6)}
    assert len(standing) == 4


def test_nobody_reviews_their_own_work_nor_any_work_twice(classroom):
    classroom.review_all()

    pairs = [(reviewer, author) for reviewer, author, _ in overview.pairs(
        classroom.session, classroom.staff
    )]  # fmt: skip
    assert len(pairs) == len(set(pairs)) == 12
    assert all(reviewer != author for reviewer, author in pairs)


def test_a_simulated_class_with_no_shows_gets_every_review(build):
    classroom = build(learners=12)
    for who in classroom.people:
        classroom.hand_in(who)
    for who in classroom.people[:2]:
        assert classroom.take(who)  # and never writes it
    later = classroom.reviewing + timedelta(hours=9)
    for _ in range(5):
        for who in classroom.people[2:]:
            classroom.review(who, later)

    counted = needs.of(classroom.session, classroom.staff, queries.PURPOSE)
    assert min(need.completed for need in counted) >= 3
    assert all(need.live == 0 for need in counted)


def test_a_review_is_kept_for_eight_hours_but_never_beyond_the_end(classroom):
    ada, ben = classroom.people[:2]
    last_hour = classroom.now + timedelta(days=14, hours=14)

    assert classroom.take(ada).lease_until == classroom.reviewing + timedelta(hours=8)
    assert classroom.take(ben, last_hour).lease_until < last_hour + timedelta(hours=1)


def test_taking_twice_gives_the_review_that_is_held(classroom):
    ada = classroom.people[0]

    assert classroom.take(ada).id == classroom.take(ada).id


def test_an_expired_review_is_given_to_somebody_else(build):
    classroom = build(learners=2)
    for who in classroom.people:
        classroom.hand_in(who)
    ada, ben = classroom.people
    left = classroom.take(ada)
    assert left.subject_id == submissions.own(classroom.session, classroom.visit(ben)).id

    service.turn(
        classroom.session,
        classroom.visit(ada).activity,
        classroom.reviewing + timedelta(hours=9),
        BASE_URL,
    )

    assert left.state is AllocationState.EXPIRED
    need = queries.need_of(
        classroom.session,
        classroom.staff,
        queries.reviewed(classroom.session, classroom.staff, left),
    )
    assert need.live == 0


def test_a_review_that_comes_after_its_time_ran_out_still_counts(classroom):
    ada = classroom.people[0]
    late = classroom.reviewing + timedelta(hours=9)
    allocation = classroom.take(ada)
    service.turn(classroom.session, classroom.visit(ada).activity, late, BASE_URL)

    classroom.give(ada, allocation, late)

    assert state(classroom, ada).given == 1


def test_work_after_the_date_is_marked_late_and_served_first(build):
    classroom = build(learners=5)
    *early, late = classroom.people
    for who in early:
        classroom.hand_in(who)
    for who in [*early, *early]:
        assert classroom.review(who)  # fewest first: now each early text has one at least

    made = classroom.hand_in(late, classroom.reviewing)

    assert made.late
    assert classroom.take(early[0]).subject_id == made.id


def test_handing_in_the_same_text_twice_makes_one_version(classroom):
    ada = classroom.people[0]

    assert classroom.hand_in(ada, source="Text number 0.").newest.number == 1


def test_a_new_text_before_the_date_is_a_new_version(classroom):
    made = classroom.hand_in(classroom.people[0], source="Better.")

    assert (made.newest.number, made.newest.source) == (2, "Better.")


def test_work_cannot_change_once_somebody_reviews_it(build):
    classroom = build(learners=2, late_work=True)
    ada, ben = classroom.people
    for who in (ada, ben):
        classroom.hand_in(who)
    steering.extend(
        classroom.session, classroom.visit(classroom.world.teacher), ada.id, "submit",
        classroom.reviewing + timedelta(days=1),
    )  # fmt: skip
    classroom.take(ben)

    with pytest.raises(NotAllowed, match="begun to review"):
        classroom.hand_in(ada, classroom.reviewing, "Changed under the reader's eyes.")


def test_work_that_was_in_time_cannot_be_changed_late(classroom):
    with pytest.raises(NotAllowed, match="date for changing it has passed"):
        classroom.hand_in(classroom.people[0], classroom.reviewing, "A late change.")


def test_who_has_not_handed_in_may_not_review(build):
    classroom = build()
    classroom.hand_in(classroom.people[0])

    with pytest.raises(NotAllowed, match="once you have handed in"):
        classroom.take(classroom.people[1])


def test_everybody_may_review_where_the_activity_says_so(build):
    classroom = build(must_hand_in=False)
    classroom.hand_in(classroom.people[0])

    assert classroom.take(classroom.people[1])


def test_reviewing_before_it_opens_is_refused_with_the_date(classroom):
    with pytest.raises(NotAllowed, match="Reviewing opens on 30 November 2026"):
        classroom.take(classroom.people[0], classroom.now)


def test_a_review_after_the_end_is_refused_and_changes_nothing(classroom):
    allocation = classroom.take(classroom.people[0])

    with pytest.raises(NotAllowed, match="Reviewing closed on"):
        classroom.give(classroom.people[0], allocation, classroom.after)
    assert classroom.session.scalar(select(func.count()).select_from(Feedback)) == 0


def test_an_extension_opens_reviewing_for_one_person_alone(classroom):
    ada, ben = classroom.people[:2]
    steering.extend(
        classroom.session, classroom.staff, ada.id, "review", classroom.after + timedelta(days=1)
    )

    assert classroom.take(ada, classroom.after)
    with pytest.raises(NotAllowed):
        classroom.take(ben, classroom.after)


def test_an_extension_into_the_past_is_refused(classroom):
    with pytest.raises(Invalid, match="over already"):
        steering.extend(
            classroom.session, classroom.staff, classroom.people[0].id, "review", classroom.now
        )


def test_a_review_of_somebody_else_cannot_be_sent(classroom):
    ada, ben = classroom.people[:2]
    allocation = classroom.take(ada)

    with pytest.raises(NotFound):
        classroom.give(ben, allocation)


@pytest.mark.parametrize("marks", [{"answer": 9, "reasons": 1, "clarity": 1}, {"answer": 1}])
def test_a_mark_that_the_rubric_does_not_have_is_refused(classroom, marks):
    allocation = classroom.take(classroom.people[0])

    with pytest.raises((KeyError, ValueError)):
        classroom.give(classroom.people[0], allocation, marks=marks)


def test_a_changed_review_replaces_the_first_in_the_score(build):
    classroom = build(learners=2)
    for who in classroom.people:
        classroom.hand_in(who)
    ada, ben = classroom.people
    allocation = classroom.take(ada)
    classroom.give(ada, allocation, marks=classroom.good)

    classroom.give(ada, allocation, marks=classroom.poor)

    assert score_of(classroom, ben).share == pytest.approx(1 / 9)
    assert state(classroom, ada).given == 1


def test_a_declined_review_is_replaced_at_once_and_its_need_opens(classroom):
    ada = classroom.people[0]
    first = classroom.take(ada)

    second = service.decline_review(
        classroom.session,
        classroom.visit(ada, classroom.reviewing),
        first.id,
        "cannot_open",
        "Blank.",
    )

    assert first.state is AllocationState.DECLINED
    assert second.subject_id != first.subject_id
    assert [flag.words for flag in flags.pending(classroom.session, classroom.staff)] == ["Blank."]


def test_a_conflict_of_interest_calls_nobody(classroom):
    ada = classroom.people[0]
    visit = classroom.visit(ada, classroom.reviewing)

    service.decline_review(classroom.session, visit, classroom.take(ada).id, "conflict", "")

    assert not flags.pending(classroom.session, classroom.staff)


def test_a_review_that_was_sent_cannot_be_given_back(classroom):
    ada = classroom.people[0]
    allocation = classroom.take(ada)
    classroom.give(ada, allocation)

    with pytest.raises(Conflict):
        service.decline_review(
            classroom.session,
            classroom.visit(ada, classroom.reviewing),
            allocation.id,
            "conflict",
            "",
        )


def test_work_that_three_people_cannot_read_is_given_to_nobody_else(build):
    classroom = build(learners=5, must_hand_in=False)
    ada, *others = classroom.people
    classroom.hand_in(ada)
    for who in others[:3]:
        visit = classroom.visit(who, classroom.reviewing)
        taken = classroom.take(who)
        service.decline_review(classroom.session, visit, taken.id, "cannot_open", "")

    assert classroom.take(others[3]) is None
    for flag in flags.pending(classroom.session, classroom.staff):
        flags.resolve(classroom.session, classroom.staff, flag.id, "It is fine.")
    assert classroom.take(others[3])


def test_a_bonus_review_is_offered_only_where_reviews_are_missing(classroom):
    classroom.review_all()

    assert not state(classroom, classroom.people[0]).available
    assert classroom.take(classroom.people[0]) is None


def test_a_review_too_many_makes_up_for_none_that_another_text_lacks(classroom):
    classroom.review_all()
    more, less = needs.of(classroom.session, classroom.staff, queries.PURPOSE)[:2]
    more.completed, less.completed = more.completed + 1, less.completed - 1
    found = overview.counts(classroom.session, classroom.staff)
    assert (found.sent, found.wanted, found.short, found.outstanding) == (12, 12, 1, 1)


def test_whoever_has_done_everything_is_done(classroom):
    classroom.review_all()

    for who in classroom.people:
        visit = classroom.visit(who, classroom.reviewing)
        assert service.progress(classroom.session, visit).done


def test_feedback_stays_closed_until_reviewing_has_closed(classroom):
    classroom.review_all()

    with pytest.raises(NotAllowed, match="not open yet"):
        service.demand_feedback(
            classroom.session, classroom.visit(classroom.people[0], classroom.reviewing)
        )
    assert service.demand_feedback(
        classroom.session, classroom.visit(classroom.people[0], classroom.after)
    )


def test_a_rating_outside_its_range_is_refused(classroom):
    classroom.review_all()
    visit = classroom.visit(classroom.people[0], classroom.after)
    work = service.demand_feedback(classroom.session, visit)
    review = queries.received(classroom.session, visit, work)[0]

    with pytest.raises(ValueError, match="helpful"):
        service.rate_review(classroom.session, visit, review, Said({"helpful": 3}))


def test_released_grades_are_the_scores_and_a_later_review_updates_them(classroom):
    ada = classroom.people[0]
    allocation = classroom.take(ada)
    classroom.give(ada, allocation)
    assert steering.release(classroom.session, classroom.staff) == 1

    classroom.give(ada, allocation, marks=classroom.poor)

    grade = grades.of(classroom.session, classroom.staff.activity)[0]
    assert grade.share == pytest.approx(1 / 9)
    assert grade.version == 2


def test_releasing_twice_tells_the_lms_nothing_new(classroom):
    classroom.review_all()
    steering.release(classroom.session, classroom.staff)
    steering.release(classroom.session, classroom.staff)

    told = grades.of(classroom.session, classroom.staff.activity)
    assert [grade.version for grade in told] == [1, 1, 1, 1]


def test_a_changed_rubric_leaves_reviews_in_progress_their_own(classroom):
    ada = classroom.people[0]
    allocation = classroom.take(ada)
    visit = classroom.visit(ada, classroom.reviewing)
    before = queries.rubric_of(classroom.session, visit, allocation)
    plan = make_plan(classroom, criteria=before.parsed[:1])

    steering.save(classroom.session, classroom.visit(classroom.world.teacher), plan)

    assert queries.rubric_of(classroom.session, visit, allocation).version == before.version == 1
    assert classroom.give(ada, allocation).marks == classroom.good
    fresh = classroom.take(classroom.people[1])
    assert len(queries.rubric_of(classroom.session, visit, fresh).parsed) == 1


def test_names_stay_hidden_once_somebody_has_reviewed(classroom):
    classroom.take(classroom.people[0])

    with pytest.raises(Invalid) as refused:
        steering.save(classroom.session, classroom.staff, make_plan(classroom, blind=False))
    assert set(refused.value.fields) == {"blind"}


def test_more_reviews_for_each_text_open_every_need(classroom):
    classroom.review_all()

    steering.save(
        classroom.session, classroom.visit(classroom.world.teacher), make_plan(classroom, reviews=5)
    )

    counted = needs.of(classroom.session, classroom.staff, queries.PURPOSE)
    assert {(need.wanted, need.ceiling) for need in counted} == {(5, 6)}


def test_closing_handing_in_opens_reviewing_and_takes_no_late_work(build):
    classroom = build()
    ada, ben = classroom.people[:2]
    for who in (ada, ben):
        classroom.hand_in(who)
    steering.close(classroom.session, classroom.visit(classroom.world.teacher), "submit")
    soon = classroom.now + timedelta(minutes=1)

    assert classroom.take(ada, soon)
    with pytest.raises(NotAllowed):
        classroom.hand_in(classroom.people[2], soon)


def test_closing_a_phase_twice_is_a_conflict(classroom):
    visit = classroom.visit(classroom.world.teacher, classroom.reviewing)
    steering.close(classroom.session, visit, "review")
    later = classroom.visit(classroom.world.teacher, classroom.reviewing + timedelta(minutes=1))

    with pytest.raises(Conflict):
        steering.close(classroom.session, later, "review")


def test_an_allocation_keeps_why_it_was_made(classroom):
    allocation = classroom.take(classroom.people[0])

    assert allocation.reason["policy"] == service.POLICY
    assert classroom.session.get(Allocation, allocation.id).reason["bonus"] is False


def make_plan(classroom, criteria=None, **over):
    """Return the plan that stands, with some decisions changed."""
    visit = classroom.visit(classroom.world.teacher)
    known = queries.settings(visit)
    rubric = service.feedback.rubric(classroom.session, visit.activity)
    dates = steering.preset_dates(classroom.now, "UTC")
    chosen = type(known)(**{**known.__dict__, **over})
    return steering.Plan("A title", "A task.", chosen, dates, criteria or rubric.parsed)
