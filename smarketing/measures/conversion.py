"""Of those that reached a stage, how many reached another within its window; none too young."""

from __future__ import annotations

import pandas as pd

from smarketing.measures.count import GROUPS
from smarketing.measures.facts import Facts
from smarketing.measures.path import moment, reached_at, window_days


def conversion(
    facts: Facts,
    start: str,
    target: str,
    spells: pd.DataFrame | None = None,
    by: str | None = None,
) -> pd.DataFrame:
    """Return how many of the spells that entered a stage reached another within its window.

    A spell whose window is not over is in neither number, also where it got there already: the
    quick ones without the slow ones would flatter every young month. A win without a date got
    there all the same.

    Parameters
    ----------
    facts : Facts
    start, target : str
        Stages of the path.
    spells : pandas.DataFrame, optional
        Rows of ``facts.spells``; all by default.
    by : str, optional
        As in :func:`smarketing.measures.count.count`.

    Returns
    -------
    pandas.DataFrame
        ``k`` of ``n``, ``n_immature`` too young for either, ``window_days``; one row, or one
        per group, which is the index.

    Examples
    --------
    >>> conversion(facts, "mql", "sql", by="source")  # doctest: +SKIP
    """
    runs = facts.spells if spells is None else spells
    days = window_days(facts.agreement, target)
    entered = runs[moment(start)]
    due = entered + pd.Timedelta(days=days)
    old = entered.notna() & (due <= facts.data_until)
    hit = reached_at(runs, target) <= due
    if target in ("accepted", "sql", "opportunity", "customer"):
        hit |= runs.is_customer & runs.customer_at.isna()
    parts = pd.DataFrame(
        {
            "k": (hit & old).astype(int),
            "n": old.astype(int),
            "n_immature": (entered.notna() & ~old).astype(int),
        }
    )
    if by is None:
        table = parts.sum().to_frame().T
    else:
        table = parts.groupby(runs[by].fillna(GROUPS[by]).rename("group")).sum()
    return table.astype(int).assign(window_days=days)
