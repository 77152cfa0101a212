"""The end of the data: the latest thing that happened, never later than the day of ingest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from smarketing.warehouse import sql

_BOOKED = ("scheduled", "rescheduled", "booked", "planned")
# a meeting without an outcome may be one that is only booked
_HELD = f"(kind <> 'meeting' OR lower(outcome) NOT IN {sql.lits(_BOOKED)})"
_HAPPENED = (
    ("leads", "created_at", "true"),
    ("events", "occurred_at", _HELD),
    ("stages", "entered_at", "true"),
    ("changes", "changed_at", "true"),
    ("deals", "opened_at", "true"),
    ("deals", "closed_at", "won IS NOT NULL"),
)
_NEVER = "2100-01-01"
_LONELY_SHARE, _LONELY_DAYS = 0.001, 180


@dataclass(frozen=True)
class End:
    """When the data ends.

    Parameters
    ----------
    moment : pandas.Timestamp or None
        Naive UTC; None where nothing is dated.
    because : str
        What tells it, in words.
    """

    moment: pd.Timestamp | None
    because: str


def moments_of(tables: Sequence[str]) -> list[tuple[str, str]]:
    """Return the tables and columns that say when something happened."""
    return [(name, column) for name, column, _ in _HAPPENED if name in tables]


def _moments(tables: Sequence[str]) -> str:
    return " UNION ALL ".join(
        f"SELECT {column} AS moment, '{name}.{column}' AS what FROM s_{name}"
        f" WHERE _state IS NULL AND {column} IS NOT NULL AND {happened}"
        for name, column, happened in _HAPPENED
        if name in tables
    )


def last_moment(
    con: duckdb.DuckDBPyConnection, tables: Sequence[str], today: pd.Timestamp
) -> pd.Timestamp:
    """Return the moment after which nothing can have happened: the end of the day of ingest.

    A clock that stands before most leads came is wrong, and tells nothing.
    """
    came = "SELECT created_at AS moment FROM s_leads WHERE _state IS NULL AND created_at NOTNULL"
    if not sql.count(con, f"({came})"):
        came = _moments(tables)
    n, past = sql.row_of(
        con, f"SELECT count(*), count(*) FILTER (moment <= TIMESTAMP '{today}') FROM ({came})"
    )
    return today if 2 * past >= n else pd.Timestamp(_NEVER)


def latest_of(con: duckdb.DuckDBPyConnection, tables: Sequence[str], last: pd.Timestamp) -> End:
    """Return the end of staged data that nobody declared.

    A few moments far behind all others are typing errors; what lies after the day of ingest is
    a plan, and no end either.

    Parameters
    ----------
    con : duckdb connection
        With the staged tables.
    tables : sequence of str
        Their names.
    last : pandas.Timestamp
        See :func:`last_moment`.
    """
    union = f"SELECT * FROM ({_moments(tables)}) WHERE moment <= TIMESTAMP '{last}'"
    n = sql.count(con, f"({union})")
    # only the latest few need be looked at
    latest = int(_LONELY_SHARE * n) + 2
    end = con.execute(
        f"SELECT moment, what FROM (SELECT moment, what, lead(moment) OVER w AS later,"
        f" count(*) OVER () - row_number() OVER w AS beyond FROM (SELECT * FROM ({union})"
        f" ORDER BY moment DESC, what DESC LIMIT {latest}) WINDOW w AS (ORDER BY moment, what))"
        f" WHERE later IS NULL OR (later - moment > INTERVAL {_LONELY_DAYS} DAY"
        f" AND beyond <= {_LONELY_SHARE} * {n}) ORDER BY moment, what LIMIT 1"
    ).fetchone()
    if end is None:
        return End(None, "no dates")
    return End(pd.Timestamp(end[0]), f"the latest plausible moment, in {end[1]}")
