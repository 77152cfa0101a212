"""What history must show before a line is moved for money: the desk's choice, a score that tells.

Expected margins rest on two things. What qualification passes on, and how well it chooses, must
be on record: a desk that passed on just the winners would make any line look good. And the score
must tell leads that become customers from the others: on a score without signal every line is
luck. Where one of the two is missing today's lines stay, and no money is promised.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
from scipy.stats import mannwhitneyu

from smarketing.agreement.model import Agreement
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, fixed
from smarketing.scoring.targets import label

LEVEL = 0.025
"""One-sided: a score without signal is taken for one with signal once in forty times."""


class Signal(NamedTuple):
    """How well a score tells leads that became customers from the others."""

    auc: float
    p: float
    customers: int
    others: int


def why_no_line(
    rows: pd.DataFrame, agreement: Agreement, at: pd.Timestamp | None = None
) -> str | None:
    """Return why no line can be moved for money, in a sentence; None where it can.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the chances of :func:`~smarketing.planning.add_chances`.
    agreement : Agreement
    at : pandas.Timestamp, optional
        Naive UTC; None for tables without dates.
    """
    if agreement.capacity.qualification is not None and "p_pass" not in rows:
        return tr(
            "What qualification passes on is not recorded, so no line can be recommended and no "
            "money promised: record the hand-overs (sales_ready)."
        )
    signal = signal_of(rows, agreement, at)
    if signal is not None and signal.p <= LEVEL:
        return None
    if signal is None:
        return tr(
            "No lead is old enough to tell whether the score finds customers, so no line can be "
            "recommended and no money promised."
        )
    return tr(
        "The score does not tell customers from other leads (AUC {auc}, 0.5 is chance; {won} "
        "customers, {others} others), so no line can be recommended and no money promised.",
        auc=fixed(signal.auc, 2),
        won=count(signal.customers),
        others=count(signal.others),
    )


def signal_of(
    rows: pd.DataFrame, agreement: Agreement, at: pd.Timestamp | None = None
) -> Signal | None:
    """Return whether leads that became customers had higher scores than the others.

    Mann and Whitney's test, one-sided, on the best score of each spell whose outcome is known.
    Of leads that bought together only the first counts: their scores are not independent, and
    choosing the best of them would be choosing what is to be shown.

    Examples
    --------
    >>> signal_of(rows, agreement, at).auc  # doctest: +SKIP
    0.71
    """
    ended = label(rows, agreement.lines.sql, agreement, at)["outcome"]
    points = rows["points" if "points" in rows else "score"]
    known = pd.DataFrame(
        {
            "lead_id": rows["lead_id"],
            "spell": rows["spell"],
            "points": points.astype(float),
            "won": ended.astype(float),
            "purchase": rows["purchase"] if "purchase" in rows else float("nan"),
        }
    ).dropna(subset=["points", "won"])
    spells = known.groupby(["lead_id", "spell"]).agg(
        {"points": "max", "won": "max", "purchase": "first"}
    )
    alone = spells["purchase"].isna() | (spells["won"] == 0)
    spells = spells[alone | ~spells["purchase"].where(~alone).duplicated()]
    won, others = (spells.loc[spells["won"] == value, "points"] for value in (1.0, 0.0))
    if won.empty or others.empty:
        return None
    tested = mannwhitneyu(won, others, alternative="greater")
    auc = float(tested.statistic) / (len(won) * len(others))
    return Signal(auc, float(tested.pvalue), len(won), len(others))
