"""Parquet files: dates stay dates, all other cells become text like those of any export."""

from __future__ import annotations

from pathlib import Path

import duckdb

from smarketing.errors import SmarketingError
from smarketing.warehouse.readers.raw import Export, RawTable, cells_of, same_lines
from smarketing.warehouse.sql import lit


def labels(export: Export) -> list[str]:
    """Return the column names."""
    with duckdb.connect() as con:
        return [name for name, _ in _columns(con, export)]


def load(
    con: duckdb.DuckDBPyConnection,
    table: str,
    export: Export,
    scratch: Path,  # noqa: ARG001 - readers share one signature
) -> RawTable:
    """Open a Parquet file, which is read where its rows are needed; a row's line is its number.

    Raises
    ------
    SmarketingError
        If the file is no Parquet file.
    """
    columns = _columns(con, export)
    cells, types = cells_of(columns)
    con.execute(
        f"CREATE OR REPLACE VIEW {table} AS SELECT {cells}, file_row_number + 1 AS _row"
        f" FROM read_parquet({lit(str(export.path))}, file_row_number = true)"
    )
    names = tuple(name for name, _ in columns)
    system = export.options.labels_of
    return RawTable(table, export.shown, names, same_lines, system, types=types)


def _columns(con: duckdb.DuckDBPyConnection, export: Export) -> list[tuple[str, str]]:
    file = lit(str(export.path))
    try:
        rows = con.execute(f"DESCRIBE SELECT * FROM read_parquet({file})").fetchall()
    except duckdb.Error as error:
        raise SmarketingError(
            f"the file is no Parquet file: {str(error).splitlines()[0]}", export.shown, 1, 1
        ) from None
    return [(row[0], row[1]) for row in rows]
