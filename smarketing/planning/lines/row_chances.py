"""The chance of each line's target for every snapshot, given its score and what was known then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from smarketing.clock import month_bounds
from smarketing.evaluation.backtest import count_once
from smarketing.planning.lines.chance_curve import fit_chance
from smarketing.scoring.targets import label, reached_at

FEWEST = 5
"""Fewer wins or losses than this calibrate nothing."""
NEEDED = (
    "lead_id", "spell", "as_of", "month", "score", "outcome", "mql_at", "sales_ready_at",
    "accepted_at", "sql_at", "opportunity_at", "customer_at",
)  # fmt: skip
"""Columns of a population that chances are learned from: not the dozens of features."""


@threadpool_limits.wrap(limits=1)  # two numbers from a hundred rows: threads only wait
def add_chances(rows: pd.DataFrame, agreement: Any, at: pd.Timestamp | None = None) -> pd.DataFrame:
    """Return the rows with ``p_sql`` and ``p_customer``, each month from what was known before it.

    Points are turned into chances by logistic calibration, bent once where the data ask for it
    (:func:`~smarketing.planning.lines.chance_curve.fit_chance`), on the rows whose window was over
    before the month began. Months before the first such rows take the first chances there are:
    how many leads came in them is known all the same, and a line in the score has only two
    numbers to learn. Tables without dates have one final outcome: it calibrates both lines, on
    all rows.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a population, with ``score``, ``month`` and the spells' times.
    agreement : smarketing.agreement.Agreement
    at : pandas.Timestamp, optional
        Naive UTC, the moment of planning; None for tables without dates.

    Returns
    -------
    pandas.DataFrame
        A copy with the two columns, in [0, 1]; missing throughout where too few won or
        lost to learn from.
    """
    everything, rows = rows, rows[[c for c in NEEDED if c in rows]].copy()
    targets = {"p_sql": agreement.lines.mql, "p_customer": agreement.lines.sql}
    for column, line in targets.items():
        rows[column] = np.nan
        if line is None:
            continue
        if at is None:
            chance = _calibrated(rows, label(rows, line, agreement, None))
            if chance is not None:
                rows[column] = chance(rows["score"].to_numpy(dtype=float))
            continue
        early, first = [], None
        for month, part in rows.groupby("month", sort=True):
            start = month_bounds(str(month), agreement.timezone)[0]
            past = rows[rows["as_of"] < start]
            chance = _calibrated(past, label(past, line, agreement, start)) if len(past) else None
            if chance is None:
                early.append(part)
                continue
            first = first or chance
            rows.loc[part.index, column] = chance(part["score"].to_numpy(dtype=float))
        first = first or _calibrated(rows, label(rows, line, agreement, at))
        for part in early if first else ():
            rows.loc[part.index, column] = first(part["score"].to_numpy(dtype=float))
    return everything.assign(p_sql=rows["p_sql"], p_customer=rows["p_customer"])


def _calibrated(
    rows: pd.DataFrame, labels: pd.DataFrame
) -> Callable[[np.ndarray], np.ndarray] | None:
    """Return points -> chance from the mature rows; None where too few won or lost."""
    known = labels["outcome"].notna().to_numpy() & rows["score"].notna().to_numpy()
    won = labels["outcome"][known].astype(bool).to_numpy()
    if min(won.sum(), (~won).sum()) < FEWEST:
        return None
    # How often a spell is seen later is not known yet: it counts once among the rows known.
    # Rows of one score and outcome weigh together: the same fit from a hundredth of the rows.
    weighed = pd.DataFrame(
        {"score": rows["score"][known], "won": won, "weight": count_once(rows[known])}
    )
    sums = weighed.groupby(["score", "won"], as_index=False)["weight"].sum()
    return fit_chance(*(sums[column].to_numpy() for column in ("score", "won", "weight")))


def worth_of_target(
    spells: pd.DataFrame, agreement: Any, at: pd.Timestamp
) -> tuple[float | None, float | None]:
    """Return P(customer | MQL line's target) and hand-overs per target, from history.

    Parameters
    ----------
    spells : pandas.DataFrame
        One row per spell with its ``*_at`` times.
    agreement : smarketing.agreement.Agreement
    at : pandas.Timestamp
        Naive UTC; nothing later is looked at.

    Returns
    -------
    (float or None, float or None)
        The chance (posterior mean, Jeffreys prior) that a spell which reached the target became
        a customer within the SQL line's window, None without a mature one; and hand-overs per
        target reached, from 1 to 10, None where hand-overs are not recorded.
    """
    line, window = agreement.lines.mql, pd.Timedelta(days=agreement.lines.sql.window_days)
    target, customer = reached_at(spells, line.target), reached_at(spells, "customer")
    mature = target + window <= at
    n, won = int(mature.sum()), int((mature & (customer <= target + window)).sum())
    chance = (won + 0.5) / (n + 1) if n else None
    if line.target == "customer":
        chance = 1.0
    if spells["sales_ready_at"].isna().all():
        return chance, None
    handed, days = reached_at(spells, "sales_ready"), pd.Timedelta(days=line.window_days)
    over = handed + days <= at
    confirmed = int((over & (target <= handed + days)).sum())
    per_target = float(over.sum()) / confirmed if confirmed else 1.0
    return chance, float(np.clip(per_target, 1.0, 10.0))
