from concurrent.futures import ThreadPoolExecutor

import requests
from demo.platform.conftest import NRPS

from lti_peer.demo.platform.journal import Journal
from lti_peer.demo.platform.model import utc_now


def entries(lms, after=0):
    address = f"{lms.issuer}/journal.json?after={after}"
    return requests.get(address, timeout=5).json()


def test_a_launch_is_told_message_by_message(lms, registered, browse, link):
    before = entries(lms)["latest"]

    browse(lms.learners[0]).launch(link.id)

    told = entries(lms, before)["entries"]
    assert [(entry["direction"], entry["name"]) for entry in told] == [
        ("out", "Login initiation"),
        ("in", "Authentication request"),
        ("out", "Launch token"),
        ("in", "LMS's public keys"),
    ]
    assert told[2]["header"]["alg"] == "RS256"
    assert told[2]["claims"]["sub"] == lms.learners[0].id
    assert told[2]["url"] == f"{registered.url}/launch"


def test_a_service_call_is_told_with_its_answer(lms, service):
    service("GET", lms.addresses.memberships("2", "1"), NRPS)

    keys, token, roster = entries(lms)["entries"][-3:]
    names = [entry["name"] for entry in (keys, token, roster)]
    assert names == ["Tool's public keys", "Access token", "Roster"]
    assert roster["answer"]["context"]["label"] == "DEMO101"


def test_refused_messages_are_told_with_their_status(lms):
    requests.post(lms.addresses.registration, json={}, timeout=5)
    requests.get(f"{lms.issuer}/lti/services/nothing", timeout=5)

    told = entries(lms)["entries"]
    assert [(entry["name"], entry["status"]) for entry in told] == [
        ("Registration", 401),
        ("Unknown address", 404),
    ]


def test_looking_is_not_told(lms):
    for path in ("/", "/grades", "/journal", "/journal.json"):
        requests.get(lms.issuer + path, timeout=5)

    assert entries(lms) == {"latest": 0, "entries": []}


def test_the_journal_keeps_the_newest_and_counts_without_a_gap():
    journal = Journal(utc_now, capacity=50)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: journal.record("in", f"m{n}", "GET", "/"), range(200)))

    numbers = [entry.sequence for entry in journal.after(0)]
    assert numbers == list(range(151, 201))
    assert [entry.sequence for entry in journal.after(0, 2)] == [199, 200]


def test_a_long_answer_is_cut(lms, registered, service):
    lms.people *= 20

    service("GET", lms.addresses.memberships("2", "1"), NRPS)

    answer = entries(lms)["entries"][-1]["answer"]
    assert answer.endswith("characters)")
