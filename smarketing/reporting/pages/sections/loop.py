"""From first touch to revenue: the funnel, both teams' key figures, velocity, nurture."""

from __future__ import annotations

import pandas as pd

from smarketing.language.catalogue import tr
from smarketing.language.numbers import DASH, count, month_name, percent
from smarketing.language.plurals import trn
from smarketing.language.speaker import in_its_language
from smarketing.reporting.html.page import Html, bullets, heading, joined, unanswered
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.monthly_numbers import MonthlyReport
from smarketing.reporting.pages.sections.deep_dive import campaigns
from smarketing.reporting.pages.sections.names import (
    REST,
    STAGE_NAMES,
    figure_of,
    name_of,
    span,
    step,
)
from smarketing.reporting.pages.sections.teams import breakdowns, key_figures, nurture, who_holds

__all__ = ["campaigns", "funnel", "velocity"]


@in_its_language
def funnel(report: MonthlyReport) -> Html:
    """Return the month's leads along the stages, with rates and their intervals."""
    stages = report.loop.stages
    if stages is None:
        return _by_source(report)
    by = stages.counts.set_index("stage").cohort
    came, won = by.get("lead"), by.get("customer")
    title = trn(
        "Of {n} lead of {month}, {won} bought so far",
        "Of {n} leads of {month}, {won} bought so far",
        came,
        month=month_name(report.month),
        won=count(won or 0),
    )
    counts = stages.counts.assign(stage=[tr(STAGE_NAMES[one]) for one in stages.counts.stage])
    labels = {
        "stage": tr("Stage"),
        "cohort": tr("Of the leads of the month"),
        "calendar": tr("In the month"),
        "skipped": tr("Without a record of it"),
    }
    rates = stages.rates.assign(
        step=[step(a, b) for a, b in zip(stages.rates["from"], stages.rates["to"], strict=True)],
        interval=[
            span(percent(low), percent(high)) if pd.notna(low) else DASH
            for low, high in zip(stages.rates.low, stages.rates.high, strict=True)
        ],
    )
    return joined(
        [
            heading(title),
            figure_of(stages.plot),
            table(counts, labels, caption=tr("Counted both ways")),
            key_figures(report.loop),
            table(
                rates,
                {"step": tr("Step"), "k": tr("Moved on"), "n": tr("of"), "rate": tr("Rate"),
                 "interval": tr("95 % interval"), "n_immature": tr("Too young to tell")},
                {"rate": "percent"},
                tr("Rates of the month's leads, as known today"),
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
    rates = rates.assign(source=[name_of(REST, source) for source in rates.source])
    labels = {
        "source": tr("Source"), "k": tr("Customers"), "n": tr("of leads"), "rate": tr("Rate"),
        "low": tr("from"), "high": tr("to"),
    }  # fmt: skip
    formats = dict.fromkeys(("rate", "low", "high"), "percent")
    return joined(
        [
            heading(tr("{k} of {n} leads became customers", k=count(whole.k), n=count(whole.n))),
            table(rates, labels, formats, tr("By source, with 95 % intervals")),
            unanswered(report.cannot.get("stages", "")),
        ]
    )


@in_its_language
def velocity(report: MonthlyReport) -> Html:
    """Return how long the steps take, young leads rightly counted."""
    if report.loop.velocity is None:
        return unanswered(report.cannot.get("velocity", ""))
    steps = report.loop.velocity.frame()
    steps = steps.assign(step=[step(a, b) for a, b in zip(steps["from"], steps["to"], strict=True)])
    labels = {
        "step": tr("Step"),
        "arrived": tr("Arrived"),
        "n": tr("of"),
        "plateau": tr("Arrive in the end"),
        "arrivals_median_days": tr("Half of those within, days"),
        "arrivals_p90_days": tr("Nine of ten within, days"),
    }
    formats = {
        "plateau": "percent",
        "arrivals_median_days": "number",
        "arrivals_p90_days": "number",
    }
    return heading(tr("How long the steps take"), 3) + table(
        steps, labels, formats, tr("All leads of the trusted history")
    )
