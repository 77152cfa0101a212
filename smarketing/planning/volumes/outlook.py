"""What the coming months are drawn from: each measure's own counts, at the lines recommended.

A measure is forecast from its own past counts, so a forecast at today's lines needs no line at
all. Lines that move change the part that came by the line
(:mod:`~smarketing.planning.lines.came_by`) as much as they change what the leads of history would
have given; the part beside it stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import about
from smarketing.planning.goals.reach import months_left
from smarketing.planning.lines.came_by import PARTED
from smarketing.planning.lines.line_record import LineRecord
from smarketing.planning.volumes.demand_forecast import (
    TREND_FROM_MONTHS,
    DemandForecast,
    forecast_demand,
)
from smarketing.planning.volumes.rate import Rate
from smarketing.planning.volumes.simulate import FORECAST, Outlook
from smarketing.planning.volumes.volume_history import RATE_MONTHS, VolumeHistory

REVIEW_MONTHS = 3
"""Months that promises are for, where the agreement names no review."""
FOLLOWS = {
    "mqls": "mqls",
    "sales_ready": "sales_ready",
    "accepted": "sales_ready",
    "sqls": "customers",
    "opportunities": "customers",
    "customers": "customers",
    "deals": "customers",
}
"""Which part that came by the line each measure moves with: weaker leads come less far."""


PARTS = {
    "mqls": mark("Of {all} MQLs a month, {line} crossed the line and {beside} did not."),
    "sales_ready": mark(
        "Of {all} sales-ready leads a month, {line} crossed the lines and {beside} did not."
    ),
    "customers": mark("Of {all} customers a month, {line} crossed the lines and {beside} did not."),
}
"""What is said of each measure's two parts."""


@dataclass(frozen=True)
class Moved:
    """How the lines recommended change what comes, against today's.

    Attributes
    ----------
    by_line, in_all : dict of str to float
        Of each measure that has parts: what came by the line a month, and in all.
    factor : dict of str to float
        What the lines recommended bring in all ÷ what today's do; 1 where lines stay.
    """

    by_line: Mapping[str, float] = field(default_factory=dict)
    in_all: Mapping[str, float] = field(default_factory=dict)
    factor: Mapping[str, float] = field(default_factory=dict)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What came by the line and what beside it, a sentence for each measure."""
        return tuple(
            tr(
                PARTS[name],
                all=about(self.in_all[name]),
                line=about(self.by_line[name]),
                beside=about(self.in_all[name] - self.by_line[name]),
            )
            for name in PARTED
            if self.in_all.get(name)
        )


def parts_of(by_line: pd.DataFrame, history: VolumeHistory) -> Moved:
    """Return what came by the line of each measure that the tables record, the lines unmoved."""
    names = [name for name in PARTED if history.recorded(name)]
    in_all = history.actuals.loc[by_line.index, names].mean()
    return Moved(by_line[names].mean().to_dict(), in_all.to_dict(), dict.fromkeys(names, 1.0))


def moved_by(parts: Moved, record: LineRecord, today: pd.DataFrame, taken: pd.DataFrame) -> Moved:
    """Return the parts with how much more or less comes at other lines.

    Parameters
    ----------
    parts : Moved
    record : LineRecord
    today, taken : pandas.DataFrame
        What today's lines and the others would have given (:meth:`LineTable.flow`).
    """

    def at(flow: pd.DataFrame) -> dict[str, float]:
        sums = flow.iloc[-RATE_MONTHS:].drop(columns="month").sum()
        return {
            "mqls": sums["mqls"] or sums["direct"],
            "sales_ready": record.handed * sums["direct"] + sums["passed"],
            "customers": sums["direct_won"] + sums["passed_won"],
        }

    before, after = at(today), at(taken)
    factor = {}
    for name, line in parts.by_line.items():
        share = min(line / parts.in_all[name], 1.0) if parts.in_all[name] > 0 else 0.0
        ratio = after[name] / before[name] if before[name] > 0 else 1.0
        factor[name] = 1 - share + share * ratio
    return Moved(parts.by_line, parts.in_all, factor)


def expected_demand(history: VolumeHistory) -> float:
    """Return the leads expected in the coming months ÷ those of the recent ones.

    Kept within a half and twice: a forecast beyond that is a reason to look, not to plan.
    """
    recent = history.recent("leads") / min(RATE_MONTHS, len(history.months))
    if not recent > 0:
        return 1.0
    coming = forecast_demand(history.series("leads"), REVIEW_MONTHS)
    return float(np.clip(coming.mean.mean() / recent, 0.5, 2.0))


def demand_variation(history: VolumeHistory) -> float | None:
    """Return how much a coming month's leads vary beyond chance, as variance ÷ squared mean.

    What a month's luck, the doubt of the level, and the coming months' own trend and season
    add up to. None where the history is too short to tell luck from trend.
    """
    if len(history.months) < TREND_FROM_MONTHS:
        return None
    leads = forecast_demand(history.series("leads"), REVIEW_MONTHS)
    mean = float(leads.mean.mean())
    if not mean > 0:
        return None
    return float(leads.dispersion + np.mean(leads.error**2) + leads.mean.var() / mean**2)


def make_outlook(
    history: VolumeHistory, agreement: Agreement, moved: Moved
) -> tuple[Outlook, int, tuple[str, ...]]:
    """Return what the coming months are drawn from, with the months to promise for.

    Returns
    -------
    (Outlook, int, tuple of str)
        The outlook covers the review period and the goals; notes say what was assumed.
    """
    notes = list(moved.sentences)
    if history.months[-1] < f"{history.at - pd.DateOffset(months=1):%Y-%m}":
        notes.append(
            tr(
                "The last lead is of {month}, long before the data end: volumes are those of the "
                "months after it.",
                month=history.months[-1],
            )
        )
    review = agreement.review.agreement_every_months or REVIEW_MONTHS
    horizon = max(review, months_left(agreement, history.months[-1]))

    factor = {name: moved.factor.get(part, 1.0) for name, part in FOLLOWS.items()}

    unmoved: dict[str, DemandForecast] = {}

    def forecast(name: str, measure: str) -> DemandForecast | None:
        if not history.recorded(measure):
            return None
        coming = forecast_demand(history.series(measure), horizon)
        if factor.get(name, 1.0) == 1.0:
            return coming
        unmoved[name] = coming
        return coming.scaled(factor[name])

    ready, won = (
        history.recent(name) * factor[name] if history.recorded(name) else 0.0
        for name in ("sales_ready", "customers")
    )
    leads = history.recent("leads")
    outlook = Outlook(
        **{name: forecast(name, name) for name in FORECAST},
        deals=forecast("deals", "revenue_deals"),
        close=Rate(min(won, ready), ready) if history.recorded("customers") else None,
        acceptance=history.acceptance,
        opportunity=history.opportunity,
        amounts=history.amounts,
        closing=float(agreement.capacity.closing.leads_per_month),
        per_lead=Rate(min(ready, leads), leads) if leads and ready else None,
        moved={name: times for name, times in factor.items() if times != 1},
        unmoved=unmoved,
    )
    return outlook, review, tuple(notes)
