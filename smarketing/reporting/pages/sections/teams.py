"""The agreed key figures of both teams, who holds the leads, groups of leads, and nurture."""

from __future__ import annotations

from typing import Any

import pandas as pd

from smarketing.funnel.closed_loop import ClosedLoop
from smarketing.funnel.flow.breakdowns import Breakdown
from smarketing.funnel.flow.nurture import Nurture
from smarketing.funnel.wording import STAGE_NAMES
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import DASH, SPACE, count, money, month_name, percent
from smarketing.language.plurals import trn
from smarketing.language.sentences import sentence
from smarketing.reporting.html.page import Html, heading, joined, paragraph, unanswered
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.content_tables import content_sentence, content_table
from smarketing.reporting.pages.wording import REST, SIDES, name_of, plain_code, span

FIGURES = {
    "visitor_to_lead": mark("Visitor → lead"),
    "lead_to_mql": mark("Lead → MQL"),
    "mql_to_sales_ready": mark("MQL → sales-ready lead"),
    "mql_to_sql": mark("MQL → SQL"),
    "close_rate": mark("Close rate: sales-ready lead → customer"),
    "share_from_marketing": mark("Revenue from marketing's leads"),
    "revenue_per_month": mark("Revenue a month"),
    "revenue_per_customer": mark("Revenue per customer"),
    "days_to_first_order": mark("First touch → first order"),
}
GROUPS = {
    "source": mark("Source"),
    "persona": mark("Persona"),
    "grade": mark("Grade of the first day"),
}

RECYCLED = {
    "back": mark("{n} came back"),
    "mql": mark("{n} became MQLs anew"),
    "sales_ready": mark("{n} were handed over"),
}


def key_figures(loop: ClosedLoop) -> Html:
    """Return each team's key figures beside their targets."""
    figures = loop.key_figures
    if figures is None or figures.frame().empty:
        return Html("")
    rows = figures.frame()
    judged, met = rows[rows.met.notna()], int(rows.met.sum())
    title = tr("Key figures of both teams")
    if len(judged):
        title = trn(
            "{k} of {n} key figure with a target is met",
            "{k} of {n} key figures with a target are met",
            len(judged),
            k=count(met),
        )
    labels = {
        "figure": tr("Figure"), "value": tr("Value"), "interval": tr("95 % interval"),
        "of": tr("Of"), "target": tr("Target"), "met": "", "counted": tr("Counted"),
    }  # fmt: skip
    first, last = month_name(figures.first_month), month_name(figures.last_month)
    pieces = [heading(title, 3)]
    for side, own in rows.groupby("side", sort=False):
        shown = pd.DataFrame(
            {
                "figure": [tr(FIGURES[name]) for name in own.name],
                "value": [_value(one.value, one.unit) for one in own.itertuples()],
                "interval": [_interval(one) for one in own.itertuples()],
                "of": [_behind(one) for one in own.itertuples()],
                "target": [_value(one.target, one.unit) for one in own.itertuples()],
                "met": [_met(one.met) for one in own.itertuples()],
                "counted": own.counted,
            }
        )
        caption = tr("{side}, {first} to {last}", side=name_of(SIDES, side), first=first, last=last)
        pieces.append(table(shown, labels, caption=caption))
    pieces += [unanswered(why) for why in dict.fromkeys(figures.cannot.values())]
    return joined(*pieces)


def _value(value: Any, unit: str) -> str:
    if pd.isna(value):
        return DASH
    if unit == "share":
        return percent(value, 1 if value < 0.1 else 0)
    if unit == "days":
        return trn("{n} day", "{n} days", round(value))
    return money(value, unit)


def _interval(one: Any) -> str:
    if pd.isna(one.low):
        return DASH
    return span(_value(one.low, one.unit), _value(one.high, one.unit))


def _behind(one: Any) -> str:
    if pd.isna(one.k) or one.unit != "share":
        if one.name in {"revenue_per_customer", "days_to_first_order"}:
            return trn("{n} customer", "{n} customers", one.n)
        return trn("{n} deal", "{n} deals", one.n)
    counted = {"k": count(one.k), "n": count(one.n)}
    if not one.n_immature:
        return tr("{k} of {n}", **counted)
    return tr("{k} of {n}, {young} too young", **counted, young=count(one.n_immature))


def _met(met: Any) -> str:
    if pd.isna(met):
        return ""
    return tr("met") + f"{SPACE}▲" if met else tr("missed") + f"{SPACE}▼"


