"""Tables that keep every version of a lead, read as what changed from each to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from smarketing.warehouse import sql
from smarketing.warehouse.ingesting.fields import Field
from smarketing.warehouse.readers.labels import bare_label, other_names
from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.sources.model import Source

FIELD, OLD, NEW = "(field)", "(old)", "(new)"


def as_changes(
    con: duckdb.DuckDBPyConnection,
    raw: RawTable,
    source: Source,
    fields: Sequence[Field],
    table: str,
) -> tuple[RawTable, Source]:
    """Return a table with a row per changed cell, and the source that reads it.

    The first version of a lead changes nothing: it is what was there when the history began.

    Parameters
    ----------
    con : duckdb connection
    raw : RawTable
        Its rows are whole leads, each as it was from ``changed_at`` on.
    source : Source
    fields : sequence of Field
        The columns of leads to compare.
    table : str
        The name of the new table.
    """
    lead, when = source.columns["lead_id"], source.columns["changed_at"]
    ids, at = raw.column(lead), raw.column(when)
    before = f"OVER (PARTITION BY {ids} ORDER BY {at}, _row)"
    parts = [
        f"SELECT _row, {ids} AS c0, {at} AS c1, {sql.lit(name)} AS c2,"
        f" CAST(lag({column}) {before} AS VARCHAR) AS c3, CAST({column} AS VARCHAR) AS c4,"
        f" row_number() {before} > 1 AS later FROM {raw.table}"
        for name, column in _columns(raw, source, fields).items()
    ]
    none = (
        f"SELECT _row, {ids} AS c0, {at} AS c1, '' AS c2, '' AS c3, '' AS c4, false AS later"
        f" FROM {raw.table}"
    )
    con.execute(
        f"CREATE TABLE {table} AS SELECT * EXCLUDE (_row, later), _row AS _version,"
        " row_number() OVER (ORDER BY _row, c2) AS _row"
        f" FROM ({' UNION ALL '.join([none, *parts])}) WHERE later AND c3 IS DISTINCT FROM c4"
    )

    def lines(rows: Iterable[int]) -> dict[int, int]:
        wanted = list(rows)
        version_of = dict(con.execute(f"SELECT _row, _version FROM {table}").fetchall())
        of_versions = raw.lines(version_of[row] for row in wanted)
        return {row: of_versions[version_of[row]] for row in wanted}

    types = (raw.type_of(lead), raw.type_of(when), *["VARCHAR"] * 3)
    labels = (lead, when, FIELD, OLD, NEW)
    columns = {**source.columns, "field": FIELD, "old": OLD, "new": NEW}
    return (
        RawTable(table, raw.file, labels, lines, raw.system, types=types),
        source.model_copy(update={"columns": columns, "versions": False}),
    )


def _columns(raw: RawTable, source: Source, fields: Sequence[Field]) -> dict[str, str]:
    """Return, by our name, the column of each field that the versions hold."""
    by_name: dict[str, str] = {}
    system = source.labels_of
    keys = {bare_label(label): f"c{n}" for n, label in enumerate(raw.labels)}
    for field in fields:
        if system is not None and field.system not in (None, system):
            continue
        column = raw.column(field.label)
        if column is None:
            names = other_names(field.label, system or field.system) & keys.keys()
            column = keys[next(iter(names))] if len(names) == 1 else None
        if column is not None:
            by_name.setdefault(field.name, column)
    return by_name
