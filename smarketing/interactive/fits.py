"""The same what-if at another least fit: the crossings counted anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.planning.lines.crossing_probabilities import add_chances
from smarketing.planning.lines.line_grid import build_lines
from smarketing.planning.lines.purchases import add_purchases
from smarketing.planning.lines.thresholds import Thresholds
from smarketing.planning.lines.whatif import LineWhatIf
from smarketing.planning.volumes.volume_history import read_history
from smarketing.scoring.population import Population
from smarketing.warehouse.warehouse import Warehouse

KEYS = ("lead_id", "spell", "as_of", "month", "score", "fit")


def judged_rows(
    warehouse: Warehouse,
    people: Population,
    agreement: Agreement,
    recommended: Thresholds,
    at: pd.Timestamp | None = None,
) -> pd.DataFrame | None:
    """Return the snapshots that lines were recommended on; None where they have no fit.

    Parameters
    ----------
    warehouse : Warehouse
    people : Population
    agreement : Agreement
    recommended : Thresholds
        On the agreed scorecard's points.
    at : pandas.Timestamp, optional
        Naive UTC, as given to :func:`smarketing.planning.recommend`.
    """
    rows = people.rows
    if "fit" not in rows or rows["fit"].isna().all():
        return None
    if not people.has_time:
        return _needed(add_chances(rows, agreement).assign(month="all"))
    at = warehouse.data_until if at is None else at
    rows = add_purchases(rows, read_history(warehouse, agreement, at).facts, agreement)
    rows = _needed(add_chances(rows[rows["as_of"] <= at], agreement, at))
    rows = rows[rows["month"] <= recommended.table.months[-1]].copy()
    # Earlier snapshots tell who had crossed before; they are not judged.
    rows.loc[rows["month"] < recommended.table.months[0], ["p_sql", "p_customer"]] = np.nan
    return rows


def same_leads(asked: LineWhatIf, rows: pd.DataFrame, fit_mql: int, fit_sql: int) -> bool:
    """Return whether the rows, at the least fits of the what-if itself, count the same crossings.

    If they do not, another least fit would be compared with other leads: better none at all.
    """
    again = at_fit(asked, rows, fit_mql, fit_sql)
    if not np.array_equal(again.table.grid, asked.table.grid):
        return False
    pairs = zip(vars(again.tables).values(), vars(asked.tables).values(), strict=True)
    return all(a.shape == b.shape and np.allclose(a, b, atol=1e-6) for a, b in pairs)


def at_fit(asked: LineWhatIf, rows: pd.DataFrame, fit_mql: int, fit_sql: int) -> LineWhatIf:
    """Return the what-if with other least fits, on the same leads, months and terms.

    Parameters
    ----------
    asked : LineWhatIf
    rows : pandas.DataFrame
        As :func:`judged_rows` gives them.
    fit_mql, fit_sql : int
        Points of fit that a lead needs to cross each line.
    """
    grid = tuple(float(line) for line in asked.table.grid[:-1])
    table = build_lines(rows, fit_mql, fit_sql, grid, asked.terms.one_line)
    return replace(asked, table=table, tables=table.tables())


def _needed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[[c for c in rows if c in KEYS or str(c).startswith("p_")]]
