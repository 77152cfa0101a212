"""Where to draw the lines, and what both sides can promise."""

from __future__ import annotations

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, number, percent, quantity
from smarketing.language.plurals import trn
from smarketing.language.sentences import capital
from smarketing.planning.lines.thresholds import Thresholds
from smarketing.planning.next_agreement import needs_apart
from smarketing.planning.recommended import Recommendation
from smarketing.planning.volumes.forecast_backtest import ForecastBacktest
from smarketing.planning.volumes.sla_volumes import SLAVolumes
from smarketing.reporting.figures.line_figure import line_figure
from smarketing.reporting.html.page import (
    Html,
    bullets,
    figure_of,
    heading,
    joined,
    paragraph,
    unanswered,
)
from smarketing.reporting.html.table import filled, table
from smarketing.reporting.pages.advice import dated, of_lines
from smarketing.reporting.pages.wording import PROMISE_NAMES, name_of, span, within

MEASURES = {**PROMISE_NAMES, "acceptance_rate": mark("Accepted")}
WAYS = {
    "recommended": mark("recommended"),
    "today": mark("today"),
    "fill the capacity": mark("fill the capacity"),
    "top 20 %": mark("top 20 %"),
    "best F1": mark("best F1"),
}
"""Ways of drawing the lines; other rows of their table are named in it."""


def lines(advice: Recommendation | None, agreement: Agreement, why: str) -> Html:
    """Return the lines recommended beside today's and the simple rules."""
    if advice is None or advice.thresholds is None:
        return heading(tr("No line can be recommended")) + unanswered(why)
    best, currency = advice.thresholds, agreement.currency
    agreed = agreement.lines
    today = (None if best.terms.one_line else float(agreed.mql.score), float(agreed.sql.score))
    caption = "" if dated(best) else tr("Of all leads together")
    return joined(
        heading(_title(best)),
        paragraph(of_lines(best, currency)),
        line_figure(best, currency, today),
        policy_table(best.frame(), currency, caption),
        against_the_past(advice.forecast_backtest),
        bullets(best.notes),
    )


def against_the_past(check: ForecastBacktest | None) -> Html:
    """Return what today's lines would have foretold of past months; nothing if not looked at."""
    if check is None or check.measures.empty:
        return Html("")
    names = [name_of(MEASURES, measure) for measure in check.measures["measure"]]
    rows = check.measures.assign(measure=names)
    labels = {"measure": tr("A month"), "forecast": tr("Foretold"), "actual": tr("Came"),
              "n": tr("Came in all")}  # fmt: skip
    formats = {"forecast": "about", "actual": "about", "n": "count"}
    caption = trn(
        "What today's lines would have foretold of {n} month, from what was known before",
        "What today's lines would have foretold of {n} months, each from what was known before",
        int(rows["months"].max()),
    )
    return table(rows, labels, formats, caption) + (
        paragraph(check.caution, "warning") if check.caution else Html("")
    )


def _title(best: Thresholds) -> str:
    if not best.change:
        return tr("The lines can stay where they are")
    if best.terms.one_line:
        return tr("The line at {sql} uses the teams' time best", sql=number(best.sql))
    return tr(
        "Lines at {mql} and {sql} use the teams' time best",
        mql=number(best.mql),
        sql=number(best.sql),
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
        within(count(mean), count(low), count(high))
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
    formats = {
        "mql": "number", "sql": "number", "mqls": "about", "customers": "about",
        "margin": "money", "overflow_qualification": "percent", "overflow_closing": "percent",
    }  # fmt: skip
    caption = caption or tr("What each would give in a month")
    return table(rows, filled(labels, rows), formats, caption)


def volumes(promisable: SLAVolumes | None, currency: str, why: str = "", review: str = "") -> Html:
    """Return what both sides can promise, alone and together.

    Parameters
    ----------
    promisable : SLAVolumes or None
    currency : str
    why : str
        Said where nothing can be promised.
    review : str
        That the agreement's review is overdue.
    """
    if promisable is None:
        return heading(tr("No volume can be promised")) + unanswered(why)
    return joined(
        heading(_volumes_title(promisable)),
        paragraph(review, "warning") if review else Html(""),
        paragraph(promisable.sentences["both"]),
        figure_of(promisable.plot),
        promised(promisable, currency),
        needs(promisable),
        bullets([*needs_apart(promisable)[1], *promisable.notes]),
    )


def _volumes_title(volumes: SLAVolumes) -> str:
    rows = volumes.promises[volumes.promises.agreed.notna()]
    sure = int((rows.chance_agreed >= volumes.confidence).sum())
    if rows.empty:
        return tr("What both sides can promise")
    return trn(
        "{k} of {n} promised volume can be kept in {months} months of 10",
        "{k} of {n} promised volumes can be kept in {months} months of 10",
        len(rows),
        k=count(sure),
        months=number(volumes.confidence * 10),
    )


def promised(volumes: SLAVolumes, currency: str) -> Html:
    """Return today's promises with their chance, and what could be promised instead."""
    units = {"revenue": currency, "acceptance_rate": "share"}
    rows = []
    for row in volumes.promises.to_dict("records"):
        unit = units.get(row["measure"], "number")
        columns = ("expected", "agreed", "jointly", "low", "high", "recommended")
        values = {name: quantity(row[name], unit) for name in columns}
        rows.append(
            {
                **values,
                "measure": name_of(MEASURES, row["measure"]),
                "interval": span(values["low"], values["high"]),
                "chance": percent(row["chance_agreed"]),
            }
        )
    labels = {
        "measure": tr("A month"), "expected": tr("Expected"), "interval": tr("80 % interval"),
        "agreed": tr("Agreed today"), "chance": tr("Chance to keep it"),
        "recommended": tr("Can be promised"), "jointly": tr("All at once"),
    }  # fmt: skip
    caption = tr(
        "Promises at {sure} each by itself; all at once they hold in {chance} of months, those of "
        "the last column in {chance_jointly}",
        sure=percent(volumes.confidence),
        chance=percent(volumes.joint_chance),
        chance_jointly=percent(volumes.joint_chance_jointly),
    )
    return table(pd.DataFrame(rows), labels, caption=caption)


def needs(volumes: SLAVolumes) -> Html:
    """Return what the promised customers take, by how sure one wants to be."""
    if volumes.needs.empty:
        return Html("")
    rows = volumes.needs.assign(sure=volumes.needs.confidence.map(percent))
    labels = {
        "sure": tr("To be sure in"), "customers": tr("Customers"),
        "sales_ready": tr("Sales-ready leads"), "mqls": tr("MQLs"), "leads": tr("Leads"),
        "visitors": tr("Visitors"), "enough_capacity": tr("Closing can work so many"),
    }  # fmt: skip
    counted = dict.fromkeys(("customers", "sales_ready", "mqls", "leads", "visitors"), "count")
    caption = trn(
        "What {n} customer a month takes", "What {n} customers a month take", volumes.goal_customers
    )
    return table(rows, filled(labels, rows), counted, caption)
