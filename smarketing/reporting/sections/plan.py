"""Where to draw the lines, and what both sides can promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smarketing.language.numbers import DASH, count, money, noun, number, percent
from smarketing.reporting.advice import dated, of_lines
from smarketing.reporting.line_figure import line_figure
from smarketing.reporting.next_agreement import needs_apart
from smarketing.reporting.page import Html, bullets, heading, joined, paragraph, unanswered
from smarketing.reporting.sections.names import figure_of
from smarketing.reporting.sections.signing import bottleneck_of, rules_of_thumb
from smarketing.reporting.tables import table

if TYPE_CHECKING:
    from smarketing.planning import Recommendation, SLAVolumes, Thresholds
    from smarketing.reporting.monthly import MonthlyReport

MEASURES = {
    "mqls": "MQLs",
    "sales_ready": "Sales-ready leads",
    "acceptance_rate": "Accepted",
    "customers": "Customers",
    "revenue": "Revenue",
}


def lines(report: MonthlyReport) -> Html:
    """Return the lines recommended beside today's and the simple rules."""
    advised = report.recommendation
    if advised is None or advised.thresholds is None:
        why = report.cannot.get("thresholds") or report.cannot.get("recommendation", "")
        return heading("No line can be recommended") + unanswered(why)
    found = advised.thresholds
    return joined(
        [
            heading(_title(found)),
            paragraph(of_lines(found, report.agreement.currency)),
            _figure(found, report),
            policy_table(
                found.frame(),
                report.agreement.currency,
                "What each would give in a month" if dated(found) else "Of all leads together",
            ),
            against_the_past(advised),
            bullets(found.notes),
        ]
    )


def _figure(found: Thresholds, report: MonthlyReport) -> Html:
    agreed = report.agreement.lines
    today = (None if found.terms.one_line else float(agreed.mql.score), float(agreed.sql.score))
    return line_figure(found, report.agreement.currency, today)


def against_the_past(found: Recommendation) -> Html:
    """Return what today's lines would have foretold of past months; nothing if not looked at."""
    checked = found.back_check
    if checked is None or checked.measures.empty:
        return Html("")
    rows = checked.measures.assign(measure=checked.measures["measure"].map(MEASURES))
    labels = {"measure": "A month", "said": "Foretold", "came": "Came", "n": "Came in all"}
    formats = {"said": "about", "came": "about", "n": "count"}
    months = noun(int(rows["months"].max()), "month")
    caption = f"What today's lines would have foretold of {months}, each from what was known before"
    return table(rows, labels, formats, caption) + (
        paragraph(checked.caution, "warning") if checked.caution else Html("")
    )


def _title(found: Thresholds) -> str:
    if not found.change:
        return "The lines can stay where they are"
    best = f"{found.sql:g}" if found.terms.one_line else f"{found.mql:g} and {found.sql:g}"
    return f"Lines at {best} use the teams' time best"


def policy_table(
    policies: pd.DataFrame, currency: str, caption: str = "What each would give in a month"
) -> Html:
    """Return ways of drawing the lines, one row each.

    Parameters
    ----------
    policies : pandas.DataFrame
        As :attr:`smarketing.planning.Thresholds.policies`.
    currency : str
    caption : str
    """
    rows = policies.copy()
    rows["lines"] = rows["lines"].str[:1].str.upper() + rows["lines"].str[1:]
    rows["ready"] = [
        f"{number(mean, 0)} ({number(low, 0)} to {number(high, 0)})"
        for mean, low, high in zip(
            rows.sales_ready, rows.sales_ready_low, rows.sales_ready_high, strict=True
        )
    ]
    labels = {
        "lines": "Way of drawing them", "mql": "MQL line", "sql": "SQL line",
        "mqls": "MQLs", "ready": "Sales-ready leads (80 % interval)",
        "customers": "Customers", "margin": f"Margin, {currency}",
        "overflow_qualification": "Qualification overflows",
        "overflow_closing": "Closing overflows",
    }  # fmt: skip
    labels = {c: label for c, label in labels.items() if c in rows and rows[c].notna().any()}
    formats = {
        "mql": "number", "sql": "number", "mqls": "about", "customers": "about",
        "margin": "money", "overflow_qualification": "percent", "overflow_closing": "percent",
    }  # fmt: skip
    return table(rows, labels, formats, caption)


def volumes(report: MonthlyReport) -> Html:
    """Return what both sides can promise, alone and together."""
    advised = report.recommendation
    if advised is None or advised.volumes is None:
        why = report.cannot.get("volumes") or report.cannot.get("recommendation", "")
        return heading("No volume can be promised") + unanswered(why)
    found = advised.volumes
    currency = report.agreement.currency
    return joined(
        [
            heading(_volumes_title(found)),
            paragraph(report.review, "warning") if report.review else Html(""),
            paragraph(found.sentences["both"]),
            figure_of(found.plot),
            promised(found, currency),
            needs(found),
            bullets([*needs_apart(found)[1], *found.notes]),
            bottleneck_of(advised.bottleneck, currency),
            rules_of_thumb(advised.cross_checks),
        ]
    )


def _volumes_title(found: SLAVolumes) -> str:
    rows = found.promises[found.promises.agreed.notna()]
    sure = int((rows.chance_agreed >= found.confidence).sum())
    if rows.empty:
        return "What both sides can promise"
    return (
        f"{count(sure)} of {noun(len(rows), 'promised volume')} can be kept in "
        f"{number(found.confidence * 10)} months of 10"
    )


def promised(found: SLAVolumes, currency: str) -> Html:
    """Return today's promises with their chance, and what could be promised instead."""

    def said(measure: str, value: float | None) -> str:
        if value is None or pd.isna(value):
            return DASH
        if measure == "revenue":
            return money(value, currency)
        return percent(value) if measure == "acceptance_rate" else count(value)

    rows = [
        {
            "A month": MEASURES.get(row["measure"], row["measure"]),
            "Expected": said(row["measure"], row["expected"]),
            "80 % interval": f"{said(row['measure'], row['low'])} to "
            f"{said(row['measure'], row['high'])}",
            "Agreed today": said(row["measure"], row["agreed"]),
            "Chance to keep it": percent(row["chance_agreed"]),
            "Can be promised": said(row["measure"], row["recommended"]),
            "All at once": said(row["measure"], row["jointly"]),
        }
        for row in found.promises.to_dict("records")
    ]
    sure = percent(found.confidence)
    return table(
        pd.DataFrame(rows),
        caption=f"Promises at {sure} each by itself; all at once they hold in "
        f"{percent(found.joint_chance)} of months, those of the last column in "
        f"{percent(found.joint_chance_jointly)}",
    )


def needs(found: SLAVolumes) -> Html:
    """Return what the promised customers take, by how sure one wants to be."""
    if found.needs.empty:
        return Html("")
    rows = found.needs.assign(sure=found.needs.confidence.map(percent))
    labels = {
        "sure": "To be sure in", "customers": "Customers", "sales_ready": "Sales-ready leads",
        "mqls": "MQLs", "leads": "Leads", "visitors": "Visitors",
        "enough_capacity": "Closing can work so many",
    }  # fmt: skip
    labels = {c: label for c, label in labels.items() if c in rows and rows[c].notna().any()}
    counted = dict.fromkeys(("customers", "sales_ready", "mqls", "leads", "visitors"), "count")
    return table(
        rows, labels, counted, f"What {noun(found.goal_customers, 'customer')} a month take"
    )
