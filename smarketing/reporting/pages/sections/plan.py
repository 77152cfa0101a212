"""Where to draw the lines, and what both sides can promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import DASH, count, money, number, percent
from smarketing.language.plurals import trn
from smarketing.language.speaker import in_its_language
from smarketing.planning.next_agreement import needs_apart
from smarketing.reporting.figures.line_figure import line_figure
from smarketing.reporting.html.page import Html, bullets, heading, joined, paragraph, unanswered
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.advice import dated, of_lines
from smarketing.reporting.pages.sections.names import capital, figure_of, name_of, span
from smarketing.reporting.pages.sections.signing import bottleneck_of, rules_of_thumb

if TYPE_CHECKING:
    from smarketing.planning.lines.thresholds import Thresholds
    from smarketing.planning.recommendation import Recommendation
    from smarketing.planning.volumes.sla_volumes import SLAVolumes
    from smarketing.reporting.pages.monthly_numbers import MonthlyReport

MEASURES = {
    "mqls": mark("MQLs"),
    "sales_ready": mark("Sales-ready leads"),
    "acceptance_rate": mark("Accepted"),
    "customers": mark("Customers"),
    "revenue": mark("Revenue"),
}
WAYS = {
    "recommended": mark("recommended"),
    "today": mark("today"),
    "fill the capacity": mark("fill the capacity"),
    "top 20 %": mark("top 20 %"),
    "best F1": mark("best F1"),
}
"""Ways of drawing the lines; other rows of their table are named in it."""


@in_its_language
def lines(report: MonthlyReport) -> Html:
    """Return the lines recommended beside today's and the simple rules."""
    advised = report.recommendation
    if advised is None or advised.thresholds is None:
        why = report.cannot.get("thresholds") or report.cannot.get("recommendation", "")
        return heading(tr("No line can be recommended")) + unanswered(why)
    found = advised.thresholds
    return joined(
        [
            heading(_title(found)),
            paragraph(of_lines(found, report.agreement.currency)),
            _figure(found, report),
            policy_table(
                found.frame(),
                report.agreement.currency,
                "" if dated(found) else tr("Of all leads together"),
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
    checked = found.forecast_backtest
    if checked is None or checked.measures.empty:
        return Html("")
    names = [name_of(MEASURES, measure) for measure in checked.measures["measure"]]
    rows = checked.measures.assign(measure=names)
    labels = {"measure": tr("A month"), "forecast": tr("Foretold"), "actual": tr("Came"),
              "n": tr("Came in all")}  # fmt: skip
    formats = {"forecast": "about", "actual": "about", "n": "count"}
    caption = trn(
        "What today's lines would have foretold of {n} month, from what was known before",
        "What today's lines would have foretold of {n} months, each from what was known before",
        int(rows["months"].max()),
    )
    return table(rows, labels, formats, caption) + (
        paragraph(checked.caution, "warning") if checked.caution else Html("")
    )


def _title(found: Thresholds) -> str:
    if not found.change:
        return tr("The lines can stay where they are")
    if found.terms.one_line:
        return tr("The line at {sql} uses the teams' time best", sql=number(found.sql))
    return tr(
        "Lines at {mql} and {sql} use the teams' time best",
        mql=number(found.mql),
        sql=number(found.sql),
    )


def policy_table(policies: pd.DataFrame, currency: str, caption: str = "") -> Html:
    """Return ways of drawing the lines, one row each.

    Parameters
    ----------
    policies : pandas.DataFrame
        As :attr:`smarketing.planning.Thresholds.policies`.
    currency : str
    caption : str
        By default that the counts are of a month.
    """
    rows = policies.copy()
    rows["lines"] = [capital(name_of(WAYS, way)) for way in rows["lines"]]
    rows["ready"] = [
        tr("{value} ({low} to {high})", value=count(mean), low=count(low), high=count(high))
        for mean, low, high in zip(
            rows.sales_ready, rows.sales_ready_low, rows.sales_ready_high, strict=True
        )
    ]
    labels = {
        "lines": tr("Way of drawing them"), "mql": tr("MQL line"), "sql": tr("SQL line"),
        "mqls": tr("MQLs"), "ready": tr("Sales-ready leads (80 % interval)"),
        "customers": tr("Customers"), "margin": tr("Margin, {currency}", currency=currency),
        "overflow_qualification": tr("Qualification overflows"),
        "overflow_closing": tr("Closing overflows"),
    }  # fmt: skip
    labels = {c: label for c, label in labels.items() if c in rows and rows[c].notna().any()}
    formats = {
        "mql": "number", "sql": "number", "mqls": "about", "customers": "about",
        "margin": "money", "overflow_qualification": "percent", "overflow_closing": "percent",
    }  # fmt: skip
    return table(rows, labels, formats, caption or tr("What each would give in a month"))


@in_its_language
def volumes(report: MonthlyReport) -> Html:
    """Return what both sides can promise, alone and together."""
    advised = report.recommendation
    if advised is None or advised.volumes is None:
        why = report.cannot.get("volumes") or report.cannot.get("recommendation", "")
        return heading(tr("No volume can be promised")) + unanswered(why)
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
        return tr("What both sides can promise")
    return trn(
        "{k} of {n} promised volume can be kept in {months} months of 10",
        "{k} of {n} promised volumes can be kept in {months} months of 10",
        len(rows),
        k=count(sure),
        months=number(found.confidence * 10),
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
        {name: said(row["measure"], row[name]) for name in ("expected", "agreed", "jointly")}
        | {
            "measure": name_of(MEASURES, row["measure"]),
            "interval": span(said(row["measure"], row["low"]), said(row["measure"], row["high"])),
            "chance": percent(row["chance_agreed"]),
            "can": said(row["measure"], row["recommended"]),
        }
        for row in found.promises.to_dict("records")
    ]
    labels = {
        "measure": tr("A month"), "expected": tr("Expected"), "interval": tr("80 % interval"),
        "agreed": tr("Agreed today"), "chance": tr("Chance to keep it"),
        "can": tr("Can be promised"), "jointly": tr("All at once"),
    }  # fmt: skip
    caption = tr(
        "Promises at {sure} each by itself; all at once they hold in {chance} of months, those of "
        "the last column in {chance_jointly}",
        sure=percent(found.confidence),
        chance=percent(found.joint_chance),
        chance_jointly=percent(found.joint_chance_jointly),
    )
    return table(pd.DataFrame(rows), labels, caption=caption)


def needs(found: SLAVolumes) -> Html:
    """Return what the promised customers take, by how sure one wants to be."""
    if found.needs.empty:
        return Html("")
    rows = found.needs.assign(sure=found.needs.confidence.map(percent))
    labels = {
        "sure": tr("To be sure in"), "customers": tr("Customers"),
        "sales_ready": tr("Sales-ready leads"), "mqls": tr("MQLs"), "leads": tr("Leads"),
        "visitors": tr("Visitors"), "enough_capacity": tr("Closing can work so many"),
    }  # fmt: skip
    labels = {c: label for c, label in labels.items() if c in rows and rows[c].notna().any()}
    counted = dict.fromkeys(("customers", "sales_ready", "mqls", "leads", "visitors"), "count")
    caption = trn(
        "What {n} customer a month takes", "What {n} customers a month take", found.goal_customers
    )
    return table(rows, labels, counted, caption)
