"""What a new warehouse changes in the one before: rows, and months that were told already."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from smarketing.warehouse import sql
from smarketing.warehouse.ingesting.store import write_about
from smarketing.warehouse.tables import TABLES

MOMENTS = {
    "leads": "created_at",
    "events": "occurred_at",
    "stages": "entered_at",
    "deals": "opened_at",
    "visits": "day",
    "spend": "month",
}
"""By which column a row belongs to a month; changes belong to none, as no report counts them."""
CHANGES = ["table_name", "added", "changed", "removed"]
RESTATED = ["month", "table_name", "added", "changed", "removed", "told_until"]


class Before:
    """The warehouse that stands, seen from the one that is built beside it.

    Parameters
    ----------
    con : duckdb connection
        With the new warehouse attached as ``warehouse``, the old one as ``before``.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.meta = dict(con.execute("FROM before._meta").fetchall())
        self.tables = {
            row[0]
            for row in con.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'before'"
            ).fetchall()
        }

    def leads(self) -> int:
        """Return how many leads it holds; 0 where it cannot tell."""
        with contextlib.suppress(duckdb.Error):
            return sql.count(self.con, "before.leads")
        return 0

    def changes(self, tables: list[str], zone: str) -> tuple[pd.DataFrame, pd.DataFrame] | None:
        """Return the changed rows of each table, and of each month told before.

        None if it was made by a version with other tables.

        A row that differs is a changed one if its key is still there, else a row removed and
        another added. A month counts as told if it holds rows up to the moment at which the
        data of the old warehouse ended.
        """
        try:
            return self._changes(tables, zone)
        except duckdb.Error:
            return None

    def _changes(self, tables: list[str], zone: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        rows, months = [], []
        for name in TABLES:
            if name not in tables and name not in self.tables:
                continue
            by_month = self._by_month(name, tables, zone)
            total = [sum(row[at] for row in by_month) for at in (2, 3, 4)]
            rows.append((name, *total))
            months += [
                (month, name, added, changed, removed, self.meta["data_until"])
                for month, is_reported, added, changed, removed in by_month
                if is_reported and month is not None
            ]
        return (
            pd.DataFrame(rows, columns=CHANGES),
            pd.DataFrame(sorted(months), columns=RESTATED),
        )

    def history(self) -> list[tuple[object, ...]]:
        """Return what earlier ingests restated."""
        if "_restated" not in self.tables:
            return []
        return self.con.execute(f"SELECT {', '.join(RESTATED)} FROM before._restated").fetchall()

    def _columns(self, database: str, name: str) -> list[str]:
        """Return the columns to compare: codes of undeclared ones are numbered by each ingest."""
        names = self.con.execute(
            "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND table_name = ?",
            [database, name],
        ).fetchall()
        known = dict(
            self.con.execute(
                f"SELECT column_name, known FROM {database}._columns WHERE table_name = ?", [name]
            ).fetchall()
        )
        return sorted(row[0] for row in names if known.get(row[0]) != "undeclared")

    def _compared(self, database: str, name: str, column: str) -> str:
        """Return the SQL of a column's value as it is compared."""
        if name != "changes" or column not in ("old", "new"):
            return sql.ident(column)
        codes = f"SELECT column_name FROM {database}._columns WHERE known = 'undeclared'"
        return f"CASE WHEN field NOT IN ({codes}) THEN {sql.ident(column)} END"

    def _by_month(self, name: str, tables: list[str], zone: str) -> list[tuple[Any, ...]]:
        sides = [
            (database, sign)
            for database, sign, has_table in (
                ("warehouse", 1, name in tables),
                ("before", -1, name in self.tables),
            )
            if has_table
        ]
        columns = self._columns(sides[0][0], name)
        # a column more or less is a change of every row
        other = len(sides) == 2 and columns != self._columns("before", name)
        key = ", ".join(TABLES[name].key)
        parts = []
        for database, sign in sides:
            columns = self._columns(database, name)
            own = ", ".join(self._compared(database, name, one) for one in columns)
            parts.append(
                f"SELECT hash({own}, '{database * other}') AS h, hash({key or own}) AS k,"
                f" {sign} AS n, {self._moment(name)} AS moment FROM {database}.{name}"
            )
        until = self.meta.get("data_until")
        is_reported = f"moment <= TIMESTAMP {sql.lit(until)}" if until else "false"
        local = f"timezone({sql.lit(zone)}, timezone('UTC', moment))"
        return self.con.execute(
            f"SELECT strftime({local}, '%Y-%m') AS month, coalesce({is_reported}, false) AS told,"
            " sum(CASE WHEN up > down THEN up - down ELSE 0 END)::BIGINT,"
            " sum(least(up, down))::BIGINT,"
            " sum(CASE WHEN down > up THEN down - up ELSE 0 END)::BIGINT FROM ("
            " SELECT k, min(moment) AS moment,"
            " coalesce(sum(n) FILTER (n > 0), 0) AS up, coalesce(-sum(n) FILTER (n < 0), 0) AS down"
            " FROM (SELECT h, any_value(k) AS k, min(moment) AS moment, sum(n) AS n"
            f" FROM ({' UNION ALL '.join(parts)}) GROUP BY h HAVING sum(n) <> 0) GROUP BY k)"
            " GROUP BY ALL ORDER BY ALL"
        ).fetchall()

    def _moment(self, name: str) -> str:
        column = MOMENTS.get(name)
        if column is None:
            return "CAST(NULL AS TIMESTAMP)"
        if name == "spend":
            return "CAST(month || '-01' AS TIMESTAMP)"
        return f"CAST({column} AS TIMESTAMP)"


@contextlib.contextmanager
def before(con: duckdb.DuckDBPyConnection, path: Path) -> Iterator[Before | None]:
    """Attach the warehouse that stands; None if there is none that can be read."""
    with contextlib.ExitStack() as stack:
        old = None
        with contextlib.suppress(duckdb.Error):
            if path.is_file():
                con.execute(f"ATTACH {sql.lit(str(path))} AS before (READ_ONLY)")
                stack.callback(con.execute, "DETACH before")
                old = Before(con)
        yield old


def write_restated(con: duckdb.DuckDBPyConnection, rows: list[tuple[object, ...]]) -> None:
    """Write which months were restated, by this ingest and those before it."""
    numbers = ("added", "changed", "removed")
    kinds = {name: "BIGINT" if name in numbers else "VARCHAR" for name in RESTATED}
    write_about(con, "_restated", kinds, rows)


def sentences(changes: pd.DataFrame, restated: pd.DataFrame) -> list[str]:
    """Say what changed, and which months that were told already are told anew."""
    moved = changes[(changes.added + changes.changed + changes.removed) > 0]
    if moved.empty:
        return ["No row differs from the last ingest."]
    parts = [
        f"{row.table_name} {row.added:,} new, {row.changed:,} changed, {row.removed:,} gone"
        for row in moved.itertuples()
    ]
    notes = [f"Since the last ingest: {'; '.join(parts)}."]
    if not restated.empty:
        total = restated.assign(rows=restated.added + restated.changed + restated.removed)
        by_month = total.groupby("month").rows.sum()
        months = ", ".join(f"{month} ({n:,})" for month, n in by_month.items())
        until = restated.told_until.iloc[0][:10]
        notes.append(
            f"Rows dated before the last data's end ({until}) came, changed or went: these months"
            f" are restated (rows): {months}. Reports made of them before differ."
        )
    return notes
