"""What nurturing brings: who reaches the line later, and what recycled leads become."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.funnel.rates import wilson
from smarketing.language.catalogue import mark, tr
from smarketing.measures.count import GROUPS, check_group
from smarketing.measures.facts import KEY, Facts
from smarketing.measures.path import moment, window_days
from smarketing.results import Result

EVERYBODY = mark("(all)")


@dataclass(frozen=True)
class Nurture(Result):
    """The leads below the line, and the recycled ones.

    Attributes
    ----------
    by : str
        source, campaign_id, persona or grade.
    below : pandas.DataFrame
        ``group``; ``n`` spells that were not MQLs within their first day and whose window is
        over; ``k`` of them MQLs within it; ``rate``, its 95 % Wilson interval ``low`` to
        ``high``; ``median_days`` to it; ``n_immature`` not in ``n``. Most spells first, under a
        row "(all)".
    recycled : pandas.DataFrame
        ``step``: recycled, back (a new spell), mql, sales_ready, customer; ``k`` recycled leads
        that got there in a later spell, of ``n`` that are old enough (the cool-down and the
        window to a customer are over); ``rate``, ``low``, ``high``.
    n_immature : int
        Recycled leads too young for the second table.
    customers : int
        What those old enough brought in their later spells: purchases, each once.
    revenue : float or None
        … and the revenue of them, in the agreement's currency; None where no deal is recorded.
    """

    by: str
    below: pd.DataFrame
    recycled: pd.DataFrame
    n_immature: int
    customers: int = 0
    revenue: float | None = None

    def frame(self) -> pd.DataFrame:
        """Return what became of the leads below the line, by group."""
        return self.below


def nurture(facts: Facts, by: str = "source") -> Nurture:
    """Tell what share of leads below the line reach it later, and of recycled leads come back.

    Over the trusted history. A lead is below the line while it is no MQL; those that are one
    from their first day on were never nurtured.

    Parameters
    ----------
    facts : Facts
    by : {"source", "campaign_id", "persona", "grade"}
        The grade of the first day takes facts :func:`smarketing.measures.facts.with_grades`.

    Raises
    ------
    CannotAnswer
        If no record shows when a lead became an MQL.

    Examples
    --------
    >>> nurture(facts, by="persona").frame()  # doctest: +SKIP
    """
    check_group(by, facts)
    if "mql" not in facts.recorded:
        raise CannotAnswer(tr("no record shows when a lead became an MQL"))
    runs = facts.trusted
    first_day = runs.started_at + pd.Timedelta(hours=facts.agreement.snapshots.first_after_hours)
    below = runs[~(runs.mql_at <= first_day) & ~(runs.ended_at <= first_day)]
    window = pd.Timedelta(days=float(facts.agreement.lines.mql.window_days))
    due = below.started_at + window
    old = due <= facts.data_until
    hit = below.mql_at <= due
    table = pd.DataFrame(
        {
            "group": below[by].fillna(GROUPS[by]),
            "n": old.astype(int),
            "k": (hit & old).astype(int),
            "n_immature": (~old).astype(int),
            "days": ((below.mql_at - below.started_at) / pd.Timedelta(days=1)).where(hit & old),
        }
    )
    everything = pd.concat([table.assign(group=EVERYBODY), table], ignore_index=True)
    by_group = everything.groupby("group").agg(
        n=("n", "sum"), k=("k", "sum"), n_immature=("n_immature", "sum"),
        median_days=("days", "median"),
    ).reset_index()  # fmt: skip
    by_group["rate"], by_group["low"], by_group["high"] = wilson(by_group.k, by_group.n)
    by_group["top"] = by_group.group == EVERYBODY
    by_group = by_group.sort_values(["top", "n", "group"], ascending=[False, False, True])
    order = ["group", "k", "n", "n_immature", "rate", "low", "high", "median_days"]
    return Nurture(by, by_group[order].reset_index(drop=True), *_recycled(facts, runs))


def _recycled(facts: Facts, runs: pd.DataFrame) -> tuple[pd.DataFrame, int, int, float | None]:
    agreed = facts.agreement.recycle
    days = (agreed.cool_down_days if agreed else 0) + window_days(facts.agreement, "customer")
    first = runs[runs.recycled_at.notna()].groupby("lead_id").recycled_at.min()
    old = first[first + pd.Timedelta(days=days) <= facts.data_until]
    later = runs.merge(old.rename("since"), left_on="lead_id", right_index=True)
    later = later[later.started_at >= later.since]
    stages = [s for s in ("mql", "sales_ready", "customer") if s in facts.recorded]
    counts = {"recycled": len(old), "back": later.lead_id.nunique()}
    for stage in stages:
        got_there = later.is_customer if stage == "customer" else later[moment(stage)].notna()
        counts[stage] = later.lead_id[got_there].nunique()
    table = pd.DataFrame({"step": list(counts), "k": list(counts.values()), "n": len(old)})
    table["rate"], table["low"], table["high"] = wilson(table.k, table.n)
    customers = int(_in(facts.customers, later).sum())
    earned = None
    if facts.wins is not None:
        wins = facts.wins[_in(facts.wins, later) & facts.wins.counted]
        earned = int(wins.cents.sum()) / 100
    return table, len(first) - len(old), customers, earned


def _in(rows: pd.DataFrame, spells: pd.DataFrame) -> pd.Series:
    """Return which rows are of one of the spells."""
    known = pd.MultiIndex.from_frame(spells[KEY])
    return pd.Series(pd.MultiIndex.from_frame(rows[KEY]).isin(known), index=rows.index)
