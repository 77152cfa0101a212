"""How well leads are scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smarketing.language.numbers import noun, number
from smarketing.reporting.page import (
    Html,
    bullets,
    fill,
    heading,
    joined,
    paragraph,
    unanswered,
)
from smarketing.reporting.sections.names import MODEL_NAMES, figure_of
from smarketing.reporting.tables import table

if TYPE_CHECKING:
    from smarketing.evaluation import Comparison, Monitor
    from smarketing.reporting.monthly import MonthlyReport


def model_table(judged: Comparison) -> Html:
    """Return all models side by side, the score in use today last."""
    rolling = judged.split == "rolling"
    how = "Judged on later leads" if rolling else "Judged on leads not learned from"
    often = " a month" if rolling else ""
    rows = judged.frame()
    rows["name"] = rows.name.map(MODEL_NAMES).fillna(rows.name)
    rows["interval"] = [
        f"{low:.3f} to {high:.3f}" for low, high in zip(rows.auc_low, rows.auc_high, strict=True)
    ]
    labels = {
        "name": "Score", "auc": "AUC", "interval": "95 % interval",
        "close_rate_at_capacity": "Close rate at capacity", "lift_at_capacity": "Lift",
        "value_at_capacity": f"Margin{often}, {judged.currency}", "ece": "Calibration error",
        "n_won": "Won", "n": "of rows",
    }  # fmt: skip
    formats = {
        "auc": "three", "close_rate_at_capacity": "percent", "lift_at_capacity": "number",
        "value_at_capacity": "money", "ece": "percent",
    }  # fmt: skip
    dated = judged.split == "rolling"
    within = f" within {number(judged.window_days)} days" if dated else ""
    return table(rows, labels, formats, f"{how}: reached {judged.target}{within}")


def scoring(report: MonthlyReport) -> Html:
    """Return how well leads are scored: all models on the same later leads."""
    judged = report.comparison
    if judged is None:
        return heading("How well leads are scored cannot be told") + unanswered(
            report.cannot.get("scoring", "")
        )
    pieces = [
        heading(judged.verdict.split(": ")[0].rstrip(".")),
        paragraph(judged.verdict),
        figure_of(judged.plot),
        model_table(judged),
        *_watched(report.watch, report.cannot.get("watch", "")),
        *acceptance_and_early(judged),
        bullets([judged.split_note, *_immature(judged), *judged.notes]),
    ]
    if len(judged.importances):
        pieces.append(_drivers(judged.importances))
    return joined(pieces)


def _watched(watch: Monitor | None, why_not: str) -> list[Html]:
    """Return the month's look at the scores: sentences for leadership, the numbers folded."""
    if watch is None:
        return [unanswered(why_not)] if why_not else []
    title = "Something asks for a decision" if watch.alarm else "Nothing asks for a decision"
    rows = watch.calibration.assign(
        moved=["more than luck" if moved else "" for moved in watch.calibration.moved]
    )
    names = {
        "month": "Month", "predicted_rate": f"Expected to reach {watch.target}",
        "actual_rate": "Reached it", "moved": "Gap", "n": "of rows",
    }  # fmt: skip
    formats = {"predicted_rate": "percent", "actual_rate": "percent"}
    drift = watch.drift.head(10)
    inside = [
        table(rows, names, formats, "What the agreed scorecard promised, month by month"),
        table(
            drift,
            {"column": "Column", "psi": "Stability index", "verdict": "Verdict"},
            {"psi": "three"},
            f"New leads of {watch.month} against {watch.before}, the most moved first",
        ),
    ]
    return [
        heading(title, 3),
        bullets(watch.sentences),
        fill("folded.html.j2", summary="The numbers behind it", inside=joined(inside)),
    ]


def acceptance_and_early(judged: Comparison) -> list[Html]:
    """Return MadKudu's acceptance line of each score, and the early estimate, marked as one."""
    pieces = []
    if judged.acceptance:
        rows = pd.DataFrame(judged.acceptance)
        rows["name"] = rows.name.map(MODEL_NAMES).fillna(rows.name)
        names = {"name": "Score", "sentence": "15 to 35 % of leads to hold 60 % of conversions"}
        pieces.append(table(rows, names, caption="Good enough to route leads by?"))
    if judged.early:
        rows = pd.DataFrame(judged.early)
        rows["name"] = rows.name.map(MODEL_NAMES).fillna(rows.name)
        names = {
            "name": "Score", "how": "Measured", "auc": "AUC", "auc_low": "from", "auc_high": "to",
            "expected_rate": "Expected", "came_rate": "Estimated", "n_early": "Early wins",
            "n_won": "of wins",
        }  # fmt: skip
        formats = dict.fromkeys(("auc", "auc_low", "auc_high"), "three")
        formats |= dict.fromkeys(("expected_rate", "came_rate"), "percent")
        span = f"{rows.first_month.iloc[0]} to {rows.last_month.iloc[0]}"
        pieces.append(
            table(
                rows,
                names,
                formats,
                f"An estimate on {span}, whose windows are not over; part of no other number",
            )
        )
    return pieces


def _immature(judged: Comparison) -> list[str]:
    if not judged.immature:
        return []
    window = number(judged.window_days)
    rows = noun(judged.immature, "row")
    return [f"{rows} left out: too young, their window of {window} days is not over."]


def _drivers(importances: pd.DataFrame) -> Html:
    top = importances.groupby("model", sort=False).head(8)
    top = top.assign(place=top.groupby("model").cumcount() + 1)
    wide = top.pivot(index="place", columns="model", values="feature").reset_index(drop=True)
    wide.columns = [MODEL_NAMES.get(name, name) for name in wide.columns]
    return table(wide, caption="What the models look at, the strongest first")
