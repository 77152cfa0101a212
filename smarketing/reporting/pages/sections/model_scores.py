"""How well leads are scored."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from smarketing.evaluation.comparison.result import Comparison
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import fixed, number
from smarketing.language.plurals import trn
from smarketing.reporting.html.page import (
    Html,
    bullets,
    figure_of,
    fill,
    heading,
    joined,
    paragraph,
    unanswered,
)
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.wording import MODEL_NAMES, name_of, span, target_of

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


def scoring(judged: Comparison | None, look: Html, why: str) -> Html:
    """Return how well leads are scored: all models on the same later leads.

    Parameters
    ----------
    judged : Comparison or None
    look : Html
        The month's look at the scores, from :func:`monthly_look`.
    why : str
        Said where the models cannot be judged.
    """
    if judged is None:
        return heading(tr("How well leads are scored cannot be told")) + unanswered(why)
    return joined(
        heading(judged.verdict.split(": ")[0].rstrip(".")),
        paragraph(judged.verdict),
        figure_of(judged.plot),
        model_table(judged),
        look,
        *acceptance_and_early(judged),
        bullets([judged.split_note, *_immature(judged), *judged.notes]),
        _drivers(judged.importances) if len(judged.importances) else Html(""),
    )


def monthly_look(sentences: Iterable[str], alarm: bool, *numbers: Html) -> Html:
    """Return the month's look at the scores: sentences for leadership, the numbers folded."""
    title = tr("Something asks for a decision") if alarm else tr("Nothing asks for a decision")
    inside = joined(*numbers)
    return joined(
        heading(title, 3),
        bullets(sentences),
        fill("folded.html.j2", summary=tr("The numbers behind it"), inside=inside),
    )


def calibration_table(months: pd.DataFrame, target: str) -> Html:
    """Return by month what the agreed scorecard promised, and what came."""
    rows = months.assign(moved=[tr("more than luck") if moved else "" for moved in months.moved])
    labels = {
        "month": tr("Month"),
        "predicted_rate": tr("Expected to reach {target}", target=target_of(target)),
        "actual_rate": tr("Reached it"), "moved": tr("Gap"), "n": tr("of rows"),
    }  # fmt: skip
    formats = {"predicted_rate": "percent", "actual_rate": "percent"}
    return table(rows, labels, formats, tr("What the agreed scorecard promised, month by month"))


def drift_table(drift: pd.DataFrame, month: str, before: str) -> Html:
    """Return the columns that moved most between the new leads of two months."""
    rows = drift.head(10)
    rows = rows.assign(verdict=[name_of(MOVES, verdict) for verdict in rows.verdict])
    labels = {"column": tr("Column"), "psi": tr("Stability index"), "verdict": tr("Verdict")}
    caption = tr(
        "New leads of {month} against {before}, the most moved first", month=month, before=before
    )
    return table(rows, labels, {"psi": "three"}, caption)


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
    left_out = trn(
        "{n} row left out: too young, its window of {days} days is not over.",
        "{n} rows left out: too young, their window of {days} days is not over.",
        judged.immature,
        days=number(judged.window_days),
    )
    return [left_out]


def _drivers(importances: pd.DataFrame) -> Html:
    top = importances.groupby("model", sort=False).head(8)
    top = top.assign(place=top.groupby("model").cumcount() + 1)
    wide = top.pivot(index="place", columns="model", values="feature").reset_index(drop=True)
    labels = {name: name_of(MODEL_NAMES, name) for name in wide.columns}
    return table(wide, labels, caption=tr("What the models look at, the strongest first"))
