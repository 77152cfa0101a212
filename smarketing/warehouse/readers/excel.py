"""Excel workbooks, read by calamine: DuckDB's own reader cannot be had offline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from smarketing.errors import SmarketingError
from smarketing.warehouse.readers.raw import Export, RawTable, clean_labels


def labels(export: Export) -> list[str]:
    """Return the labels in the first row that is not empty."""
    return _read(export)[1]


def load(
    con: duckdb.DuckDBPyConnection,
    table: str,
    export: Export,
    scratch: Path,  # noqa: ARG001 - readers share one signature
) -> RawTable:
    """Load one sheet; dates become ISO text, whole numbers lose their ".0".

    Raises
    ------
    SmarketingError
        If the file is no workbook, or the sheet is not in it.
    """
    first, names, rows = _read(export)
    kept = [
        (line, row)
        for line, row in enumerate(rows, start=first + 1)
        if any(cell is not None for cell in row)
    ]
    columns = {
        f"c{n}": pa.array([row[n] for _, row in kept], pa.string()) for n in range(len(names))
    }
    columns["_row"] = pa.array(range(1, len(kept) + 1), pa.int64())
    frame = pa.table(columns)
    con.register("sheet", frame)
    con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM sheet")
    con.unregister("sheet")
    numbers = [line for line, _ in kept]

    def lines(wanted: Iterable[int]) -> dict[int, int]:
        return {row: numbers[row - 1] for row in set(wanted)}

    return RawTable(table, export.shown, tuple(names), lines, export.options.labels_of)


def _read(export: Export) -> tuple[int, list[str], list[list[str | None]]]:
    """Return the header's line, its labels, and the rows below it."""
    try:
        book = CalamineWorkbook.from_path(export.path)
        name = export.options.sheet or book.sheet_names[0]
        if name not in book.sheet_names:
            raise SmarketingError(
                "the workbook has no such sheet",
                export.shown,
                found=repr(name),
                allowed=", ".join(book.sheet_names),
                todo="Correct `sheet` in sources.yml.",
            )
        grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError, IndexError) as error:
        raise SmarketingError(
            f"the file is no Excel workbook: {str(error).splitlines()[0]}",
            export.shown,
            1,
            1,
            todo="Write `reader: csv` in sources.yml if it is text.",
        ) from None
    rows = [[_text(cell) for cell in row] for row in grid]
    first = next((n for n, row in enumerate(rows) if any(cell is not None for cell in row)), None)
    if first is None:
        raise SmarketingError(
            "the sheet is empty", export.shown, 1, 1, found=f"sheet {name!r} without a cell"
        )
    return first + 1, clean_labels(rows[first]), rows[first + 1 :]


def _text(cell: object) -> str | None:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    text = str(cell).strip()
    return text or None
