import pytest

from lti_peer.demo.classroom import crowd, texts
from lti_peer.demo.classroom.choices import choices
from lti_peer.web import text


def test_a_seed_always_writes_the_same_text():
    assert texts.essay("1.2") == texts.essay("1.2")
    assert texts.essay("1.2") != texts.essay("1.3")


def test_what_the_class_writes_is_said_to_be_synthetic_and_can_be_handed_in():
    essay = texts.essay("7")
    assert "synthetic" in essay
    assert 40 < text.words(essay) < 120
    assert "<h" in text.render(essay)


def test_a_level_is_one_of_those_there_are():
    assert {texts.level(str(seed), 4) for seed in range(200)} == {0, 1, 2, 3}


def test_the_choices_of_a_page_are_its_radio_buttons_by_group():
    html = "<input type=radio name=a value=1><input type=radio name=a value=2><input name=b>"
    assert choices(html) == {"a": ["1", "2"]}


def test_everybody_acts_and_the_results_come_in_order():
    seen = []
    done = crowd.each([3, 1, 2], lambda n: n * 10, lambda *progress: seen.append(progress))
    assert done == [30, 10, 20]
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_the_first_failure_ends_the_act():
    def act(number):
        if number == 1:
            raise crowd.ActFailedError("no page")
        return number

    with pytest.raises(crowd.ActFailedError, match="no page"):
        crowd.each([1, 2, 3], act, lambda _done, _total: None)
