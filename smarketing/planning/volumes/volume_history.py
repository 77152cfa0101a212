"""What history says about volumes: monthly counts, rates between stages, deal sizes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.clock import month_bounds, month_of, months_between
from smarketing.scoring.targets import reached_at
from smarketing.warehouse.spells import spell_frame
from smarketing.warehouse.warehouse import Warehouse

RATE_MONTHS = 12
"""Rates are counted on the hand-overs of so many months."""
DISPOSITION_DAYS = 30
"""After so many days a hand-over is taken to be answered, where the agreement says nothing."""


@dataclass(frozen=True)
class Rate:
    """A chance per trial: what was counted, or a value known exactly.

    Attributes
    ----------
    successes, trials : float
        The evidence; the posterior is Beta(successes + 1/2, failures + 1/2).
    exact : float or None
        The rate itself, when it is given instead of counted.

    Examples
    --------
    >>> Rate(5, 20).mean, Rate.known(0.25).draw(2, np.random.default_rng(0)).tolist()
    (0.2619047619047619, [0.25, 0.25])
    """

    successes: float = 0.0
    trials: float = 0.0
    exact: float | None = None

    @classmethod
    def known(cls, rate: float) -> Rate:
        """Return a rate without doubt."""
        return cls(exact=float(rate))

    @property
    def mean(self) -> float:
        """The posterior mean."""
        if self.exact is not None:
            return self.exact
        return (self.successes + 0.5) / (max(self.trials, self.successes) + 1)

    def draw(self, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws of the rate, shape (draws,)."""
        if self.exact is not None:
            return np.full(draws, self.exact)
        failures = max(self.trials - self.successes, 0.0)
        return rng.beta(self.successes + 0.5, failures + 0.5, draws)


@dataclass(frozen=True)
class VolumeHistory:
    """What happened up to a moment.

    Attributes
    ----------
    at : pandas.Timestamp
        Naive UTC; nothing later is looked at.
    months : tuple of str
        Whole months, ascending, up to the last one with leads.
    leads, visitors : pandas.Series or None
        By month.
    acceptance, sql, opportunity : Rate or None
        Per hand-over old enough to tell; None where the stage is not recorded.
    amounts : numpy.ndarray
        Amounts of the deals won.
    spells : pandas.DataFrame
    """

    at: pd.Timestamp
    months: tuple[str, ...]
    leads: pd.Series
    visitors: pd.Series | None = None
    acceptance: Rate | None = None
    sql: Rate | None = None
    opportunity: Rate | None = None
    amounts: np.ndarray = field(default_factory=lambda: np.array([]))
    spells: pd.DataFrame = field(default_factory=pd.DataFrame)


def read_history(warehouse: Warehouse, agreement: Agreement, at: pd.Timestamp) -> VolumeHistory:
    """Read the history of a company with dates.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : smarketing.agreement.Agreement
        Time zone, windows and the days of disposition.
    at : pandas.Timestamp
        Naive UTC.
    """
    zone = agreement.timezone
    spells = spell_frame(warehouse)
    since = warehouse.history_from or pd.Timestamp.min
    spells = spells[(spells["started_at"] >= since) & (spells["started_at"] <= at)]
    spells = spells.sort_values(["lead_id", "spell"]).reset_index(drop=True)
    first = spells[spells["spell"] == 1]
    months = whole_months(first["started_at"], at, zone)
    leads = counts_by_month(first["started_at"], months, zone)
    # Wins are often exported for longer than leads: months after the last lead are no months
    # without leads.
    months = [m for m in months if m <= leads[leads > 0].index.max()] if (leads > 0).any() else []
    leads = leads.reindex(months)
    visitors = None
    if warehouse.has("visits"):
        visits = warehouse.table("visits").execute()
        month = pd.to_datetime(visits["day"]).dt.strftime("%Y-%m")
        visitors = visits.groupby(month)["visitors"].sum()
        visitors = visitors.reindex([m for m in months if m in visitors.index]).astype(float)
    handed = reached_at(spells, "sales_ready")
    sales = agreement.sla.sales
    days = (sales and sales.disposition_within_days) or DISPOSITION_DAYS
    window = agreement.lines.sql.window_days

    def rate(stage: str, within: float) -> Rate | None:
        if spells[f"{stage}_at"].isna().all():
            return None
        due = handed + pd.Timedelta(days=within)
        recent = handed >= at - pd.DateOffset(months=RATE_MONTHS) - pd.Timedelta(days=within)
        old = (due <= at) & recent
        return Rate(float((old & (reached_at(spells, stage) <= due)).sum()), float(old.sum()))

    return VolumeHistory(
        at=at,
        months=tuple(months),
        leads=leads,
        visitors=visitors if visitors is not None and len(visitors) else None,
        acceptance=rate("accepted", days),
        sql=rate("sql", window),
        opportunity=rate("opportunity", window),
        amounts=_amounts(warehouse, at),
        spells=spells,
    )


def whole_months(times: pd.Series, at: pd.Timestamp, zone: str) -> list[str]:
    """Return the months from the first time to the last one over by `at`.

    A history that starts within a month starts with the next one; data that end on a month's
    last day count the month as whole.

    Examples
    --------
    >>> whole_months(pd.Series(pd.to_datetime(["2026-07-20"])), pd.Timestamp("2026-10-31 20:00"),
    ...              "Europe/Copenhagen")
    ['2026-08', '2026-09', '2026-10']
    """
    if times.dropna().empty:
        return []
    first, now = month_of(pd.Series([times.min(), at]), zone)
    if month_bounds(first, zone)[0] + pd.Timedelta(days=3) < times.min():
        first = str(pd.Period(first, "M") + 1)
    if month_bounds(now, zone)[1] - pd.Timedelta(days=1) > at:
        now = str(pd.Period(now, "M") - 1)
    return months_between(first, now) if first <= now else []


def counts_by_month(times: pd.Series, months: list[str], zone: str) -> pd.Series:
    """Return how many times fall in each local month.

    Examples
    --------
    >>> counts_by_month(pd.Series(pd.to_datetime(["2026-07-20"])), ["2026-07", "2026-08"],
    ...                 "Europe/Copenhagen").tolist()
    [1.0, 0.0]
    """
    counts = month_of(times.dropna(), zone).value_counts()
    return counts.reindex(list(months), fill_value=0).astype(float)


def _amounts(warehouse: Warehouse, at: pd.Timestamp) -> np.ndarray:
    if not warehouse.has("deals"):
        return np.array([])
    deals = warehouse.table("deals")
    won = deals.filter(deals.won & (deals.closed_at <= at) & deals.amount.notnull())
    return np.sort(won.order_by("deal_id").amount.execute().to_numpy(dtype=float))
