"""Who holds each open lead, since when, and whether longer than agreed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smarketing.measures.facts import Facts
from smarketing.measures.path import PATH, moment
from smarketing.results import Result


@dataclass(frozen=True)
class Holding(Result):
    """The open leads with their holders.

    Attributes
    ----------
    as_of : pandas.Timestamp
        Naive UTC.
    leads : pandas.DataFrame
        ``lead_id``, ``spell``, ``stage`` (the furthest entered), ``owner`` (by the agreement;
        None where it names none), ``expected`` (of them), ``owner_id`` (the rep, where recorded),
        ``since`` (naive UTC), ``days``, ``max_days``, ``over_days`` (positive: too long),
        ``stuck``. Longest over first.
    """

    as_of: pd.Timestamp
    leads: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return one row per open lead."""
        return self.leads

    @property
    def stuck(self) -> pd.DataFrame:
        """The leads held longer than agreed, the longest over first."""
        return self.leads[self.leads.stuck].reset_index(drop=True)

    def by_stage(self) -> pd.DataFrame:
        """Return a row per stage with open leads.

        ``stage``, ``owner``, ``expected``, ``n`` open, ``stuck``, ``median_days``, ``max_days``.
        """
        grouped = self.leads.groupby("stage", sort=False)
        table = grouped.agg(
            owner=("owner", "first"),
            expected=("expected", "first"),
            n=("lead_id", "size"),
            stuck=("stuck", "sum"),
            median_days=("days", "median"),
            max_days=("max_days", "first"),
        ).reset_index()
        return table.sort_values("stage", key=lambda s: s.map(PATH.index), ignore_index=True)


def holding(facts: Facts) -> Holding:
    """Tell who holds which open lead at the data's end, and since when.

    A lead is held by the owner of the furthest stage it has entered, since it entered it; a
    lead without a date since no known day. Use
    :func:`smarketing.measures.facts.known_at` for an earlier moment.

    Examples
    --------
    >>> holding(facts).stuck[["lead_id", "owner", "over_days"]]  # doctest: +SKIP
    """
    runs = facts.open
    stages = [stage for stage in facts.recorded if stage != "customer"]
    entered = runs[[moment(stage) for stage in stages]]
    times = entered.to_numpy()
    known = entered.notna().to_numpy(copy=True)
    known[:, 0] = True  # a lead without a date is one all the same
    place = len(stages) - 1 - known[:, ::-1].argmax(axis=1)
    stage = np.array(stages, dtype=object)[place] if len(runs) else np.array([], dtype=object)
    since = times[np.arange(len(runs)), place] if len(runs) else []
    agreed = facts.agreement.stages
    max_days = {name: one.max_days for name, one in agreed.items()}
    table = pd.DataFrame(
        {
            "lead_id": runs.lead_id.to_numpy(),
            "spell": runs.spell.to_numpy(),
            "stage": stage,
            "owner": [agreed[one].owner if one in agreed else None for one in stage],
            "expected": [agreed[one].expected if one in agreed else None for one in stage],
            "owner_id": runs.owner_id.to_numpy() if "owner_id" in runs else None,
            "since": pd.to_datetime(pd.Series(since)).astype("datetime64[us]"),
            "max_days": pd.Series([max_days.get(one) for one in stage], dtype=float),
        }
    )
    table.insert(
        table.columns.get_loc("max_days"),
        "days",
        (facts.data_until - table.since) / pd.Timedelta(days=1),
    )
    table["over_days"] = table.days - table.max_days
    table["stuck"] = table.over_days > 0
    return Holding(
        facts.data_until,
        table.sort_values(["over_days", "lead_id"], ascending=[False, True], ignore_index=True),
    )
