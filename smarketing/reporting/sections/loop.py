"""From first touch to revenue: the funnel, both teams' key figures, velocity, nurture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smarketing.language.numbers import DASH, count, month_name, noun, percent
from smarketing.reporting.page import (
    Html,
    bullets,
    heading,
    joined,
    unanswered,
)
from smarketing.reporting.sections.deep_dive import campaigns
from smarketing.reporting.sections.names import STAGE_NAMES, figure_of
from smarketing.reporting.sections.teams import breakdowns, key_figures, nurture, who_holds
from smarketing.reporting.tables import table

if TYPE_CHECKING:
    from smarketing.reporting.monthly import MonthlyReport

__all__ = ["campaigns", "funnel", "velocity"]


def funnel(report: MonthlyReport) -> Html:
    """Return the month's leads along the stages, with rates and their intervals."""
    stages = report.loop.stages
    if stages is None:
        return _by_source(report)
    by = stages.counts.set_index("stage").cohort
    came, won = by.get("lead"), by.get("customer")
    title = (
        f"Of {noun(came, 'lead')} of {month_name(report.month)}, {count(won or 0)} bought so far"
    )
    counts = stages.counts.assign(stage=stages.counts.stage.map(STAGE_NAMES))
    labels = {
        "stage": "Stage",
        "cohort": "Of the leads of the month",
        "calendar": "In the month",
        "skipped": "Without a record of it",
    }
    rates = stages.rates.assign(
        step=[
            f"{STAGE_NAMES[a]} → {STAGE_NAMES[b]}"
            for a, b in zip(stages.rates["from"], stages.rates["to"], strict=True)
        ],
        interval=[
            f"{percent(low)} to {percent(high)}" if pd.notna(low) else DASH
            for low, high in zip(stages.rates.low, stages.rates.high, strict=True)
        ],
    )
    return joined(
        [
            heading(title),
            figure_of(stages.plot),
            table(counts, labels, caption="Counted both ways"),
            key_figures(report.loop),
            table(
                rates,
                {"step": "Step", "k": "Moved on", "n": "of", "rate": "Rate",
                 "interval": "95 % interval", "n_immature": "Too young to tell"},
                {"rate": "percent"},
                "Rates of the month's leads, as known today",
            ),
            bullets(stages.left_out.values()),
            who_holds(report.loop),
            velocity(report),
            breakdowns(report.loop),
            nurture(report.loop),
        ]
    )  # fmt: skip


def _by_source(report: MonthlyReport) -> Html:
    """Return what leads without dates still tell: who became a customer, by source."""
    rates = report.loop.rates
    whole = rates.iloc[0]
    labels = {
        "source": "Source", "k": "Customers", "n": "of leads", "rate": "Rate",
        "low": "from", "high": "to",
    }  # fmt: skip
    formats = dict.fromkeys(("rate", "low", "high"), "percent")
    return joined(
        [
            heading(f"{count(whole.k)} of {count(whole.n)} leads became customers"),
            table(rates, labels, formats, "By source, with 95 % intervals"),
            unanswered(report.cannot.get("stages", "")),
        ]
    )


def velocity(report: MonthlyReport) -> Html:
    """Return how long the steps take, young leads rightly counted."""
    if report.loop.velocity is None:
        return unanswered(report.cannot.get("velocity", ""))
    steps = report.loop.velocity.frame()
    steps = steps.assign(
        step=[
            f"{STAGE_NAMES[a]} → {STAGE_NAMES[b]}"
            for a, b in zip(steps["from"], steps["to"], strict=True)
        ]
    )
    labels = {
        "step": "Step",
        "arrived": "Arrived",
        "n": "of",
        "plateau": "Arrive in the end",
        "arrivals_median_days": "Half of those within, days",
        "arrivals_p90_days": "Nine of ten within, days",
    }
    formats = {
        "plateau": "percent",
        "arrivals_median_days": "number",
        "arrivals_p90_days": "number",
    }
    return heading("How long the steps take", 3) + table(
        steps, labels, formats, "All leads of the trusted history"
    )
