"""Readers: cells arrive as they were written, and rows know their line in the file."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import duckdb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.readers.registry import READERS, files_of
from smarketing.warehouse.sources.model import FileOptions

CELLS = st.text(alphabet='ab",;\n é', max_size=6)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12)


def _load(text: str) -> tuple[RawTable, list[tuple]]:
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as con:
        folder = Path(name)
        (folder / "x.csv").write_text(text, encoding="utf-8", newline="")
        options = FileOptions(reader="csv", file="x.csv")
        [export] = files_of(options, folder)
        raw = READERS["csv"].load(con, "t", export, folder)
        cells = ", ".join(f"coalesce(c{n}, '')" for n in range(len(raw.labels)))
        rows = con.execute(f"SELECT _row, {cells} FROM t ORDER BY _row").fetchall()
        lines = raw.lines([row[0] for row in rows])
        return raw, [(lines[row[0]], *row[1:]) for row in rows]


@settings(max_examples=60, deadline=None)
@example([("a\nb", '"', ""), ("", "", ""), ("\n", ";", '""')])
@given(ROWS)
def test_cells_and_lines_survive(rows: list[tuple[str, str, str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["one", "two", "three"])
    expected = []
    for row in rows:
        expected.append((out.getvalue().count("\n") + 1, *row))
        writer.writerow(row)
    raw, found = _load(out.getvalue())
    assert raw.bad == ()
    assert found == expected


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(["good", "short", "long", "broken over lines", "blank"]), min_size=1)
)
def test_lines_that_are_no_rows_are_named_and_the_others_keep_their_line(kinds: list[str]) -> None:
    text, good, bad = "a,b\n", [], []
    for kind in kinds:
        line = text.count("\n") + 1
        if kind == "blank":
            text += "\n"
            continue
        text += {"good": "1,2", "short": "1", "long": "1,2,3", "broken over lines": '"1\n\n1",2'}[
            kind
        ]
        text += "\n"
        (bad if kind in ("short", "long") else good).append(line)
    raw, found = _load(text)
    assert [row[0] for row in found] == good
    assert [one.line for one in raw.bad] == bad


def test_labels_are_trimmed_and_empty_ones_named_by_position() -> None:
    raw, _ = _load(" a ,,b\n1,2,3\n")
    assert raw.labels == ("a", "column 2", "b")
    assert raw.column("b") == "c2"
    assert raw.column("B") is None
