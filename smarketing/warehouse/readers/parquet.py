"""Parquet files: cells become text like those of any other export, and are checked like them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from smarketing.errors import Problem, SmarketingError
from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.sources import FileOptions
from smarketing.warehouse.sql import ident, lit


def labels(path: Path, shown: str, options: FileOptions) -> list[str]:  # noqa: ARG001
    """Return the column names."""
    with duckdb.connect() as con:
        return _names(con, path, shown)


def load(
    con: duckdb.DuckDBPyConnection,
    table: str,
    path: Path,
    shown: str,
    options: FileOptions,  # noqa: ARG001 - readers share one signature
    scratch: Path,  # noqa: ARG001
) -> RawTable:
    """Load a Parquet file; a row's line is its number.

    Raises
    ------
    SmarketingError
        If the file is no Parquet file.
    """
    names = _names(con, path, shown)
    cells = ", ".join(f"CAST({ident(name)} AS VARCHAR) AS c{n}" for n, name in enumerate(names))
    con.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT {cells}, row_number() OVER () AS _row"
        f" FROM read_parquet({lit(str(path))})"
    )
    return RawTable(table, shown, tuple(names), _same)


def _same(rows: Iterable[int]) -> dict[int, int]:
    return {row: row for row in rows}


def _names(con: duckdb.DuckDBPyConnection, path: Path, shown: str) -> list[str]:
    try:
        rows = con.execute(f"DESCRIBE SELECT * FROM read_parquet({lit(str(path))})").fetchall()
    except duckdb.Error as error:
        raise SmarketingError(
            Problem(f"the file is no Parquet file: {str(error).splitlines()[0]}", shown, 1, 1)
        ) from None
    return [row[0] for row in rows]
