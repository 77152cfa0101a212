"""Cells that hold several values, such as all contacts of a deal: a row for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import duckdb

from smarketing.warehouse import sql
from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.sources.model import Source

_HUBSPOT = ";"
"""Between the ids that HubSpot writes into one cell."""


def lists_of(name: str, source: Source) -> dict[str, str]:
    """Return the labels of cells that may hold lists, with what stands between the values.

    Parameters
    ----------
    name : str
        The canonical table.
    source : Source
        What its `split` says; and HubSpot lists all contacts of a deal in one cell.
    """
    lists = dict(source.split)
    if name == "deal_leads" and source.labels_of == "hubspot" and "lead_id" in source.columns:
        lists.setdefault(source.columns["lead_id"], _HUBSPOT)
    return lists


def one_a_row(
    con: duckdb.DuckDBPyConnection, raw: RawTable, lists: Mapping[str, str], table: str
) -> RawTable:
    """Return a table with a row for each value of a list; the other cells stand in each of them.

    Parameters
    ----------
    con : duckdb connection
    raw : RawTable
    lists : mapping of str to str
        Labels to what stands between the values; those that the export lacks are left out.
    table : str
        The name of the new table.
    """
    rows = f"(SELECT *, _row AS _of FROM {raw.table})"
    for label, mark in lists.items():
        column = raw.column(label)
        if column is None:
            continue
        text = f"CAST({column} AS VARCHAR)"
        parts = f"list_filter(string_split({text}, {sql.lit(mark)}), lambda part: trim(part) <> '')"
        values = f"CASE WHEN contains({text}, {sql.lit(mark)}) THEN {parts} ELSE [{text}] END"
        rows = f"(SELECT * REPLACE (unnest({values}) AS {column}) FROM {rows})"
    columns = ", ".join(f"c{n}" for n in range(len(raw.labels)))
    con.execute(
        f"CREATE TABLE {table} AS SELECT {columns}, _of,"
        f" row_number() OVER (ORDER BY _of, {columns}) AS _row FROM {rows}"
    )

    def lines(wanted: Iterable[int]) -> dict[int, int]:
        row_of = dict(con.execute(f"SELECT _row, _of FROM {table}").fetchall())
        some = list(wanted)
        of_rows = raw.lines(row_of[row] for row in some)
        return {row: of_rows[row_of[row]] for row in some}

    types = tuple("VARCHAR" if raw.labels[n] in lists else kind for n, kind in enumerate(raw.types))
    return replace(raw, table=table, lines=lines, bad=(), types=types)
