"""A filled rubric gives a share of the maximum, exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_peer.rules import rubric


def line(key, *points, weight=1):
    levels = [{"points": each, "label": f"{each} points"} for each in points]
    return {"key": key, "title": key.title(), "levels": levels, "weight": weight}


CRITERIA = rubric.parse([line("clarity", 0, 1, 2), line("depth", 0, 2, 4, weight=3)])
rubrics = st.lists(
    st.tuples(st.sets(st.integers(0, 10), min_size=2, max_size=5), st.integers(1, 9)),
    min_size=1, max_size=6,
).map(
    lambda lines: rubric.parse(
        [line(f"c{n}", *sorted(points), weight=weight) for n, (points, weight) in enumerate(lines)]
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("marks", "share"),
    [
        ({"clarity": 0, "depth": 0}, Fraction(0)),
        ({"clarity": 2, "depth": 4}, Fraction(1)),
        ({"clarity": 2, "depth": 0}, Fraction(1, 4)),
        ({"clarity": 1, "depth": 2}, Fraction(1, 2)),
    ],
)
def test_the_share_is_weighted_by_criterion(marks, share):
    assert rubric.share(CRITERIA, marks) == share


def test_a_mark_that_is_no_level_is_refused():
    with pytest.raises(ValueError, match="has no level with 3 points"):
        rubric.share(CRITERIA, {"clarity": 0, "depth": 3})


def test_a_missing_mark_is_refused():
    with pytest.raises(KeyError):
        rubric.share(CRITERIA, {"clarity": 0})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "at least one criterion"),
        ([line("a", 0, 1), line("a", 0, 1)], "the same key"),
        ([line("a", 1)], "at least two levels"),
        ([line("a", 2, 2)], "at least two levels"),
        ([line("a", -1, 2)], "at least two levels"),
    ],
)
def test_a_rubric_that_cannot_judge_is_refused_with_a_sentence(rows, words):
    with pytest.raises(ValueError, match=words):
        rubric.parse(rows)


@given(rubrics)
def test_what_is_written_down_reads_the_same(criteria):
    assert rubric.parse(rubric.dump(criteria)) == criteria


@given(rubrics, st.data())
def test_a_share_lies_from_nothing_to_all(criteria, data):
    levels = {c.key: st.sampled_from([level.points for level in c.levels]) for c in criteria}
    marks = data.draw(st.fixed_dictionaries(levels))
    assert 0 <= rubric.share(criteria, marks) <= 1


@given(rubrics)
def test_all_the_best_levels_give_all(criteria):
    assert rubric.share(criteria, {c.key: c.maximum for c in criteria}) == 1
