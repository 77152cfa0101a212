"""The warehouse file and the folder of rejects: written beside, then swapped in whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

if sys.platform != "win32":
    import fcntl

from smarketing.errors import SmarketingError
from smarketing.warehouse import sql
from smarketing.warehouse.ingesting.staging import Staging
from smarketing.warehouse.ingesting.target_columns import Meaning
from smarketing.warehouse.tables import TABLES, Table

WAREHOUSE = "warehouse.duckdb"
REJECTS = "rejects"
_TRIES = 5
_AT_ONCE = 1000  # rows a statement: it takes only so many values
_HIDDEN = "_source, _copy, _way, _check, _found, _id, _state, _note, _first"
_ORDER = {
    "leads": "created_at NULLS LAST, _id",
    "events": "lead_id, _id",  # each lead's together: what sums them up takes two fifths
    "stages": "entered_at, lead_id, _id",
    "changes": "changed_at, lead_id, field, _id",
    "deals": "opened_at, deal_id",
    "visits": "day, channel",
    "spend": "month, campaign_id",
}
Row = tuple[object, ...]
NO_ROOM = (OSError, duckdb.OperationalError, duckdb.FatalException)
"""What is raised where the disk or the memory is full."""


def no_room(error: Exception) -> SmarketingError:
    """Return the error that says so in words."""
    what = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
    return SmarketingError(
        f"the warehouse cannot be written: {what}",
        WAREHOUSE,
        todo="Make room on the disk (or memory) and run it again; the old one still stands.",
    )


def write_about(
    con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str], rows: Sequence[Row]
) -> None:
    """Write a table that the warehouse holds about itself; columns by their DuckDB type."""
    typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    con.execute(f"CREATE TABLE warehouse.{name}({typed})")
    marks = f"({', '.join('?' * len(columns))})"
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        con.execute(
            f"INSERT INTO warehouse.{name} VALUES {', '.join([marks] * len(some))}",
            [cell for row in some for cell in row],
        )


@contextlib.contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """Give a temporary folder on the workspace's own disk; it is gone afterwards.

    One ingest at a time: a second waits for the first. What ingests that were killed left
    behind is cleared away.
    """
    with _alone(folder):
        for left in folder.glob(".ingest-*"):
            shutil.rmtree(left, ignore_errors=True)
        with _scratch(folder) as path:
            yield path


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system lets go when the process ends, however it ends."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # a system on which folders cannot be opened: the last one wins
        yield
        return
    try:
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # some network disks know no locks
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    try:
        path = Path(tempfile.mkdtemp(prefix=".ingest-", dir=folder))
    except OSError as error:
        raise SmarketingError(
            f"nothing can be written here: {error.strerror}", str(folder)
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
    """Write the kept rows, in a stable order, and the tables about them.

    ``warehouse`` stays attached, so that it can be compared with the one before.
    """
    con = staging.con
    # what this DuckDB packs best, in less time than what older ones can read
    con.execute(f"ATTACH {sql.lit(str(path))} AS warehouse (STORAGE_VERSION 'v1.4.0')")
    con.execute("BEGIN")
    about: list[Row] = []
    for name in tables:
        for column in _write_table(staging, TABLES[name]):
            meaning = staging.meanings.get((name, column), Meaning(column, "canonical", None, ""))
            about.append((name, column, meaning.known, meaning.known_at, meaning.source))
    texts: list[tuple[str, str, Sequence[Row]]] = [
        ("_columns", "table_name, column_name, known, known_at, source", about),
        ("_missing", "table_name, reason", missing),
        ("_meta", "key, value", list(meta.items())),
        ("_merged", "gone, kept", _merged(staging)),
    ]
    for name, columns, rows in texts:
        write_about(con, name, dict.fromkeys(columns.split(", "), "VARCHAR"), rows)
    numbers = dict.fromkeys(("accepted", "rejected", "excluded", "merged"), "BIGINT")
    write_about(con, "_ingest", {"table_name": "VARCHAR", **numbers}, counts)
    con.execute("COMMIT")


def _merged(staging: Staging) -> list[Row]:
    """Return which ids became which, of the people who are kept."""
    kept = "SELECT lead_id FROM s_leads WHERE _state IS NULL"
    return staging.con.execute(f"FROM merged WHERE kept IN ({kept}) ORDER BY ALL").fetchall()


def _write_table(staging: Staging, table: Table) -> list[str]:
    con = staging.con
    order = _ORDER.get(table.name, ", ".join(table.key))
    hidden = _HIDDEN + ", _person" * table.open_ended
    con.execute(
        f"CREATE TABLE warehouse.{table.name} AS SELECT * EXCLUDE ({hidden})"
        f" FROM s_{table.name} WHERE _state IS NULL ORDER BY {order}"
    )
    described = con.execute(f"DESCRIBE warehouse.{table.name}").fetchall()
    return [row[0] for row in described]


def swap_in(folder: Path, warehouse: Path, rejects: Path) -> None:
    """Put a whole warehouse and its rejects in the place of the old ones.

    The warehouse changes in one step, and readers keep the file they opened. The rejects go
    first: a run that is killed in between is not taken for a whole one.
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
    replace_warehouse(folder, warehouse)


def replace_warehouse(folder: Path, warehouse: Path) -> None:
    """Put a warehouse in the place of the old one, in one step."""
    _to_disk(warehouse)
    os.replace(warehouse, folder / WAREHOUSE)


def _to_disk(path: Path) -> None:
    """Wait until a file is on the disk: else a power cut could leave its name without it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
