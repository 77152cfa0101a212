"""Excel workbooks, read by calamine: DuckDB's own reader cannot be had offline."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from smarketing.errors import SmarketingError
from smarketing.warehouse.readers.raw import Export, RawTable, clean_labels

MOST_BYTES = 600_000_000
"""Of a workbook, unpacked: a million rows of ten columns have some 400 MB."""
MOST_CELLS = 40_000_000


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
    _refuse_too_large(export)
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
        raise _no_workbook(error, export) from None
    rows = [[_text(cell) for cell in row] for row in grid]
    begin = (export.options.header_line or 1) - 1
    rows = rows[: len(rows) - export.options.skip_footer]
    filled = (n for n, row in enumerate(rows) if n >= begin and any(c is not None for c in row))
    first = next(filled, None)
    if first is None:
        raise SmarketingError(
            "the sheet is empty", export.shown, 1, 1, found=f"sheet {name!r} without a cell"
        )
    return first + 1, clean_labels(rows[first]), rows[first + 1 :]


def sheets_of(export: Export) -> dict[str, list[list[str | None]]]:
    """Return the rows of every sheet of a workbook.

    Raises
    ------
    SmarketingError
        If the file is no workbook, or too large a one.
    """
    _refuse_too_large(export)
    try:
        book = CalamineWorkbook.from_path(export.path)
        grids = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    except (CalamineError, OSError, IndexError) as error:
        raise _no_workbook(error, export) from None
    return {name: [[_text(cell) for cell in row] for row in grid] for name, grid in grids.items()}


def _no_workbook(error: Exception, export: Export) -> SmarketingError:
    return SmarketingError(
        f"the file is no Excel workbook: {str(error).splitlines()[0]}",
        export.shown,
        1,
        1,
        todo="Write `reader: csv` in sources.yml if it is text.",
    )


def _refuse_too_large(export: Export) -> None:
    """Refuse a workbook that would not fit in memory: calamine lays out every cell of a sheet.

    Raises
    ------
    SmarketingError
        With the size, or the cell that is far away from the others.
    """
    try:
        with zipfile.ZipFile(export.path) as book:
            size = sum(part.file_size for part in book.infolist())
            if size > MOST_BYTES:
                raise SmarketingError(
                    "the workbook unpacks to too much to be read",
                    export.shown,
                    found=f"{size / 1e6:,.0f} MB",
                    allowed=f"{MOST_BYTES / 1e6:,.0f} MB",
                    todo="Save the sheet as CSV UTF-8 and write `reader: csv` in sources.yml.",
                )
            for part in book.namelist():
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part):
                    _refuse_far_cell(book.read(part), export)
    except (zipfile.BadZipFile, OSError):
        return  # an old workbook, or none: calamine tells


def _refuse_far_cell(sheet: bytes, export: Export) -> None:
    last_row = max((int(row) for row in re.findall(rb'<row[^>]*? r="(\d+)"', sheet)), default=0)
    columns = set(re.findall(rb'<c[^>]*? r="([A-Z]+)\d+"', sheet))
    last = max(columns, key=lambda name: (len(name), name), default=b"A")
    if last_row * _place(last) <= MOST_CELLS:
        return
    far = re.search(rb'<c[^>]*? r="(' + last + rb'\d+)"', sheet)
    raise SmarketingError(
        "the sheet is too large to be read: a cell lies far away from the others",
        export.shown,
        found=f"cell {far[1].decode() if far else last.decode()}, of {last_row:,} rows",
        allowed=f"{MOST_CELLS:,} cells from the first to the last",
        todo="Delete the rows and columns that hold nothing else, or save the sheet as CSV.",
    )


def _place(name: bytes) -> int:
    """Return a column's number: A is 1, AA is 27."""
    number = 0
    for letter in name:
        number = 26 * number + letter - ord("A") + 1
    return number


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
