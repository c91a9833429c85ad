import time
from threading import Event

from lti_peer.demo.troupe import Troupe


def until_it_ends(troupe):
    for _ in range(500):
        if not troupe.progress.running:
            return troupe.progress
        time.sleep(0.01)
    raise AssertionError("it went on for five seconds")


def test_a_piece_reports_and_ends_with_its_sentence():
    def piece(report):
        report(2, 3)
        return "3 texts were handed in."

    troupe = Troupe()
    assert troupe.play("Everybody hands in", piece)
    ended = until_it_ends(troupe)
    assert (ended.done, ended.total, ended.sentence) == (2, 3, "3 texts were handed in.")


def test_a_second_piece_waits_for_the_first():
    over, troupe = Event(), Troupe()
    troupe.play("first", lambda _report: "done" if over.wait(5) else "late")
    assert not troupe.play("second", lambda _report: "never")
    over.set()
    assert until_it_ends(troupe).name == "first"


def test_a_piece_that_fails_says_so_and_lets_others_play():
    def broken(_report):
        raise ValueError("the page did not come")

    troupe = Troupe()
    troupe.play("broken", broken)
    ended = until_it_ends(troupe)
    assert ended.failed
    assert "the page did not come" in ended.sentence
    assert troupe.play("next", lambda _report: "done")
    until_it_ends(troupe)
