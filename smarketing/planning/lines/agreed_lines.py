"""The agreement's own two lines, as a place in the tables that every pair of lines stands in."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.planning.lines.line_grid import LinePair, LineTable, build_lines


class AgreedLines(NamedTuple):
    """Today's lines with their least fit; without a qualification desk both are the SQL line."""

    mql: float
    sql: float
    fit_mql: int
    fit_sql: int
    one_line: bool

    @classmethod
    def of(cls, agreement: Agreement) -> AgreedLines:
        """Read the lines, and whether there is a desk between them."""
        one_line = agreement.capacity.qualification is None
        sql = agreement.lines.sql
        mql = sql if one_line else agreement.lines.mql
        return cls(mql.score, sql.score, mql.fit_at_least, sql.fit_at_least, one_line)

    def table(self, rows: pd.DataFrame, extra: tuple[float, ...] | None = None) -> LineTable:
        """Return the crossings of all lines at today's least fits, today's lines among them."""
        asked = (self.mql, self.sql) if extra is None else extra
        return build_lines(rows, self.fit_mql, self.fit_sql, asked, self.one_line)

    def places(self, table: LineTable) -> LinePair:
        """Return where today's lines stand in a table's grid."""
        return table.position(self.mql), table.position(self.sql)
