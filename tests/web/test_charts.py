"""A chart is a picture with a name, and its numbers stand in a table beside it."""

import re
from gzip import compress
from xml.etree import ElementTree as ET

import pytest

from lti_peer.web.charts import MOST_NAMES, STATES, Cell, bars, matrix

PEOPLE = ["Ada", "Ben", "Chi"]
CELLS = [Cell(0, 1, "sent"), Cell(0, 2, "started"), Cell(1, 0, "sent"), Cell(2, 0, "expired")]


def read(markup):
    """The figure as a tree; it is well-formed, or this fails."""
    return ET.fromstring(str(markup))  # noqa: S314  our own markup


def rows(figure):
    return [["".join(cell.itertext()) for cell in row] for row in figure.iterfind(".//tbody/tr")]


def crowd(size, each=3):
    names = [f"Learner {number:03} (synthetic)" for number in range(size)]
    cells = [
        Cell(row, (row + step) % size, "sent") for row in range(size) for step in range(1, each + 1)
    ]
    return matrix("Who reviews whom", names, names, cells)


def test_the_matrix_has_its_list_beside_it():
    figure = read(matrix("Who reviews whom", PEOPLE, PEOPLE, CELLS))

    assert rows(figure) == [
        ["1. Ada", "1 of 2", "1 of 2", "Ben (sent); Chi (started)"],
        ["2. Ben", "1 of 1", "1 of 1", "Ada (sent)"],
        ["3. Chi", "0 of 1", "0 of 1", "Ada (missed)"],
    ]


def test_two_people_of_one_name_are_two_people():
    figure = read(matrix("x", ["Ada", "Ada"], ["Ada", "Ada"], [Cell(0, 1, "sent")]))

    assert [row[1:3] for row in rows(figure)] == [["1 of 1", "0 of 0"], ["0 of 0", "1 of 1"]]


def test_where_others_are_reviewed_nobody_is_said_to_receive():
    figure = read(matrix("Who teaches what", ["Ada"], ["Tides"], [Cell(0, 0, "sent")]))

    assert rows(figure) == [["1. Ada", "1 of 1", "Tides (sent)"]]


def test_each_state_has_its_own_shape_and_a_place_in_the_key():
    figure = read(matrix("x", PEOPLE, PEOPLE, CELLS))
    key = list(figure.iterfind(".//li"))

    assert ["".join(item.itertext()) for item in key] == [word for word, _ in STATES.values()]
    assert len({item.find(".//path").get("d") for item in key}) == len(STATES)


def test_a_square_stands_where_its_row_and_column_meet():
    figure = read(matrix("x", PEOPLE, PEOPLE, [Cell(1, 2, "sent")]))

    assert figure.find(".//svg/g/g/path").get("d").startswith("M2.1 1.1")


def test_a_row_tells_its_reviews_when_pointed_at():
    figure = read(matrix("x", PEOPLE, PEOPLE, CELLS))

    assert figure.find(".//svg/g/g/title").text == "Ada: Ben (sent); Chi (started)"


def test_every_chart_has_a_name():
    for figure in (matrix("A name", PEOPLE, PEOPLE, CELLS), bars("A name", [("a", 1)])):
        picture = read(figure).find(".//svg[@role='img']")
        assert picture.get("aria-label") == picture.find("title").text == "A name"


def test_a_chart_brings_no_style_of_its_own():
    both = matrix("x", PEOPLE, PEOPLE, CELLS) + bars("x", [("a", 1)])

    assert not re.search(r"style=|<style|#[0-9a-f]{6}|rgb\(", both)


@pytest.mark.parametrize("size", [0, 1, MOST_NAMES, MOST_NAMES + 1])
def test_the_matrix_is_drawn_for_any_number_of_people(size):
    assert len(rows(read(crowd(size)))) == size


def test_names_give_way_to_numbers_where_there_is_no_room():
    labels = [label.text for label in read(crowd(MOST_NAMES + 1)).iterfind(".//svg/text")]

    assert labels[:4] == ["1", "10", "20", "30"]


def test_300_people_with_5_reviews_each_stay_light():
    page = crowd(300, each=5).encode()

    assert len(page) < 150_000
    assert len(compress(page)) < 20_000


def test_a_name_cannot_break_out():
    name = "</title><script>alert(1)</script>"
    page = matrix(name, [name], [name], [Cell(0, 0, "sent")]) + bars(name, [(name, 1)], unit=name)

    assert "<script" not in page


def test_an_unknown_state_is_refused():
    with pytest.raises(KeyError):
        matrix("x", PEOPLE, PEOPLE, [Cell(0, 1, "lost")])


def test_bars_have_the_length_of_their_numbers():
    figure = read(bars("x", [("a", 0), ("b", 5), ("c", 10)]))

    assert [bar.get("width") for bar in figure.iterfind(".//rect")] == ["0.0", "150.0", "300.0"]


def test_bars_have_their_table():
    figure = read(bars("Reviews", [("none", 3), ("one", 5)], unit="people"))

    assert rows(figure) == [["none", "3"], ["one", "5"]]
    assert figure.findall(".//th")[1].text == "People"


@pytest.mark.parametrize("counts", [[], [("a", 0)]])
def test_bars_of_nothing_draw_nothing(counts):
    assert all(bar.get("width") == "0.0" for bar in read(bars("x", counts)).iterfind(".//rect"))
