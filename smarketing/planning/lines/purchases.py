"""One purchase of several leads counts once: with the best-scored of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.measures.facts import Facts
from smarketing.warehouse.buying_groups import buying_groups

KEYS = ["lead_id", "spell"]


def purchases(spells: pd.DataFrame, within_days: float | None) -> pd.Series:
    """Return which purchase each spell that won belongs to; missing for the others.

    Leads of one account that came within the agreed days are one purchase. A group that buys
    again more than so many days after it bought has bought twice.

    Parameters
    ----------
    spells : pandas.DataFrame
        One row per spell: ``lead_id``, ``spell``, ``started_at``, ``account_id``,
        ``customer_at``.
    within_days : float or None
        As agreed (``buying_group.within_days``); None: every lead buys for itself.

    Returns
    -------
    pandas.Series
        With the index of `spells`.

    Examples
    --------
    >>> day = pd.Timestamp("2026-01-01")
    >>> spells = pd.DataFrame({"lead_id": list("abc"), "spell": 1, "started_at": day,
    ...     "account_id": ["A", "A", "B"], "customer_at": day})
    >>> purchases(spells, 90).nunique()
    2
    """
    firsts = spells[spells["spell"] == spells.groupby("lead_id")["spell"].transform("min")]
    group = buying_groups(firsts, within_days)
    won = spells[spells["customer_at"].notna()]
    wins = pd.DataFrame(
        {
            "lead_id": won.index.astype(str),
            "account_id": won["lead_id"].map(group).to_numpy(),
            "started_at": won["customer_at"].to_numpy(),
        }
    )
    bought = buying_groups(wins, within_days)
    return pd.Series(bought.to_numpy(), won.index).reindex(spells.index)


def add_purchases(rows: pd.DataFrame, facts: Facts, agreement: Agreement) -> pd.DataFrame:
    """Return rows with the ``purchase`` of each, where buying groups are agreed and known."""
    agreed, spells = agreement.buying_group, facts.spells
    if agreed is None or spells["account_id"].isna().all():
        return rows
    spells = spells[spells["started_at"].notna()]
    bought = spells[KEYS].assign(purchase=purchases(spells, agreed.within_days))
    return rows.drop(columns="purchase", errors="ignore").merge(
        bought, on=KEYS, how="left", validate="m:1"
    )


def counts_for(
    rows: pd.DataFrame, spell: pd.Series, best: np.ndarray, at: pd.Timestamp
) -> np.ndarray:
    """Return whether each row's spell is the one its purchase is counted with.

    That is the best-scored of those who had bought together by then: whatever line is drawn, a
    purchase counts once if any of its leads crosses it, since its best one does.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``customer_at``, and ``purchase``; without it every lead buys for itself.
    spell : pandas.Series
        A number for the spell of each row.
    best : numpy.ndarray
        The best score of that spell, shape (rows,); of equals the first spell counts.
    at : pandas.Timestamp
        Naive UTC; whoever bought later is not known yet.

    Returns
    -------
    numpy.ndarray of bool
        True for who bought alone, or not at all.
    """
    if "purchase" not in rows:
        return np.ones(len(rows), dtype=bool)
    bought = rows["purchase"].notna() & (pd.to_datetime(rows["customer_at"]) <= at)
    buyers = pd.DataFrame({"purchase": rows["purchase"], "spell": spell, "best": best})[bought]
    buyers = buyers.sort_values(["best", "spell"], ascending=[False, True])
    chosen = buyers.drop_duplicates("purchase")["spell"]
    return (~bought | spell.isin(chosen)).to_numpy()
