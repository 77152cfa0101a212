"""What history says about volumes: each measure month by month, rates, deal sizes.

A forecast is of the very measure that is promised, so everything is counted by
:func:`smarketing.measures.count.count`, as the pages count it: nothing in this room reads stages,
deals or months by itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.clock import month_bounds, month_of, months_between
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr
from smarketing.measures.catalogue import OF_STAGE, measure_of, qualified_anew
from smarketing.measures.count import count
from smarketing.measures.facts import Facts, known_at
from smarketing.measures.path import moment, reached_at
from smarketing.measures.reading import read_facts
from smarketing.planning.volumes.rate import Rate
from smarketing.warehouse.warehouse import Warehouse

RATE_MONTHS = 12
"""Rates are counted on the hand-overs of so many months."""
KEPT_MONTHS = 12
"""So many months a forecast is made from, whatever it takes to fill the pipe."""
FILLED_SHARE = 0.9
"""The pipe is full when so large a share of what comes would have come by then."""
DISPOSITION_DAYS = 30
"""After so many days a hand-over is taken to be answered, where the agreement says nothing."""


@dataclass(frozen=True)
class VolumeHistory:
    """What happened up to a moment.

    Attributes
    ----------
    at : pandas.Timestamp
        Naive UTC; nothing later is looked at.
    facts : Facts
        As known then.
    months : tuple of str
        Whole months, ascending, up to the last one with leads.
    actuals : pandas.DataFrame
        One row per month, one column per measure that the tables record: the measure's own
        count, as every page has it.
    acceptance, opportunity : Rate or None
        Per hand-over old enough to tell; None where the stage is not recorded.
    amounts : numpy.ndarray
        Amounts of the deals won, in the agreement's currency.
    filling : dict of str to int
        Measure -> how many of the first months tell too little of it: their leads were on the
        way, and none of earlier ones is on record.
    """

    at: pd.Timestamp
    facts: Facts
    months: tuple[str, ...]
    actuals: pd.DataFrame
    acceptance: Rate | None
    opportunity: Rate | None
    amounts: np.ndarray
    filling: Mapping[str, int] = field(default_factory=dict)

    def recorded(self, measure: str) -> bool:
        """Return whether the tables record a measure at all."""
        return measure in self.actuals and bool((self.actuals[measure] > 0).any())

    def series(self, measure: str) -> pd.Series:
        """Return a measure by month, from the first month that has any and tells enough of it.

        A history begins with its first lead, and its customers come weeks later: months in which
        the pipe was filling would look like growth. A year is kept all the same.
        """
        values = self.actuals[measure]
        full = values.index[min(self.filling.get(measure, 0), max(len(values) - KEPT_MONTHS, 0)) :]
        return values[values.gt(0).cummax() & values.index.isin(full)]

    def recent(self, measure: str) -> float:
        """Return what came of a measure in the last twelve months."""
        return float(self.actuals[measure].iloc[-RATE_MONTHS:].sum())


def read_history(warehouse: Warehouse, agreement: Agreement, at: pd.Timestamp) -> VolumeHistory:
    """Read the history of a company with dates, as it was known at a moment.

    Raises
    ------
    CannotAnswer
        If there is no whole month of leads.
    """
    facts = known_at(read_facts(warehouse, agreement), at + pd.Timedelta(microseconds=1))
    started = facts.trusted["started_at"]
    months = whole_months(started, at, agreement.timezone)
    leads = count(facts, "leads", months=months).by_month()
    # Wins are often exported for longer than leads: months after the last lead are no months
    # without leads.
    months = [m for m in months if m <= leads[leads > 0].index.max()] if (leads > 0).any() else []
    if not months:
        raise CannotAnswer(tr("the history holds no whole month of leads"))
    return as_known(facts, at, months)


def as_known(facts: Facts, at: pd.Timestamp, months: list[str]) -> VolumeHistory:
    """Return the history that the facts of a moment tell of some months."""
    sales = facts.agreement.sla.sales
    answered = (sales and sales.disposition_within_days) or DISPOSITION_DAYS
    return VolumeHistory(
        at=at,
        facts=facts,
        months=tuple(months),
        actuals=monthly_actuals(facts, months),
        acceptance=_rate(facts, "accepted", answered),
        opportunity=_rate(facts, "opportunity", facts.agreement.lines.sql.window_days),
        amounts=_amounts(facts),
        filling=_filling(facts, months),
    )


def _filling(facts: Facts, months: list[str]) -> dict[str, int]:
    """Return for each measure how many months its leads take to come that far."""
    filling = {}
    for stage in facts.recorded:
        runs = facts.spells
        took = (runs[moment(stage)] - runs["started_at"]).dropna() / pd.Timedelta(days=30.4)
        if len(took) and months:
            filling[OF_STAGE[stage]] = math.ceil(took.quantile(FILLED_SHARE) - 0.1)
    late = filling.get("customers", 0)
    return {**filling, "revenue": late, "revenue_deals": late}


def monthly_actuals(facts: Facts, months: list[str]) -> pd.DataFrame:
    """Return every measure that the tables record, by month: rows months, columns measures."""
    names = [OF_STAGE[stage] for stage in facts.recorded]
    names += ["visitors"] if facts.visits is not None else []
    names += ["revenue", "revenue_deals"] if len(_amounts(facts)) else []
    counts = {measure_of(n).name: count(facts, n, months=months).by_month() for n in names}
    return pd.DataFrame(counts, index=months).astype(float)


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


def _rate(facts: Facts, stage: str, within_days: float) -> Rate | None:
    """Return how many of the year's hand-overs old enough to tell reached a stage in time."""
    if stage not in facts.recorded:
        return None
    runs, days = facts.spells, pd.Timedelta(days=within_days)
    due = runs["sales_ready_at"] + days
    recent = runs["sales_ready_at"] >= facts.data_until - pd.DateOffset(months=RATE_MONTHS) - days
    old = (due <= facts.data_until) & recent
    if stage == "accepted":  # as promised: of what counts for marketing, and sales answered
        answered = runs[["rejected_at", "recycled_at", "disqualified_at"]].notna().any(axis=1)
        old &= qualified_anew(runs) & (answered | reached_at(runs, stage).notna())
    if not old.any():
        return None
    return Rate(float((old & (reached_at(runs, stage) <= due)).sum()), float(old.sum()))


def _amounts(facts: Facts) -> np.ndarray:
    if facts.wins is None:
        return np.array([])
    counted = facts.wins[facts.wins["counted"] & facts.wins["closed_at"].notna()]
    return counted.sort_values("deal_id")["cents"].to_numpy(dtype=float) / 100
