import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from demo.platform.conftest import AGS

from lti_peer.demo.platform.model import LineItem

SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
CONTAINER = {"Accept": "application/vnd.ims.lis.v2.lineitemcontainer+json"}
START = datetime(2026, 11, 22, 8, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def column(lms, link):
    return lms.gradebook.columns[0]


@pytest.fixture
def send(lms, service, column):
    """Send a score of 8 of 10 for the first learner, with changed members."""

    def call(content_type=SCORE_TYPE, **changed):
        score = {
            "userId": lms.learners[0].id,
            "timestamp": START.isoformat(),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "scoreGiven": 8,
            "scoreMaximum": 10,
            **changed,
        }
        address = lms.addresses.line_item("2", column.id, "1").replace("?", "/scores?")
        headers = {"Content-Type": content_type}
        return service("POST", address, AGS + "score", data=json.dumps(score), headers=headers)

    return call


@pytest.fixture
def grade(lms, column):
    return lambda: lms.gradebook.grade(column.id, lms.learners[0].id)


def test_a_score_is_scaled_to_the_column(send, grade):
    assert send(comment="Well done").status_code == 204

    assert (grade().points, grade().comment, grade().at) == (16, "Well done", START)


def test_a_score_above_the_maximum_is_cut(send, grade):
    send(scoreGiven=15)

    assert grade().points == 20


def test_a_score_that_is_not_fully_graded_clears_the_grade(send, grade):
    send()
    later = (START + timedelta(seconds=1)).isoformat()

    assert send(timestamp=later, gradingProgress="PendingManual").status_code == 204
    assert grade() is None


@pytest.mark.parametrize("microseconds", [0, -1])
def test_a_score_that_is_not_newer_is_refused(send, grade, microseconds):
    send()
    at = START + timedelta(microseconds=microseconds)

    assert send(timestamp=at.isoformat(), scoreGiven=1).status_code == 409
    assert grade().points == 16


def test_a_microsecond_later_is_newer(send, grade):
    send()

    assert send(timestamp=(START + timedelta(microseconds=1)).isoformat(), scoreGiven=1).ok
    assert grade().points == 2


def test_moodle_compares_whole_seconds(lms, send):
    lms.gradebook._whole_seconds = True
    send()

    assert send(timestamp=(START + timedelta(milliseconds=700)).isoformat()).status_code == 409
    assert send(timestamp=(START + timedelta(milliseconds=800)).isoformat()).status_code == 204


def test_of_many_equal_scores_at_once_one_is_accepted(lms, column, send):
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: send().status_code, range(16)))

    assert sorted(statuses) == [204] + [409] * 15
    assert len(lms.gradebook.history(column.id)) == 1


def test_every_accepted_score_stays_in_the_history(lms, column, send):
    for second in range(3):
        send(timestamp=(START + timedelta(seconds=second)).isoformat(), scoreGiven=second)
    send(scoreGiven=9)

    history = lms.gradebook.history(column.id, lms.learners[0].id)
    assert [score.given for score in history] == [0, 1, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"userId": "2"},
        {"userId": "999"},
        {"userId": None},
        {"userId": []},
        {"timestamp": "yesterday"},
        {"timestamp": "2026-11-22T08:00:00"},
        {"timestamp": None},
        {"activityProgress": "Done"},
        {"gradingProgress": None},
        {"scoreGiven": -1},
        {"scoreGiven": "8"},
        {"scoreGiven": True},
        {"scoreGiven": float("nan")},
        {"scoreGiven": 10**400},
        {"scoreMaximum": None},
        {"scoreMaximum": 0},
    ],
)
def test_a_score_with_a_wrong_member_is_refused(send, grade, wrong):
    assert send(**wrong).status_code == 400
    assert grade() is None


def test_a_score_of_another_content_type_is_refused(send):
    assert send(content_type="application/json").status_code == 400


