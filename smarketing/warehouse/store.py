"""The warehouse file and the folder of rejects: written beside, then swapped in whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from smarketing.errors import Problem, SmarketingError
from smarketing.warehouse import sql
from smarketing.warehouse.staging import Staging
from smarketing.warehouse.tables import TABLES, Table

WAREHOUSE = "warehouse.duckdb"
REJECTS = "rejects"
_TRIES = 5
_HIDDEN = "_source, _file, _row, _copy, _person, _skip, _check, _found, _id, _state, _note, _first"
_ORDER = {
    "leads": "created_at NULLS LAST, _id",
    "events": "occurred_at, lead_id, _id",
    "stages": "entered_at, lead_id, _id",
    "deals": "opened_at, deal_id",
    "visits": "day, channel",
    "spend": "month, campaign_id",
}
Row = tuple[object, ...]


@contextlib.contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """Give a temporary folder on the workspace's own disk; it is gone afterwards.

    Each ingest has one of its own, so that two at once do not meet before the swap.
    """
    try:
        path = Path(tempfile.mkdtemp(prefix=".ingest-", dir=folder))
    except OSError as error:
        raise SmarketingError(
            Problem(f"nothing can be written here: {error.strerror}", str(folder))
        ) from None
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def write_warehouse(
    staging: Staging,
    path: Path,
    tables: list[str],
    counts: list[Row],
    missing: list[Row],
    meta: dict[str, str],
) -> None:
    """Write the kept rows, in a stable order, and the four tables about them."""
    con = staging.con
    con.execute(f"ATTACH {sql.lit(str(path))} AS warehouse")
    con.execute("BEGIN")
    about: list[Row] = []
    for name in tables:
        columns = _write_table(staging, TABLES[name])
        meanings = staging.meanings
        for column in columns:
            meaning = meanings.get((name, column))
            if meaning is None:
                about.append((name, column, "canonical", None, ""))
            else:
                about.append((name, column, meaning.known, meaning.known_at, meaning.source))
    for name, columns, rows in (
        ("_columns", "table_name, column_name, known, known_at, source", about),
        ("_ingest", "table_name, accepted, rejected, excluded, merged", counts),
        ("_missing", "table_name, reason", missing),
        ("_meta", "key, value", list(meta.items())),
    ):
        kind = "BIGINT" if name == "_ingest" else "VARCHAR"
        typed = ", ".join(
            f"{column} {'VARCHAR' if n == 0 else kind}"
            for n, column in enumerate(columns.split(", "))
        )
        con.execute(f"CREATE TABLE warehouse.{name}({typed})")
        if rows:
            marks = ", ".join(["(" + ", ".join("?" * len(rows[0])) + ")"] * len(rows))
            con.execute(
                f"INSERT INTO warehouse.{name} VALUES {marks}",
                [cell for row in rows for cell in row],
            )
    con.execute("COMMIT")
    con.execute("DETACH warehouse")


def _write_table(staging: Staging, table: Table) -> list[str]:
    con = staging.con
    order = _ORDER.get(table.name, ", ".join(table.key))
    con.execute(
        f"CREATE TABLE warehouse.{table.name} AS SELECT * EXCLUDE ({_HIDDEN})"
        f" FROM s_{table.name} WHERE _state IS NULL ORDER BY {order}"
    )
    described = con.execute(f"DESCRIBE warehouse.{table.name}").fetchall()
    return [row[0] for row in described]


def swap_in(folder: Path, warehouse: Path, rejects: Path) -> None:
    """Put a whole warehouse and its rejects in the place of the old ones.

    The warehouse changes in one step, and readers keep the file they opened. Of two ingests
    at once the last one wins.
    """
    target = folder / REJECTS
    for attempt in range(_TRIES):
        with contextlib.suppress(FileNotFoundError):
            target.rename(rejects.with_name(f"old-rejects-{attempt}"))
        try:
            rejects.rename(target)
            break
        except OSError:  # another ingest put its own there in between
            if attempt == _TRIES - 1:
                raise
    os.replace(warehouse, folder / WAREHOUSE)
