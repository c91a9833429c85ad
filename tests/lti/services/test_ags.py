"""Grades against an LMS whose answers are played; test_ags_live.py has one that is real."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import factories
import pytest
from lti.services.conftest import answered, given_token

from lti_peer.core import db, grades, outbox
from lti_peer.core.grades import Grade, GradeState
from lti_peer.core.models import (
    Deployment,
    LineItem,
    Person,
    Platform,
    Role,
    Standing,
)
from lti_peer.core.outbox import Channel
from lti_peer.lti.ags import BUDGET_S, GradeSender
from lti_peer.lti.claims import SCOPE_RESULT_READ, SCOPE_SCORE, SCORE_TYPE
from lti_peer.lti.http import Refused, Unreachable
from lti_peer.lti.services import Services
from lti_peer.lti.tokens import Tokens
from lti_peer.lti.verdicts import STOPPED


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    return [0.0]


@pytest.fixture
def sender(database, vault, keys, client, clock):
    services = Services(client, Tokens(database, vault, keys, client))
    return GradeSender(database, services, clock=lambda: clock[0])


@pytest.fixture
def drain(database, sender):
    """Deliver what is due, as the worker does; return the outcomes."""

    def once(limit=20):
        with database.transaction() as session:
            claims = outbox.claim(session, Channel.AGS, limit)
        results = sender(claims)
        with database.transaction() as session:
            outbox.settle(session, results)
        return [outcome for _, outcome in results]

    return once


@pytest.fixture
def state(database):
    """What the instructor sees of a grade."""

    def look(grade_id):
        with database.transaction(read_only=True) as session:
            found = session.get_one(Grade, grade_id)
            return found.state, found.problem, found.sent_version

    return look


def scores(client):
    return [json.loads(body) for method, url, _, body in client.sent if "/scores" in url]


def test_a_grade_goes_to_the_columns_scores_address(client, post, drain, state, graded):
    grade = post(0.8, comment="Good reviews.")
    client.answers = [answered(204)]
    drain()

    ((method, url, headers, _),) = client.sent
    assert (method, url.endswith("/items/1/scores?type_id=1")) == ("POST", True)
    assert headers["Content-Type"] == SCORE_TYPE
    (score,) = scores(client)
    assert (score["userId"], score["comment"]) == (graded.people[0].subject, "Good reviews.")
    assert (score["scoreGiven"], score["scoreMaximum"]) == (16.0, 20.0)
    assert (score["activityProgress"], score["gradingProgress"]) == ("Completed", "FullyGraded")
    assert state(grade) == (GradeState.SENT, "", 1)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_s16_zero_and_everything_are_grades(client, post, drain, share):
    post(share)
    client.answers = [answered(204)]
    drain()

    assert scores(client)[0]["scoreGiven"] == 20 * share


def test_s15_two_grades_of_one_person_are_a_second_apart(client, post, drain):
    client.answers = [answered(204), answered(204)]
    for share in (0.4, 0.5):
        post(share)
        drain()

    first, second = (datetime.fromisoformat(score["timestamp"]) for score in scores(client))
    assert second - first >= timedelta(seconds=1)
    assert first.utcoffset() == timedelta(0)


def test_s23_a_grade_that_was_sent_before_a_crash_comes_again_with_a_later_stamp(
    database, client, post, drain, sender
):
    post(0.5)
    client.answers = [answered(204), answered(204)]
    with database.transaction() as session:
        claims = outbox.claim(session, Channel.AGS, 1)
    sender(claims)  # and the worker dies before it settles
    with database.transaction() as session:
        session.get_one(outbox.OutboxItem, claims[0].id).due_at = datetime(2026, 1, 1, tzinfo=UTC)
    drain()

    first, second = scores(client)
    assert second["timestamp"] > first["timestamp"]
    assert second["scoreGiven"] == first["scoreGiven"]


@pytest.mark.parametrize(
    "older",
    [
        answered(409, {"error": "conflict"}),
        answered(400, b"Provided timestamp is before the last update"),
    ],
)
def test_s13_an_lms_that_has_something_newer_gets_a_later_stamp(client, post, drain, state, older):
    grade = post(0.5)
    client.answers = [older, answered(204)]
    drain()

    assert state(grade) == (GradeState.SENT, "", 1)
    first, second = scores(client)
    assert second["timestamp"] > first["timestamp"]


def test_a_stamp_is_later_than_the_clock_of_an_lms_that_is_ahead(client, post, drain):
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=3)
    post(0.5)
    client.answers = [answered(409, date=format_datetime(ahead, usegmt=True)), answered(204)]
    drain()

    assert datetime.fromisoformat(scores(client)[1]["timestamp"]) == ahead + timedelta(seconds=1)


def result(graded, points, maximum=20):
    subject = graded.people[0].subject
    return answered(200, [{"userId": subject, "resultScore": points, "resultMaximum": maximum}])


def test_a_grade_that_the_lms_has_already_is_told(client, post, drain, state, graded):
    grade = post(0.5)
    client.answers = [answered(409), answered(409)]
    client.results = [answered(200, []), result(graded, 5, 10)]
    drain()

    assert state(grade)[0] is GradeState.SENT


def test_a_grade_that_the_lms_takes_for_old_is_offered_again_and_then_shown(
    database, client, post, drain, state
):
    grade = post(0.5)
    for attempt in range(6):
        with database.transaction() as session:
            for item in session.query(outbox.OutboxItem):
                item.due_at, item.attempts = datetime(2026, 1, 1, tzinfo=UTC), attempt
        client.answers = [answered(409), answered(409)]
        (outcome,) = drain()
        assert outcome.dead == (attempt == 5)

    assert state(grade)[0] is GradeState.REFUSED
    assert "newer grade" in state(grade)[1]


def test_a_grade_that_somebody_changed_in_the_lms_is_not_overwritten(
    client, post, drain, state, graded
):
    grade = post(0.5)
    client.answers = [answered(204)]
    drain()
    post(0.75)
    client.results = [result(graded, 17)]
    (outcome,) = drain()

    assert (len(scores(client)), outcome.dead, state(grade)[0]) == (1, True, GradeState.CHANGED)
    assert "it shows 17 of 20, ours is 15" in state(grade)[1]


def test_a_grade_that_staff_gave_before_us_is_not_overwritten_either(
    client, post, drain, state, graded
):
    grade = post(0.5)
    client.results = [result(graded, 20)]
    drain()

    assert (client.sent, state(grade)[0]) == ([], GradeState.CHANGED)


@pytest.mark.parametrize("shown", [9.996, 10, 10.004])
def test_what_a_grade_book_has_rounded_is_still_ours(client, post, drain, state, graded, shown):
    grade = post(0.5)
    client.answers = [answered(204), answered(204)]
    drain()
    post(0.6)
    client.results = [result(graded, shown)]
    drain()

    assert state(grade) == (GradeState.SENT, "", 2)


def test_what_was_taken_although_its_answer_was_lost_is_ours(
    client, clock, post, drain, state, graded
):
    post(0.5)
    client.answers = [Unreachable("lms.example did not answer in time.")]
    drain()
    clock[0] += 3600
    grade = post(0.7)
    client.answers = [answered(204)]
    client.results = [result(graded, 10)]
    drain()

    assert state(grade)[0] is GradeState.SENT


@pytest.fixture
def staff(graded):
    return factories.visit(graded.teacher, graded.activity, Role.INSTRUCTOR)


def test_staff_may_send_ours_over_a_change_and_a_further_one_is_found(
    database, client, post, drain, state, graded, staff
):
    grade = post(0.5)
    client.results = [result(graded, 17)]
    drain()
    with database.transaction() as session:
        grades.insist(session, staff, grade)
    client.results, client.answers = [result(graded, 18)], [answered(204)]
    drain()
    assert state(grade)[0] is GradeState.CHANGED

    with database.transaction() as session:
        grades.insist(session, staff, grade)
    client.results = [result(graded, 18)]
    drain()
    assert (state(grade)[0], scores(client)[-1]["scoreGiven"]) == (GradeState.SENT, 10.0)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405])
def test_an_lms_that_shows_no_results_gets_grades_all_the_same(client, post, drain, state, status):
    first, second = post(0.5, who=0), post(0.6, who=1)
    client.answers = [answered(204), answered(204)]
    client.results = [answered(status)] * 2
    drain()

    assert state(first)[0] is state(second)[0] is GradeState.SENT
    assert len(set(client.looked)) == 1


def test_an_lms_whose_results_are_away_is_left_alone_for_a_while(client, post, drain, state):
    grade = post(0.5)
    client.results = [answered(503, retry_after="9")]
    (outcome,) = drain()

    assert (client.sent, outcome.wait, state(grade)[0]) == (
        [],
        timedelta(seconds=9),
        GradeState.WAITING,
    )


def test_s18_the_second_grade_of_a_round_reads_the_column_whole_page_after_page(
    client, post, drain, state, graded
):
    first, second = post(0.5, who=0), post(0.6, who=1)
    further = f'<{graded.course.deployment.platform.issuer}/items/1/results?P=2>; rel="next"'
    theirs = {"userId": graded.people[1].subject, "resultScore": 3, "resultMaximum": 20}
    client.results = [answered(200, []), answered(200, [], link=further), answered(200, [theirs])]
    client.answers = [answered(204)]
    drain()

    assert [state(one)[0] for one in (first, second)] == [GradeState.SENT, GradeState.CHANGED]
    assert [url.partition("/results")[2].partition("=")[0] for url in client.looked] == [
        "?type_id",
        "?type_id",
        "?P",
    ]
    assert "user_id" not in client.looked[1]


def test_one_token_both_looks_and_sends_where_the_lms_has_granted_both(
    database, client, post, drain, graded
):
    with database.transaction() as session:
        platform = session.get_one(Platform, graded.course.deployment.platform_id)
        platform.scopes = [SCOPE_SCORE, SCOPE_RESULT_READ]
    post(0.5)
    client.answers = [answered(204)]
    drain()

    ((_, asked),) = client.asked
    assert set(asked["scope"].split()) == {SCOPE_SCORE, SCOPE_RESULT_READ}


def test_an_lms_that_has_not_granted_reading_is_not_asked(database, client, post, drain, graded):
    with database.transaction() as session:
        platform = session.get_one(Platform, graded.course.deployment.platform_id)
        platform.scopes = [SCOPE_SCORE]
    post(0.5)
    client.answers = [answered(204)]
    drain()

    assert (client.looked, len(scores(client))) == ([], 1)


def test_nothing_is_sent_while_staff_have_stopped_it_and_all_of_it_afterwards(
    database, client, post, drain, state, staff
):
    with database.transaction() as session:
        grades.stop(session, staff)
    grade = post(0.5)
    (outcome,) = drain()
    assert (client.asked, client.sent, outcome.blameless) == ([], [], True)
    assert state(grade) == (GradeState.WAITING, STOPPED, 0)

    with database.transaction() as session:
        grades.resume(session, staff)
    client.answers = [answered(204)]
    drain()
    assert state(grade) == (GradeState.SENT, "", 1)


def test_a_page_sees_each_delivery_with_its_tries_and_its_next(
    database, client, post, drain, staff
):
    post(0.5, who=0)
    post(0.6, who=1)
    client.answers = [answered(204), answered(503, retry_after="60")]
    drain()
    with database.transaction(read_only=True) as session:
        found = grades.deliveries(session, staff)
        sent, waiting = sorted(found, key=lambda one: one.next_try is not None)
        wait = waiting.next_try - db.now(session)

    assert (sent.grade.state, sent.next_try) == (GradeState.SENT, None)
    assert (waiting.grade.state, waiting.attempts) == (GradeState.WAITING, 0)
    assert 55 < wait.total_seconds() <= 60


def test_a_column_of_ours_is_renamed_with_the_activity(database, client, post, drain, graded):
    url = f"{graded.course.deployment.platform.issuer}/items/8"
    with database.transaction() as session:
        session.add(
            LineItem(
                deployment_id=graded.course.deployment_id, activity_id=graded.activity.id,
                component="reviewing", label="Old – Reviewing", maximum=5.0, url=url,
            )
        )  # fmt: skip
    post(0.5, component="reviewing")
    before = {"id": url, "label": "Old – Reviewing", "scoreMaximum": 5, "gradesReleased": True}
    client.answers = [answered(200, before), answered(200, before), answered(204)]
    drain()

    assert [method for method, *_ in client.sent] == ["GET", "PUT", "POST"]
    assert json.loads(client.sent[1][3]) == {**before, "label": "An activity – Reviewing"}
    with database.transaction(read_only=True) as session:
        row = session.query(LineItem).filter_by(component="reviewing").one()
        assert row.label == "An activity – Reviewing"


def test_s14_a_person_who_cannot_be_graded_stops_nobody_else(client, post, drain, state):
    refused, taken = post(0.5, who=0), post(0.6, who=1)
    client.answers = [answered(422, {"errors": "not a student"}), answered(204)]
    outcomes = drain()

    assert [outcome.dead for outcome in outcomes] == [True, False]
    assert state(refused)[0] is GradeState.REFUSED
    assert "(422)" in state(refused)[1]
    assert state(taken)[0] is GradeState.SENT


@pytest.mark.parametrize("status", [400, 403, 405, 412, 422])
def test_a_refusal_for_good_is_not_tried_again(client, post, drain, state, status):
    grade = post(0.5)
    client.answers = [answered(status)]
    (outcome,) = drain()

    assert (outcome.dead, state(grade)[0]) == (True, GradeState.REFUSED)


def test_an_lms_that_sends_the_tool_on_gets_nothing_there_and_is_asked_later(client, post, drain):
    post(0.5)
    client.answers = [answered(302, location="https://elsewhere.example/items/1/scores")]
    (outcome,) = drain()

    assert (len(client.sent), outcome.dead, outcome.blameless) == (1, False, True)


@pytest.mark.parametrize("status", [404, 410])
def test_s17_a_deleted_column_is_reported_once_and_looked_for_when_asked(
    database, client, post, drain, state, graded, status
):
    grade = post(0.5)
    client.answers = [answered(status)]
    (outcome,) = drain()
    assert (outcome.dead, "not in the LMS any more" in state(grade)[1]) == (True, True)

    with database.transaction() as session:
        outbox.retry(session)
    client.answers = [answered(200, [])]
    drain()
    assert "resource_link_id=" in client.sent[-1][1]
    assert "no grade column" in state(grade)[1]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_s11_an_lms_that_is_busy_is_asked_later_and_nobody_is_blamed(
    client, post, drain, state, status
):
    grade = post(0.5)
    client.answers = [answered(status, retry_after="120")]
    (outcome,) = drain()

    assert (outcome.dead, outcome.blameless) == (False, True)
    assert outcome.wait == timedelta(seconds=120)
    assert state(grade)[0] is GradeState.WAITING


def test_an_lms_that_asks_for_a_day_is_asked_in_five_minutes(client, post, drain):
    post(0.5)
    client.answers = [answered(429, retry_after="86400")]

    assert drain()[0].wait == timedelta(minutes=5)


def test_a_throttling_canvas_says_403_and_means_later(database, client, post, drain, graded):
    family(database, graded, "canvas")
    post(0.5)
    client.answers = [answered(403, b"403 Forbidden (Rate Limit Exceeded)")]
    (outcome,) = drain()

    assert (outcome.dead, outcome.blameless) == (False, True)


def family(database, graded, name):
    with database.transaction() as session:
        session.get_one(Platform, graded.course.deployment.platform_id).family = name


@pytest.mark.parametrize(("name", "asked"), [("canvas", True), ("moodle", False)])
def test_canvas_alone_is_told_that_a_grade_is_no_new_submission(
    database, client, post, drain, graded, name, asked
):
    family(database, graded, name)
    post(0.5)
    client.answers = [answered(204)]
    drain()

    wanted = {"new_submission": False} if asked else None
    assert scores(client)[0].get("https://canvas.instructure.com/lti/submission") == wanted


@pytest.mark.parametrize("fault", [Unreachable("lms did not answer."), Refused("not public")])
def test_s12_an_lms_that_is_away_is_left_alone_for_a_while(
    client, clock, post, drain, state, fault
):
    first, second = post(0.5, who=0), post(0.6, who=1)
    client.answers = [fault]
    outcomes = drain()

    assert len(client.sent) == 1
    assert all(outcome.blameless and not outcome.dead for outcome in outcomes)
    assert state(first)[0] is state(second)[0] is GradeState.WAITING
    assert state(second)[1] == state(first)[1] != ""
    clock[0] += 3600
    post(0.7)
    client.answers = [answered(204)]
    assert drain()[0].error == ""


def test_s07_a_tool_that_may_not_send_grades_says_so_and_does_not_hammer(
    client, post, drain, state
):
    grade, _ = post(0.5, who=0), post(0.5, who=1)
    client.tokens = [answered(400, {"error": "invalid_scope"})]
    outcomes = drain()

    assert (len(client.asked), client.sent) == (2, [])  # to read, and to send
    assert outcomes[0].wait == timedelta(minutes=5)
    assert "does not let the tool send grades" in state(grade)[1]


def test_a_token_endpoint_that_is_busy_is_asked_later(client, post, drain):
    post(0.5)
    client.tokens = [answered(503, retry_after="7")]

    assert drain()[0].wait == timedelta(seconds=7)


def test_r4_a_401_gets_one_new_token(client, post, drain, state):
    grade = post(0.5)
    client.tokens = [given_token("old"), given_token("new")]
    client.answers = [answered(401), answered(204)]
    drain()

    assert state(grade)[0] is GradeState.SENT


def test_n4_a_column_on_a_foreign_host_gets_nothing(database, client, post, drain, state):
    grade = post(0.5)
    with database.transaction() as session:
        session.query(LineItem).one().url = "https://evil.example/items/1"
    (outcome,) = drain()

    assert (client.sent, client.asked, outcome.dead) == ([], [], True)
    assert "evil.example" in state(grade)[1]


@pytest.mark.parametrize("switched_off", [Platform, Deployment])
def test_an_lms_that_is_switched_off_here_gets_nothing(
    database, client, post, drain, state, switched_off
):
    grade = post(0.5)
    with database.transaction() as session:
        session.query(switched_off).one().state = Standing.DISABLED
    drain()

    assert client.sent == []
    assert "not approved here" in state(grade)[1]


def test_a_further_column_is_found_again_and_not_made_twice(client, post, drain, database, graded):
    post(0.5, component="reviewing")
    url = f"{graded.course.deployment.platform.issuer}/items/7"
    mine = {"id": url, "resourceId": str(graded.activity.id), "tag": "reviewing"}
    client.answers = [answered(200, [{**mine, "id": "x", "tag": "work"}, mine]), answered(204)]
    drain()

    assert [method for method, *_ in client.sent] == ["GET", "POST"]
    assert client.sent[1][1] == f"{url}/scores"
    assert f"type_id=1&resource_id={graded.activity.id}&tag=reviewing" in client.sent[0][1]


def test_a_further_column_is_made_without_the_resource_link(client, post, drain, graded):
    post(0.5, who=0, component="reviewing")
    post(0.6, who=1, component="reviewing")
    made = answered(201, {"id": f"{graded.course.deployment.platform.issuer}/items/8"})
    client.answers = [answered(200, []), made, answered(204), answered(204)]
    drain()

    column = json.loads(client.sent[1][3])
    assert column == {
        "label": "An activity – Reviewing", "scoreMaximum": 5.0,
        "resourceId": str(graded.activity.id), "tag": "reviewing",
    }  # fmt: skip
    assert [score["scoreGiven"] for score in scores(client)] == [2.5, 3.0]


def test_of_two_workers_that_make_a_column_one_takes_its_own_away_again(
    database, client, post, drain, graded
):
    post(0.5, component="reviewing")
    lms = graded.course.deployment.platform.issuer

    def other_worker_was_faster():
        with database.transaction() as session:
            row = session.query(LineItem).filter_by(component="reviewing").one()
            row.url = f"{lms}/items/first"
        return answered(201, {"id": f"{lms}/items/second"})

    told = answered(204)
    client.answers = [answered(200, []), other_worker_was_faster, told, told]
    drain()

    assert [(sent[0], sent[1].removeprefix(lms)) for sent in client.sent[2:]] == [
        ("DELETE", "/items/second"),
        ("POST", "/items/first/scores"),
    ]


def test_an_activity_without_a_column_in_the_lms_says_so(database, client, post, drain, state):
    grade = post(0.5)
    with database.transaction() as session:
        session.query(LineItem).one().url = ""
    client.answers = [answered(200, [])]
    (outcome,) = drain()

    assert outcome.dead
    assert state(grade)[1] == "This activity has no grade column in the LMS."


def test_a_column_of_the_link_is_found_when_no_launch_has_named_it(
    database, client, post, drain, state, graded
):
    grade = post(0.5)
    lms = graded.course.deployment.platform.issuer
    with database.transaction() as session:
        session.query(LineItem).one().url = ""
    link = {"id": f"{lms}/items/3", "resourceLinkId": graded.activity.resource_link_key}
    client.answers = [answered(200, [{"id": "other", "resourceLinkId": "?"}, link]), answered(204)]
    drain()

    assert state(grade)[0] is GradeState.SENT
    assert client.sent[1][1] == f"{lms}/items/3/scores"


def test_news_that_comes_while_a_grade_is_sent_stays_waiting(client, post, drain, state):
    grade = post(0.5)

    def changed_meanwhile():
        post(0.9)
        return answered(204)

    client.answers = [changed_meanwhile, answered(204)]
    drain()
    assert state(grade) == (GradeState.WAITING, "", 1)

    drain()
    assert state(grade) == (GradeState.SENT, "", 2)
    assert scores(client)[1]["scoreGiven"] == 18.0


def test_a_grade_of_somebody_who_was_erased_is_not_sent(database, client, post, drain, graded):
    post(0.5)
    with database.transaction() as session:
        session.delete(session.get_one(Person, graded.people[0].id))

    assert drain()[0].error == ""
    assert client.sent == []


def test_what_does_not_fit_into_the_lease_is_left_for_the_next_round(client, clock, post, drain):
    post(0.5, who=0)
    post(0.6, who=1)

    def slow():
        clock[0] += BUDGET_S
        return answered(204)

    client.answers = [slow]
    outcomes = drain()

    assert [outcome.error for outcome in outcomes] == ["", "Not reached in time."]
    assert outcomes[1].blameless
