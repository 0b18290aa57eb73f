"""The reader of delimited text against Python's ``csv``, on tables that Hypothesis makes up."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sdtmflow.sources.delimited import read_delimited
from sdtmflow.sources.raw import PLACE, ROW, DeliveredFile, FileRead, RawBatch
from sdtmflow.study import Source

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=12)


def written(rows, separator, line_end):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=line_end)
    writer.writerows([["ID", "TERM", "NOTE"], *rows])
    return text.getvalue()


def first_lines(rows):
    """The line on which each record begins."""
    line = 2
    for row in rows:
        yield line
        line += 1 + sum(cell.count("\n") for cell in row)


@settings(deadline=None)
@given(
    rows=ROWS,
    separator=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@example([["", "", ""], ['"', "a\nb", "\n"], [" ", ",", ";"]], ";", "\n", "utf-8")
def test_cells_rows_and_lines_agree(rows, separator, line_end, encoding):
    text = written(rows, separator, line_end)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(text.encode(encoding))
        source = Source(kind="delimited", path="t.csv", site="1", separator=separator)
        items = list(read_delimited((DeliveredFile("t.csv", path, "0" * 64, 1),), source))
    expected = [
        (tuple(cell or None for cell in row), number, f"line {line}")
        for number, (row, line) in enumerate(zip(rows, first_lines(rows), strict=True), start=1)
        if any(row)
    ]
    got = [
        (row[:3], row[3], row[4])
        for item in items
        if isinstance(item, RawBatch)
        for row in item.rows.select("ID", "TERM", "NOTE", ROW, PLACE).rows()
    ]
    assert got == expected
    (read,) = [item for item in items if isinstance(item, FileRead)]
    assert (read.records, read.placed) == (len(rows), len(expected))
