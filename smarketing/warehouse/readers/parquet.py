"""Parquet files: dates stay dates, all other cells become text like those of any export."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from smarketing.errors import SmarketingError
from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.sources.model import FileOptions
from smarketing.warehouse.sql import ident, lit

KEPT = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE", "DOUBLE", "BIGINT", "INTEGER", "BOOLEAN")
"""Types that are not turned into text and back."""


def labels(path: Path, shown: str, options: FileOptions) -> list[str]:  # noqa: ARG001
    """Return the column names."""
    with duckdb.connect() as con:
        return [name for name, _ in _columns(con, path, shown)]


def load(
    con: duckdb.DuckDBPyConnection,
    table: str,
    path: Path,
    shown: str,
    options: FileOptions,
    scratch: Path,  # noqa: ARG001 - readers share one signature
) -> RawTable:
    """Open a Parquet file, which is read where its rows are needed; a row's line is its number.

    Raises
    ------
    SmarketingError
        If the file is no Parquet file.
    """
    columns = _columns(con, path, shown)
    cells = ", ".join(
        (ident(name) if kind in KEPT else f"CAST({ident(name)} AS VARCHAR)") + f" AS c{n}"
        for n, (name, kind) in enumerate(columns)
    )
    con.execute(
        f"CREATE OR REPLACE VIEW {table} AS SELECT {cells}, file_row_number + 1 AS _row"
        f" FROM read_parquet({lit(str(path))}, file_row_number = true)"
    )
    return RawTable(
        table,
        shown,
        tuple(name for name, _ in columns),
        same_lines,
        options.labels_of,
        types=tuple(kind if kind in KEPT else "VARCHAR" for _, kind in columns),
    )


def same_lines(rows: Iterable[int]) -> dict[int, int]:
    """Return row numbers as they are: there are no lines to count."""
    return {row: row for row in rows}


def _columns(con: duckdb.DuckDBPyConnection, path: Path, shown: str) -> list[tuple[str, str]]:
    try:
        rows = con.execute(f"DESCRIBE SELECT * FROM read_parquet({lit(str(path))})").fetchall()
    except duckdb.Error as error:
        raise SmarketingError(
            f"the file is no Parquet file: {str(error).splitlines()[0]}", shown, 1, 1
        ) from None
    return [(row[0], row[1]) for row in rows]
