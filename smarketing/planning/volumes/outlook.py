"""What the coming months are drawn from, at the lines recommended."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.language.catalogue import tr
from smarketing.planning.goals.reach import months_left
from smarketing.planning.lines.thresholds import Thresholds
from smarketing.planning.volumes.demand_forecast import TREND_FROM_MONTHS, forecast_demand
from smarketing.planning.volumes.simulate import Outlook
from smarketing.planning.volumes.volume_history import RATE_MONTHS, Rate, VolumeHistory

REVIEW_MONTHS = 3
"""Months that promises are for, where the agreement names no review."""


def expected_demand(history: VolumeHistory) -> float:
    """Return the leads expected in the coming months ÷ those of the recent ones.

    Kept within a half and twice: a forecast beyond that is a reason to look, not to plan.
    """
    recent = history.leads.iloc[-RATE_MONTHS:].mean()
    if not recent > 0:
        return 1.0
    return float(
        np.clip(forecast_demand(history.leads, REVIEW_MONTHS).mean.mean() / recent, 0.5, 2.0)
    )


def demand_variation(history: VolumeHistory) -> float | None:
    """Return how much a coming month's leads vary beyond chance, as variance ÷ squared mean.

    What a month's luck, the doubt of the level, and the coming months' own trend and season
    add up to. None where the history is too short to tell luck from trend.
    """
    if len(history.leads) < TREND_FROM_MONTHS:
        return None
    leads = forecast_demand(history.leads, REVIEW_MONTHS)
    mean = float(leads.mean.mean())
    if not mean > 0:
        return None
    return float(leads.dispersion + np.mean(leads.error**2) + leads.mean.var() / mean**2)


def make_outlook(
    thresholds: Thresholds, agreement: Agreement, history: VolumeHistory
) -> tuple[Outlook, int, tuple[str, ...]]:
    """Return what the coming months are drawn from at the lines, with the months to promise for.

    Returns
    -------
    (Outlook, int, tuple of str)
        The outlook covers the review period and the goals; notes say what was assumed.
    """
    notes = []
    if history.months[-1] < f"{history.at - pd.DateOffset(months=1):%Y-%m}":
        notes.append(
            tr(
                "The last lead is of {month}, long before the data end: volumes are those of the "
                "months after it.",
                month=history.months[-1],
            )
        )
    review = agreement.review.agreement_every_months or REVIEW_MONTHS
    flow = thresholds.flow.set_index("month")
    horizon = max(review, months_left(agreement, history.months[-1]))
    recent = flow.iloc[-RATE_MONTHS:]
    ready = float(recent["sales_ready"].sum())
    # Weak leads close less even once they are SQLs: each counts with its own chance.
    won = float((recent["direct_won"] + recent["passed_won"]).sum())
    leads = float(history.leads.reindex(recent.index).fillna(0).sum())
    amounts = history.amounts
    if len(amounts) == 0 and agreement.economics is not None:
        amounts = np.array([float(agreement.economics.revenue_per_customer)])
        notes.append(
            tr(
                "No won deal with an amount is recorded: revenue takes the agreement's revenue per "
                "customer for every customer."
            )
        )
    notes.append(
        tr(
            "Customers are those of a month's hand-overs, whenever they buy; in a month of steady "
            "volume as many close."
        )
    )
    one = thresholds.terms.one_line
    outlook = Outlook(
        sales_ready=forecast_demand(flow["sales_ready"], horizon, float(flow["noise"].sum())),
        close=Rate(min(won, ready), ready),
        mqls=None if one else forecast_demand(flow["mqls"], horizon),
        leads=forecast_demand(history.leads, horizon),
        visitors=None if history.visitors is None else forecast_demand(history.visitors, horizon),
        acceptance=history.acceptance,
        sql=history.sql,
        opportunity=history.opportunity,
        amounts=amounts,
        closing=thresholds.terms.closing,
        per_lead=Rate(min(ready, leads), leads) if leads else None,
    )
    return outlook, review, tuple(notes)
