"""Numbers that can be read in two ways, as "1.250" is a thousand and more, or one and a bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from smarketing.errors import Problem
from smarketing.warehouse import sql
from smarketing.warehouse.ingesting.cells import Cells


def unclear_numbers(
    con: duckdb.DuckDBPyConnection,
    cells: Cells,
    labels: Mapping[str, str],
    lines: Mapping[str, int | None],
) -> Iterator[Problem]:
    """Yield a problem for each column whose dots may stand between thousands.

    The whole column decides: one "12.5", or one "12500", settles that the dot is a decimal mark.

    Parameters
    ----------
    con : duckdb connection
    cells : Cells
        Of an export without `decimal`.
    labels : mapping of str to str
        Our names of the columns of numbers to their labels.
    lines : mapping of str to int or None
        The lines of sources.yml at which they are named.
    """
    for name, label in labels.items():
        if cells.raw.type_of(label) != "VARCHAR":
            continue
        unclear, settled, example = sql.row_of(
            con,
            f"SELECT count_if(regexp_matches(t, {sql.lit(sql.GROUPED)})),"
            f" count_if(regexp_matches(t, {sql.lit(sql.NOT_GROUPED)})),"
            f" min(t) FILTER (regexp_matches(t, {sql.lit(sql.GROUPED)}))"
            f" FROM (SELECT {cells.text(label)} AS t FROM {cells.raw.table} r)",
        )
        if unclear and not settled:
            two = f"{example.replace('.', '')} or {_with_one_dot(example)}"
            yield Problem(
                f'{name}: nobody can tell whether "{example}" is {two}',
                "sources.yml",
                lines[name],
                found=f"{unclear:,} such cells in {cells.raw.file}, column {label}",
                todo='Write `decimal: ","` if the dot stands between thousands, else "."',
            )


def _with_one_dot(text: str) -> str:
    """Return a text with its first dot as decimal mark, the others gone."""
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest.replace('.', '')}"
