"""A report's table as a file: CSV, JSON Lines, Excel, Parquet.

Raw values, not what a page shows: a share is 0 to 1, what is not known is empty. A text that a
spreadsheet would take for a formula is made a text (OWASP, CSV Injection), because names come from
the LMS and titles from people.
"""

import csv
import importlib
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import IO, Any, Final

from lti_peer.core.errors import NotFound
from lti_peer.reports.shape import Sort, Table, Value

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these a text becomes a formula, or begins a cell of its own."""
CHUNK: Final = 64 * 1024


@dataclass(frozen=True)
class Form:
    """One sort of file."""

    label: str
    mimetype: str
    write: Callable[[Table], Iterator[bytes]]
    package: str = ""
    """What must be installed beside the tool."""
    extra: str = ""
    """The extra of the tool that brings it."""

    @property
    def there(self) -> bool:
        """Whether it can be written here."""
        return not self.package or find_spec(self.package) is not None


def write(form: str, table: Table) -> tuple[Form, Iterator[bytes]]:
    """Return the sort of file and its bytes, piece by piece.

    Raises NotFound for a sort that there is none of, or that needs what is not installed.
    """
    found = FORMS.get(form)
    if found is None:
        raise NotFound("There is no such file.")
    if not found.there:
        raise NotFound(
            f"{found.label} files cannot be written here.",
            advice=f"Take CSV, or ask your administrator to install lti-peer[{found.extra}].",
            code="no_extra",
        )
    return found, found.write(table)


def offered() -> dict[str, str]:
    """Return the files that can be written here: the end of an address, and what it is called."""
    return {name: form.label for name, form in FORMS.items() if form.there}


def as_csv(table: Table) -> Iterator[bytes]:
    """Give the table as CSV in UTF-8, with the mark by which Excel knows it."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    yield "\N{BYTE ORDER MARK}".encode()
    for row in _with_heads(table):
        writer.writerow(["" if value is None else _harmless(value) for value in row])
        yield lines.getvalue().encode(errors="replace")
        lines.seek(0)
        lines.truncate()


def as_json_lines(table: Table) -> Iterator[bytes]:
    """Give one JSON object for each row, by the columns' keys."""
    keys = [column.key for column in table.columns]
    for row in table.rows:
        yield json.dumps(dict(zip(keys, row, strict=True))).encode() + b"\n"


def as_xlsx(table: Table) -> Iterator[bytes]:
    """Give the table as an Excel file; texts stay texts, whatever they begin with."""
    writer: Any = importlib.import_module("xlsxwriter")
    plain = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with tempfile.TemporaryFile() as file:
        with writer.Workbook(file, plain) as book:
            sheet = book.add_worksheet("Report")
            sheet.freeze_panes(1, 1)
            for place, row in enumerate(_with_heads(table)):
                sheet.write_row(place, 0, row)
        yield from _pieces(file)


def as_parquet(table: Table) -> Iterator[bytes]:
    """Give the table as Parquet, each column with its type."""
    arrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    types = {Sort.TEXT: arrow.string(), Sort.COUNT: arrow.int64()}
    columns = {
        column.key: arrow.array(
            [row[place] for row in table.rows], types.get(column.sort, arrow.float64())
        )
        for place, column in enumerate(table.columns)
    }
    with tempfile.TemporaryFile() as file:
        parquet.write_table(arrow.table(columns), file)
        yield from _pieces(file)


FORMS: Final[Mapping[str, Form]] = {
    "csv": Form("CSV", "text/csv; charset=utf-8", as_csv),
    "jsonl": Form("JSON Lines", "application/jsonl; charset=utf-8", as_json_lines),
    "xlsx": Form(
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_xlsx,
        "xlsxwriter",
        "export",
    ),
    "parquet": Form("Parquet", "application/vnd.apache.parquet", as_parquet, "pyarrow", "analysis"),
}
"""By the end of an address."""


def _with_heads(table: Table) -> Iterator[Iterable[Value]]:
    yield [column.label or column.key for column in table.columns]
    yield from table.rows


def _harmless(value: Value) -> Value:
    """Return a text that no spreadsheet takes for a formula; numbers as they are."""
    risky = isinstance(value, str) and value.lstrip(" ").startswith(FORMULA)
    return f"'{value}" if risky else value


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(CHUNK):
        yield piece
