"""How well leads are scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smarketing.reporting.numbers import noun, number
from smarketing.reporting.page import (
    Html,
    bullets,
    heading,
    joined,
    paragraph,
    unanswered,
)
from smarketing.reporting.sections.names import MODEL_NAMES, figure_of
from smarketing.reporting.tables import table

if TYPE_CHECKING:
    from smarketing.evaluation import Comparison
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
        bullets([judged.split_note, *_immature(judged), *judged.notes]),
    ]
    if len(judged.importances):
        pieces.append(_drivers(judged.importances))
    return joined(pieces)


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
