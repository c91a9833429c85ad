import csv
import io
import json
import zipfile

import pytest
from pyarrow import parquet

from lti_peer.core.errors import NotFound
from lti_peer.reports import exports
from lti_peer.reports.shape import Column, Sort, Table

COLUMNS = (
    Column("name", "Name", Sort.TEXT), Column("given", "Given"),
    Column("score", "Score", Sort.POINTS),
)  # fmt: skip
TABLE = Table(COLUMNS, [("=1+1", 3, 0.5), ("Ben, “B” Ö", -2, None)])


def whole(form, table=TABLE):
    return b"".join(exports.write(form, table)[1])


def rows_of_csv(table):
    return list(csv.reader(io.StringIO(whole("csv", table).decode("utf-8-sig"))))


def test_csv_has_heads_raw_values_and_empty_cells_for_what_is_not_known():
    heads, _, second = rows_of_csv(TABLE)
    assert heads == ["Name", "Given", "Score"]
    assert second == ["Ben, “B” Ö", "-2", ""]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  ="])
def test_no_text_begins_a_formula_in_a_spreadsheet(start):
    table = Table(COLUMNS[:1], [(f"{start}cmd|' /C calc'!A0",)])
    assert rows_of_csv(table)[1][0].startswith("'")


def test_a_title_of_an_activity_is_made_harmless_in_the_heads_too():
    table = Table((Column("x", "=HYPERLINK()"),), [])
    assert rows_of_csv(table) == [["'=HYPERLINK()"]]


def test_json_lines_have_an_object_for_each_row_by_the_keys():
    lines = [json.loads(line) for line in whole("jsonl").splitlines()]
    assert lines[0] == {"name": "=1+1", "given": 3, "score": 0.5}
    assert lines[1]["score"] is None


def test_a_file_is_given_piece_by_piece():
    long = Table(COLUMNS, [("x", n, 0.5) for n in range(50)])
    assert len(list(exports.write("csv", long)[1])) == 52


@pytest.mark.parametrize(("form", "extra"), [("xlsx", "export"), ("parquet", "analysis")])
def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch, form, extra):
    monkeypatch.setattr(exports, "find_spec", lambda _name: None)
    with pytest.raises(NotFound) as refused:
        whole(form)
    assert f"lti-peer[{extra}]" in refused.value.advice
    assert form not in exports.offered()


def test_a_file_that_nobody_knows_is_not_found():
    with pytest.raises(NotFound):
        whole("exe")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_every_table_of_a_report_can_be_had_as_a_file(app, busy, session, form):
    session.commit()
    staff = busy.deeds.world.enter(app, busy.deeds.world.teacher)
    for key in ("participation", "balance", "scores-work", "people", "activities"):
        answer = staff.get(f"/reports/{key}.{form}")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{key}.{form}"'
        assert answer.data


def test_a_table_that_is_not_in_the_report_is_not_found(app, busy, session):
    session.commit()
    staff = busy.deeds.world.enter(app, busy.deeds.world.teacher)
    assert staff.get("/reports/grades.csv").status_code == 404
    assert staff.get("/reports/people.exe").status_code == 404


def test_learners_get_no_file(app, busy, session):
    session.commit()
    learner = busy.deeds.world.enter(app, busy.deeds.world.people[0])
    assert learner.get("/reports/people.csv").status_code == 403


def test_in_an_excel_file_a_text_stays_a_text_and_a_number_a_number():
    packed = zipfile.ZipFile(io.BytesIO(whole("xlsx")))
    sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert '<c r="A2" t="inlineStr"><is><t>=1+1</t></is></c><c r="B2"><v>3</v></c>' in sheet
    assert "<f>" not in sheet


def test_parquet_keeps_each_column_with_its_type_and_what_is_not_known_unknown():
    read = parquet.read_table(io.BytesIO(whole("parquet")))
    assert read.to_pylist() == [
        {"name": "=1+1", "given": 3, "score": 0.5},
        {"name": "Ben, “B” Ö", "given": -2, "score": None},
    ]
    assert [str(column.type) for column in read.schema] == ["string", "int64", "double"]
