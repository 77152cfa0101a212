"""How far people keep to the lines: leads above one may be kept back, others come beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from smarketing.planning.lines.line_grid import Tables


@dataclass(frozen=True)
class LineRecord:
    """How far people keep to the lines, and what comes beside them.

    Attributes
    ----------
    stamped : float
        Leads stamped MQL for each that crosses the MQL line below the SQL line.
    handed : float
        Leads handed over for each that crosses the SQL line.
    mqls, sales_ready, customers : float
        What comes beside the lines, a month.

    Examples
    --------
    >>> LineRecord(handed=0.5).handed
    0.5
    """

    stamped: float = 1.0
    handed: float = 1.0
    mqls: float = 0.0
    sales_ready: float = 0.0
    customers: float = 0.0

    def kept_to(self, tables: Tables) -> Tables:
        """Return the monthly sums as people keep to the lines."""
        return replace(
            tables, qualified=tables.qualified * self.stamped, direct=tables.direct * self.handed
        )


AS_DRAWN = LineRecord()
"""Everybody above a line is handed over, and nobody beside it."""
