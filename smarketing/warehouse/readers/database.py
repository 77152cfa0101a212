"""Tables of a database, read through ibis; credentials come from the environment alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import ibis

from smarketing.errors import SmarketingError
from smarketing.warehouse.readers.parquet import KEPT, same_lines
from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.sources.model import FileOptions
from smarketing.warehouse.sources.secrets import filled, scrubbed, unlogged

_BATCH = 100_000


def labels(path: Path, shown: str, options: FileOptions) -> list[str]:  # noqa: ARG001
    """Return the column names of the table.

    Raises
    ------
    SmarketingError
        If the database cannot be reached or has no such table; no password is in the message.
    """
    con = _connect(shown, options)
    try:
        return list(_table(con, shown, options).columns)
    finally:
        con.disconnect()


def load(
    con: duckdb.DuckDBPyConnection,
    table: str,
    path: Path,  # noqa: ARG001 - readers share one signature
    shown: str,
    options: FileOptions,
    scratch: Path,  # noqa: ARG001
) -> RawTable:
    """Copy a table of the database, in batches; a row's line is its number in the answer.

    Rows are asked for in the order of all their columns, as a database promises none.

    Raises
    ------
    SmarketingError
        If the database cannot be reached, has no such table or cannot be read.
    """
    source = _connect(shown, options)
    try:
        rows = _table(source, shown, options)
        names = tuple(rows.columns)
        rows = rows.order_by([rows[name] for name, kind in rows.schema().items() if _sorts(kind)])
        batches = rows.to_pyarrow_batches(chunk_size=_BATCH)
        con.register("batches", batches)
        con.execute(f"CREATE OR REPLACE TEMP TABLE {table}_db AS FROM batches")
        con.unregister("batches")
    except SmarketingError:
        raise
    except Exception as error:  # noqa: BLE001 - every driver has errors of its own
        raise _failed("the table cannot be read", shown, options, error) from None
    finally:
        source.disconnect()
    kinds = [row[1] for row in con.execute(f"DESCRIBE {table}_db").fetchall()]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    cells = ", ".join(
        (name if kind in KEPT else f"CAST({name} AS VARCHAR)") + f" AS c{n}"
        for n, (name, kind) in enumerate(zip(quoted, kinds, strict=True))
    )
    con.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT {cells}, row_number() OVER () AS _row"
        f" FROM {table}_db"
    )
    con.execute(f"DROP TABLE {table}_db")
    types = tuple(kind if kind in KEPT else "VARCHAR" for kind in kinds)
    return RawTable(table, shown, names, same_lines, options.labels_of, types=types)


def shown_as(options: FileOptions) -> str:
    """Return what a person knows a database's table by: the table, and no address."""
    return f"table {options.table}"


def _sorts(kind: Any) -> bool:
    return not (kind.is_nested() or kind.is_json() or kind.is_binary() or kind.is_unknown())


def _connect(shown: str, options: FileOptions) -> Any:
    address = filled(options.address or "")
    try:
        with unlogged():
            return ibis.connect(address)
    except Exception as error:  # noqa: BLE001 - every driver has errors of its own
        raise _failed("the database cannot be reached", shown, options, error) from None


def _table(con: Any, shown: str, options: FileOptions) -> ibis.Table:
    *where, name = (options.table or "").split(".")
    try:
        return con.table(name, database=tuple(where) if len(where) > 1 else (where or [None])[0])
    except Exception as error:  # noqa: BLE001
        raise _failed("the database has no such table", shown, options, error) from None


def _failed(what: str, shown: str, options: FileOptions, error: Exception) -> SmarketingError:
    address = options.address or ""
    first = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return SmarketingError(
        f"{what}: {scrubbed(first, address)}",
        shown,
        found=address,
        todo="Look at `address` and `table` in sources.yml, and at the environment.",
    )