def who_holds(loop: ClosedLoop) -> Html:
    """Return who holds the open leads at the month's end, since when, and how many too long."""
    if loop.holding is None or loop.holding.frame().empty:
        return Html("")
    rows = loop.holding.by_stage()
    stuck, n = int(rows.stuck.sum()), int(rows.n.sum())
    shown = rows.assign(stage=[tr(STAGE_NAMES[stage]) for stage in rows.stage])
    labels = {"stage": tr("Stage"), "owner": tr("Held by"), "expected": tr("Expected of them"),
              "n": tr("Open"), "median_days": tr("Median days held"),
              "max_days": tr("Days agreed"), "stuck": tr("Longer than agreed")}  # fmt: skip
    title = trn(
        "{k} of {n} open lead held longer than agreed",
        "{k} of {n} open leads held longer than agreed",
        n,
        k=count(stuck),
    )
    whole = {"median_days": "count", "max_days": "count"}
    return joined(
        heading(title, 3), table(shown, labels, whole, tr("Who holds the leads at the month's end"))
    )


def breakdowns(loop: ClosedLoop) -> Html:
    """Return the year's leads by source, persona and grade, from lead to customer."""
    pieces = [_breakdown(one) for one in loop.breakdowns.values() if len(one.counts) > 1]
    if not pieces:
        return Html("")
    return joined(heading(tr("By source, persona and grade"), 3), *pieces)


def _breakdown(groups: Breakdown) -> Html:
    rates, shown = groups.rates, groups.counts.rename(columns={"group": "name"})
    stages = {stage: tr(STAGE_NAMES[stage]) for stage in ("lead", "mql", "sales_ready", "customer")}
    labels = {"name": tr(GROUPS[groups.by])} | {c: stages[c] for c in stages if c in shown}
    for start, target in (("lead", "customer"), ("lead", "sql")):
        own = rates[(rates["from"] == start) & (rates["to"] == target)].set_index("group")
        if len(own):
            shown["rate"] = [_rate(own.loc[group]) for group in groups.counts.group]
            labels["rate"] = tr(
                "{stages} within {days} days, of leads old enough",
                stages=tr(STAGE_NAMES[target]),
                days=count(own.window_days.iloc[0]),
            )
            break
    caption = tr(
        "Leads of {first} to {last}",
        first=month_name(groups.first_month),
        last=month_name(groups.last_month),
    )
    names = [plain_code(name_of(REST, str(name))) for name in shown.name]
    return table(shown.assign(name=names), labels, caption=caption, most=12)


def _rate(one: pd.Series) -> str:
    if not one.n:
        return DASH
    return tr(
        "{k} of {n}: {rate} ({low} to {high})",
        k=count(one.k),
        n=count(one.n),
        rate=percent(one.rate, 1),
        low=percent(one.low, 1),
        high=percent(one.high, 1),
    )


def nurture(loop: ClosedLoop) -> Html:
    """Return who comes over the line later and through what, and what recycled leads bring."""
    below_the_line, content = loop.nurture, loop.nurture_content
    if below_the_line is None:
        return Html("")
    sentences = []
    if len(below_the_line.below) and below_the_line.below.n.iloc[0]:
        whole = below_the_line.below.iloc[0]
        title = trn(
            "{share} of {n} lead below the MQL line came over it later",
            "{share} of {n} leads below the MQL line came over it later",
            whole.n,
            share=percent(whole.rate),
        )
        if whole.k:
            days = round(whole.median_days)
            half = trn("Half of them within {n} day.", "Half of them within {n} days.", days)
            sentences.append(half)
        if content is not None:
            sentences.append(sentence(content_sentence(content)))
    else:
        title = tr("No lead below the MQL line is old enough to judge")
    pieces = [heading(title, 3)]
    if sentences:
        pieces.append(paragraph(" ".join(sentences)))
    if content is not None:
        pieces.append(content_table(content, tr("What they did on the way, after their first day")))
    if len(below_the_line.recycled) and below_the_line.recycled.n.iloc[0]:
        pieces.append(paragraph(sentence(_recycled(below_the_line, loop.currency))))
    return joined(*pieces)


def _recycled(nurture: Nurture, currency: str | None) -> str:
    steps = nurture.recycled.set_index("step").k
    brought = trn("{n} customer", "{n} customers", nurture.customers)
    if nurture.revenue is not None:
        amount = money(nurture.revenue, currency)
        brought = tr("{customers} and {amount}", customers=brought, amount=amount)
    came = [
        tr(text, n=count(steps[step])) for step, text in RECYCLED.items() if step in steps.index
    ]
    return trn(
        "Of {n} recycled lead old enough, {came}; they brought {brought}",
        "Of {n} recycled leads old enough, {came}; they brought {brought}",
        nurture.recycled.n.iloc[0],
        came=", ".join(came),
        brought=brought,
    )
