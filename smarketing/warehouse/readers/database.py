"""Tables of a database, read through ibis; credentials come from the environment alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import ibis

from smarketing.errors import SmarketingError
from smarketing.warehouse.readers.raw import Export, RawTable, cells_of, same_lines
from smarketing.warehouse.sources.secrets import filled, scrubbed, unlogged

_BATCH = 100_000


def labels(export: Export) -> list[str]:
    """Return the column names of the table.

    Raises
    ------
    SmarketingError
        If the database cannot be reached or has no such table; no password is in the message.
    """
    con = _connect(export)
    try:
        return list(_table(con, export).columns)
    finally:
        con.disconnect()


def load(
    con: duckdb.DuckDBPyConnection,
    table: str,
    export: Export,
    scratch: Path,  # noqa: ARG001 - readers share one signature
) -> RawTable:
    """Copy a table of the database, in batches; a row's line is its number in the answer.

    Rows are asked for in the order of all their columns, as a database promises none.

    Raises
    ------
    SmarketingError
        If the database cannot be reached, has no such table or cannot be read.
    """
    source = _connect(export)
    try:
        rows = _table(source, export)
        names = tuple(rows.columns)
        rows = rows.order_by([rows[name] for name, kind in rows.schema().items() if _sorts(kind)])
        batches = rows.to_pyarrow_batches(chunk_size=_BATCH)
        con.register("batches", batches)
        con.execute(f"CREATE OR REPLACE TEMP TABLE {table}_db AS FROM batches")
        con.unregister("batches")
    except SmarketingError:
        raise
    except Exception as error:  # noqa: BLE001 - every driver has errors of its own
        raise _failed("the table cannot be read", export, error) from None
    finally:
        source.disconnect()
    kinds = [row[1] for row in con.execute(f"DESCRIBE {table}_db").fetchall()]
    cells, types = cells_of(list(zip(names, kinds, strict=True)))
    con.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT {cells}, row_number() OVER () AS _row"
        f" FROM {table}_db"
    )
    con.execute(f"DROP TABLE {table}_db")
    system = export.options.labels_of
    return RawTable(table, export.shown, names, same_lines, system, types=types)


def _sorts(kind: Any) -> bool:
    return not (kind.is_nested() or kind.is_json() or kind.is_binary() or kind.is_unknown())


def _connect(export: Export) -> Any:
    address = filled(export.options.address or "")
    try:
        with unlogged():
            return ibis.connect(address)
    except Exception as error:  # noqa: BLE001 - every driver has errors of its own
        raise _failed("the database cannot be reached", export, error) from None


def _table(con: Any, export: Export) -> ibis.Table:
    *where, name = (export.options.table or "").split(".")
    schema = tuple(where) if len(where) > 1 else next(iter(where), None)
    try:
        return con.table(name, database=schema)
    except Exception as error:  # noqa: BLE001
        raise _failed("the database has no such table", export, error) from None


def _failed(what: str, export: Export, error: Exception) -> SmarketingError:
    address = export.options.address or ""
    first = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return SmarketingError(
        f"{what}: {scrubbed(first, address)}",
        export.shown,
        found=address,
        todo="Look at `address` and `table` in sources.yml, and at the environment.",
    )
