"""How well leads are scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import fixed, number
from smarketing.language.plurals import trn
from smarketing.language.speaker import in_its_language
from smarketing.reporting.html.page import (
    Html,
    bullets,
    fill,
    heading,
    joined,
    paragraph,
    unanswered,
)
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.sections.names import (
    MODEL_NAMES,
    figure_of,
    name_of,
    span,
    target_of,
)

if TYPE_CHECKING:
    from smarketing.evaluation.comparison.result import Comparison
    from smarketing.evaluation.monitoring.monthly_look import Monitor
    from smarketing.reporting.pages.monthly_numbers import MonthlyReport


MOVES = {
    "stable": mark("stable"),
    "watch": mark("watch"),
    "moved": mark("moved"),
    "too few": mark("too few"),
}
"""How far the values of a column moved."""


def model_table(judged: Comparison) -> Html:
    """Return all models side by side, the score in use today last."""
    target = target_of(judged.target)
    if judged.split == "rolling":
        margin = tr("Margin a month, {currency}", currency=judged.currency)
        caption = trn(
            "Judged on later leads: reached {target} within {n} day",
            "Judged on later leads: reached {target} within {n} days",
            judged.window_days,
            n=number(judged.window_days),
            target=target,
        )
    else:
        margin = tr("Margin, {currency}", currency=judged.currency)
        caption = tr("Judged on leads not learned from: reached {target}", target=target)
    rows = _named(judged.frame())
    rows["interval"] = [
        span(fixed(low, 3), fixed(high, 3))
        for low, high in zip(rows.auc_low, rows.auc_high, strict=True)
    ]
    labels = {
        "name": tr("Score"), "auc": tr("AUC"), "interval": tr("95 % interval"),
        "close_rate_at_capacity": tr("Close rate at capacity"), "lift_at_capacity": tr("Lift"),
        "value_at_capacity": margin, "ece": tr("Calibration error"), "n_won": tr("Won"),
        "n": tr("of rows"),
    }  # fmt: skip
    formats = {
        "auc": "three", "close_rate_at_capacity": "percent", "lift_at_capacity": "number",
        "value_at_capacity": "money", "ece": "percent",
    }  # fmt: skip
    return table(rows, labels, formats, caption)


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(name=[name_of(MODEL_NAMES, name) for name in rows.name])


@in_its_language
def scoring(report: MonthlyReport) -> Html:
    """Return how well leads are scored: all models on the same later leads."""
    judged = report.comparison
    if judged is None:
        return heading(tr("How well leads are scored cannot be told")) + unanswered(
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
    title = (
        tr("Something asks for a decision") if watch.alarm else tr("Nothing asks for a decision")
    )
    rows = watch.calibration.assign(
        moved=[tr("more than luck") if moved else "" for moved in watch.calibration.moved]
    )
    names = {
        "month": tr("Month"),
        "predicted_rate": tr("Expected to reach {target}", target=target_of(watch.target)),
        "actual_rate": tr("Reached it"), "moved": tr("Gap"), "n": tr("of rows"),
    }  # fmt: skip
    formats = {"predicted_rate": "percent", "actual_rate": "percent"}
    drift = watch.drift.head(10)
    drift = drift.assign(verdict=[name_of(MOVES, verdict) for verdict in drift.verdict])
    caption = tr(
        "New leads of {month} against {before}, the most moved first",
        month=watch.month,
        before=watch.before,
    )
    inside = [
        table(rows, names, formats, tr("What the agreed scorecard promised, month by month")),
        table(
            drift,
            {"column": tr("Column"), "psi": tr("Stability index"), "verdict": tr("Verdict")},
            {"psi": "three"},
            caption,
        ),
    ]
    return [
        heading(title, 3),
        bullets(watch.sentences),
        fill("folded.html.j2", summary=tr("The numbers behind it"), inside=joined(inside)),
    ]


def acceptance_and_early(judged: Comparison) -> list[Html]:
    """Return MadKudu's acceptance line of each score, and the early estimate, marked as one."""
    pieces = []
    if judged.acceptance:
        rows = _named(pd.DataFrame(judged.acceptance))
        names = {
            "name": tr("Score"),
            "sentence": tr("15 to 35 % of leads to hold 60 % of conversions"),
        }
        pieces.append(table(rows, names, caption=tr("Good enough to route leads by?")))
    if judged.early:
        rows = _named(pd.DataFrame(judged.early))
        rows["how"] = [tr(how) for how in rows.how]
        names = {
            "name": tr("Score"), "how": tr("Measured"), "auc": tr("AUC"), "auc_low": tr("from"),
            "auc_high": tr("to"), "expected_rate": tr("Expected"), "came_rate": tr("Estimated"),
            "n_early": tr("Early wins"), "n_won": tr("of wins"),
        }  # fmt: skip
        formats = dict.fromkeys(("auc", "auc_low", "auc_high"), "three")
        formats |= dict.fromkeys(("expected_rate", "came_rate"), "percent")
        caption = tr(
            "An estimate on {months}, whose windows are not over; part of no other number",
            months=span(rows.first_month.iloc[0], rows.last_month.iloc[0]),
        )
        pieces.append(table(rows, names, formats, caption))
    return pieces


def _immature(judged: Comparison) -> list[str]:
    if not judged.immature:
        return []
    said = trn(
        "{n} row left out: too young, its window of {days} days is not over.",
        "{n} rows left out: too young, their window of {days} days is not over.",
        judged.immature,
        days=number(judged.window_days),
    )
    return [said]


def _drivers(importances: pd.DataFrame) -> Html:
    top = importances.groupby("model", sort=False).head(8)
    top = top.assign(place=top.groupby("model").cumcount() + 1)
    wide = top.pivot(index="place", columns="model", values="feature").reset_index(drop=True)
    labels = {name: name_of(MODEL_NAMES, name) for name in wide.columns}
    return table(wide, labels, caption=tr("What the models look at, the strongest first"))
