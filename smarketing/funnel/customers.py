"""Who counts as a customer of which leads, and with how much: every purchase once."""

from __future__ import annotations

import pandas as pd

from smarketing.funnel.history import History

_KEY = ["lead_id", "spell"]


def buyers(history: History, runs: pd.DataFrame) -> tuple[int, float]:
    """Return the customers among spells, and the revenue of their won deals, each once.

    Several leads of one won deal are one customer; a lead with two won deals is one customer
    whose two amounts count. A spell recorded as customer without a won deal counts as one.

    Returns
    -------
    customers : int
    revenue : float
        In the agreement's currency; deals in another are left out.
    """
    won = runs[runs.customer_at.notna()]
    if history.wins is None:
        return len(won), 0.0
    deals = history.win_spells.merge(runs[_KEY], on=_KEY).deal_id.unique()
    wins = history.wins[history.wins.deal_id.isin(deals)]
    alone = without_deal(history, won)
    return wins.buyer.nunique() + len(alone), int(wins.cents[wins.counted].sum()) / 100


def credited_deals(history: History, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the won deals whose first lead is among the spells, with the spells' columns.

    A deal of several leads belongs to the one that started first, so that groups of spells add
    up to the whole.
    """
    behind = history.win_spells.merge(history.spells[[*_KEY, "started_at"]], on=_KEY)
    first = behind.sort_values(["deal_id", "started_at", "lead_id"]).drop_duplicates("deal_id")
    deals = runs.drop(columns="month").merge(first[["deal_id", *_KEY]], on=_KEY)
    deals = deals.merge(history.wins, on="deal_id")
    return deals.sort_values(["closed_at", "deal_id"], ignore_index=True)


def without_deal(history: History, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the spells that no won deal names."""
    named = history.win_spells[_KEY].drop_duplicates()
    joined = runs.merge(named, on=_KEY, how="left", indicator=True)
    return joined[joined["_merge"] == "left_only"]
