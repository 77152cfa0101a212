"""The month's leads from stage to stage: counts, rates, and how long the steps take."""

from __future__ import annotations

import pandas as pd

from smarketing.funnel.closed_loop import ClosedLoop
from smarketing.funnel.flow.stages import Stages
from smarketing.funnel.wording import STAGE_NAMES
from smarketing.language.catalogue import tr
from smarketing.language.numbers import DASH, count, month_name, percent
from smarketing.language.plurals import trn
from smarketing.reporting.html.page import Html, figure_of, heading, joined, unanswered
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.wording import REST, name_of, span, step


def counts(stages: Stages, month: str) -> Html:
    """Return the month's leads along the stages, drawn and counted both ways."""
    by = stages.counts.set_index("stage").cohort
    title = trn(
        "Of {n} lead of {month}, {won} bought so far",
        "Of {n} leads of {month}, {won} bought so far",
        by.get("lead"),
        month=month_name(month),
        won=count(by.get("customer") or 0),
    )
    rows = stages.counts.assign(stage=[tr(STAGE_NAMES[one]) for one in stages.counts.stage])
    labels = {
        "stage": tr("Stage"),
        "cohort": tr("Of the leads of the month"),
        "calendar": tr("In the month"),
        "skipped": tr("Without a record of it"),
    }
    if rows.undated.fillna(0).any():
        labels["undated"] = tr("No date recorded")
    shown = table(rows, labels, caption=tr("Counted both ways"))
    return joined(heading(title), figure_of(stages.plot), shown)


def rates(stages: Stages) -> Html:
    """Return the rates of the month's leads with their intervals."""
    rows = stages.rates.assign(
        step=[step(a, b) for a, b in zip(stages.rates["from"], stages.rates["to"], strict=True)],
        interval=[
            span(percent(low), percent(high)) if pd.notna(low) else DASH
            for low, high in zip(stages.rates.low, stages.rates.high, strict=True)
        ],
    )
    labels = {
        "step": tr("Step"), "k": tr("Moved on"), "n": tr("of"), "rate": tr("Rate"),
        "interval": tr("95 % interval"), "n_immature": tr("Too young to tell"),
    }  # fmt: skip
    return table(
        rows, labels, {"rate": "percent"}, tr("Rates of the month's leads, as known today")
    )


def rates_by_source(loop: ClosedLoop) -> Html:
    """Return what leads without dates still tell: who became a customer, by source."""
    whole = loop.rates.iloc[0]
    rows = loop.rates.assign(source=[name_of(REST, source) for source in loop.rates.source])
    labels = {
        "source": tr("Source"), "k": tr("Customers"), "n": tr("of leads"), "rate": tr("Rate"),
        "low": tr("from"), "high": tr("to"),
    }  # fmt: skip
    formats = dict.fromkeys(("rate", "low", "high"), "percent")
    return joined(
        heading(tr("{k} of {n} leads became customers", k=count(whole.k), n=count(whole.n))),
        table(rows, labels, formats, tr("By source, with 95 % intervals")),
        unanswered(loop.cannot.get("stages", "")),
    )


def velocity(loop: ClosedLoop) -> Html:
    """Return how long the steps take, young leads rightly counted."""
    if loop.velocity is None:
        return unanswered(loop.cannot.get("velocity", ""))
    steps = loop.velocity.frame()
    steps = steps.assign(step=[step(a, b) for a, b in zip(steps["from"], steps["to"], strict=True)])
    labels = {
        "step": tr("Step"),
        "arrived": tr("Arrived"),
        "n": tr("of"),
        "plateau": tr("Arrive in the end"),
        "arrivals_median_days": tr("Half of those within, days"),
        "arrivals_p90_days": tr("Nine of ten within, days"),
    }
    formats = {"plateau": "percent"}
    formats |= dict.fromkeys(("arrivals_median_days", "arrivals_p90_days"), "number")
    return heading(tr("How long the steps take"), 3) + table(
        steps, labels, formats, tr("All leads of the trusted history")
    )