def test_results_show_the_grades_of_now(lms, service, column, send):
    send(comment="Good")
    address = lms.addresses.line_item("2", column.id, "1").replace("?", "/results?")

    results = service("GET", address, AGS + "result.readonly").json()

    assert [(r["userId"], r["resultScore"], r["resultMaximum"]) for r in results] == [
        (lms.learners[0].id, 16, 20)
    ]
    assert service("GET", f"{address}&user_id=4", AGS + "result.readonly").json() == []


def test_a_column_is_made_changed_and_removed(lms, service, link):
    container, scope = lms.addresses.line_items("2", "1"), AGS + "lineitem"
    headers = {"Content-Type": LINE_ITEM_TYPE}
    new = {"label": "Reviewing", "scoreMaximum": 5, "tag": "reviews", "gradesReleased": False}

    made = service("POST", container, scope, json=new, headers=headers)
    address = made.json()["id"]
    changed = {**new, "scoreMaximum": 50}

    assert (made.status_code, made.headers["Content-Type"]) == (201, LINE_ITEM_TYPE)
    assert service("PUT", address, scope, json=changed, headers=headers).ok
    assert service("GET", address, scope).json() == {**changed, "id": address}
    assert service("DELETE", address, scope).status_code == 204
    assert service("GET", address, scope).status_code == 404


def test_grades_follow_a_new_maximum(lms, service, column, send, grade):
    send()
    new = {"label": "Essay", "scoreMaximum": 50, "resourceLinkId": column.link_id}
    address = lms.addresses.line_item("2", column.id, "1")

    service("PUT", address, AGS + "lineitem", json=new, headers={"Content-Type": LINE_ITEM_TYPE})

    assert grade().points == 40


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("", ["Essay grade", "Other"]),
        ("&tag=work", ["Essay grade"]),
        ("&resource_id=r1", ["Essay grade"]),
        ("&resource_link_id=1", ["Essay grade"]),
        ("&tag=nothing", []),
    ],
)
def test_columns_are_found_by_filters(lms, service, column, query, labels):
    lms.gradebook.add(other(column, "Other"))
    lms.gradebook.add(LineItem(id="", client_id="another tool", label="Foreign", maximum=1))
    address = lms.addresses.line_items("2", "1") + query

    found = service("GET", address, AGS + "lineitem.readonly", headers=CONTAINER).json()

    assert [each["label"] for each in found] == labels


def other(column, label):
    return LineItem(id="", client_id=column.client_id, label=label, maximum=1)


def test_the_list_of_columns_wants_its_own_media_type(lms, service):
    address = lms.addresses.line_items("2", "1")

    answer = service("GET", address, AGS + "lineitem", headers={"Accept": "*/*"})

    assert (answer.status_code, answer.json()["error"]) == (400, "no_handler")


def test_the_list_of_columns_comes_in_pages(lms, service, column):
    lms.gradebook.add(other(column, "Other"))
    address = lms.addresses.line_items("2", "1") + "&limit=1"

    first = service("GET", address, AGS + "lineitem", headers=CONTAINER)
    second = service("GET", first.links["next"]["url"], AGS + "lineitem", headers=CONTAINER)

    assert [each["label"] for each in first.json() + second.json()] == ["Essay grade", "Other"]
    assert "next" not in second.links


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"label": ""}, 400),
        ({"scoreMaximum": -1}, 400),
        ({"resourceLinkId": "9"}, 403),
        ({"resourceLinkId": ["1"]}, 403),
    ],
)
def test_an_impossible_column_is_refused(lms, service, wrong, status):
    new = {"label": "Reviewing", "scoreMaximum": 5, **wrong}
    headers = {"Content-Type": LINE_ITEM_TYPE}

    answer = service(
        "POST", lms.addresses.line_items("2", "1"), AGS + "lineitem", json=new, headers=headers
    )

    assert answer.status_code == status


def test_another_tools_column_does_not_exist(lms, service):
    foreign = lms.gradebook.add(LineItem(id="", client_id="other", label="Foreign", maximum=1))
    address = lms.addresses.line_item("2", foreign.id, "1")

    assert service("GET", address, AGS + "lineitem").status_code == 404
