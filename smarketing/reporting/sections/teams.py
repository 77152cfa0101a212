"""The agreed key figures of both teams, who holds the leads, groups of leads, and nurture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from smarketing.language.numbers import (
    DASH,
    SPACE,
    count,
    money,
    month_name,
    noun,
    number,
    percent,
)
from smarketing.reporting.page import Html, heading, joined, paragraph, sentence, unanswered
from smarketing.reporting.sections.deep_dive import content_sentence, content_table
from smarketing.reporting.sections.names import STAGE_NAMES
from smarketing.reporting.tables import table

if TYPE_CHECKING:
    from smarketing.funnel import Breakdown, ClosedLoop

FIGURES = {
    "visitor_to_lead": "Visitor → lead",
    "lead_to_mql": "Lead → MQL",
    "mql_to_sales_ready": "MQL → sales-ready lead",
    "mql_to_sql": "MQL → SQL",
    "close_rate": "Close rate: sales-ready lead → customer",
    "share_from_marketing": "Revenue from marketing's leads",
    "revenue_per_month": "Revenue a month",
    "revenue_per_customer": "Revenue per customer",
    "days_to_first_order": "First touch → first order",
}
GROUPS = {"source": "Source", "persona": "Persona", "grade": "Grade of the first day"}


def key_figures(loop: ClosedLoop) -> Html:
    """Return each team's key figures beside their targets."""
    found = loop.key_figures
    if found is None or found.frame().empty:
        return Html("")
    rows = found.frame()
    judged, met = rows[rows.met.notna()], int(rows.met.sum())
    title = "Key figures of both teams"
    if len(judged):
        title = f"{count(met)} of {noun(len(judged), 'key figure')} with a target are met"
    span = f"{month_name(found.first_month)} to {month_name(found.last_month)}"
    pieces = [heading(title, 3)]
    for side, own in rows.groupby("side", sort=False):
        shown = pd.DataFrame(
            {
                "Figure": [FIGURES[name] for name in own.name],
                "Value": [_value(one.value, one.unit) for one in own.itertuples()],
                "95 % interval": [_interval(one) for one in own.itertuples()],
                "Of": [_behind(one) for one in own.itertuples()],
                "Target": [_value(one.target, one.unit) for one in own.itertuples()],
                "": [_met(one.met) for one in own.itertuples()],
                "Counted": own.counted,
            }
        )
        pieces.append(table(shown, caption=f"{str(side).capitalize()}, {span}"))
    pieces += [unanswered(said) for said in dict.fromkeys(found.cannot.values())]
    return joined(pieces)


def _value(value: Any, unit: str) -> str:
    if pd.isna(value):
        return DASH
    if unit == "share":
        return percent(value, 1 if value < 0.1 else 0)
    return f"{number(value, 0)} days" if unit == "days" else money(value, unit)


def _interval(one: Any) -> str:
    if pd.isna(one.low):
        return DASH
    return f"{_value(one.low, one.unit)} to {_value(one.high, one.unit)}"


def _behind(one: Any) -> str:
    nouns = {"revenue_per_customer": "customer", "days_to_first_order": "customer"}
    if pd.isna(one.k) or one.unit != "share":
        return noun(one.n, nouns.get(one.name, "deal"))
    text = f"{count(one.k)} of {count(one.n)}"
    return f"{text}, {count(one.n_immature)} too young" if one.n_immature else text


def _met(met: Any) -> str:
    return "" if pd.isna(met) else f"met{SPACE}▲" if met else f"missed{SPACE}▼"


def who_holds(loop: ClosedLoop) -> Html:
    """Return who holds the open leads at the month's end, since when, and how many too long."""
    if loop.holding is None or loop.holding.frame().empty:
        return Html("")
    rows = loop.holding.by_stage()
    stuck, n = int(rows.stuck.sum()), int(rows.n.sum())
    shown = rows.assign(stage=rows.stage.map(STAGE_NAMES))
    labels = {"stage": "Stage", "owner": "Held by", "expected": "Expected of them", "n": "Open",
              "median_days": "Median days held", "max_days": "Days agreed",
              "stuck": "Longer than agreed"}  # fmt: skip
    whole = {"median_days": "count", "max_days": "count"}
    return joined(
        [
            heading(f"{count(stuck)} of {noun(n, 'open lead')} held longer than agreed", 3),
            table(shown, labels, whole, "Who holds the leads at the month's end"),
        ]
    )


def breakdowns(loop: ClosedLoop) -> Html:
    """Return the year's leads by source, persona and grade, from lead to customer."""
    pieces = [_breakdown(one) for one in loop.breakdowns.values() if len(one.counts) > 1]
    if not pieces:
        return Html("")
    return joined([heading("By source, persona and grade", 3), *pieces])


def _breakdown(found: Breakdown) -> Html:
    rates = found.rates
    last = [pair for pair in (("lead", "customer"), ("lead", "sql")) if _has(rates, *pair)]
    rows = found.counts
    columns = {stage: STAGE_NAMES[stage] for stage in ("lead", "mql", "sales_ready", "customer")}
    shown = rows.rename(columns={"group": "name"})
    labels = {"name": GROUPS[found.by]} | {c: name for c, name in columns.items() if c in shown}
    if last:
        start, target = last[0]
        own = rates[(rates["from"] == start) & (rates["to"] == target)].set_index("group")
        shown["rate"] = [_rate(own.loc[group]) for group in rows.group]
        days = own.window_days.iloc[0]
        labels["rate"] = f"{STAGE_NAMES[target]} within {days:.0f} days, of leads old enough"
    return table(
        shown.assign(name=[str(name).replace("_", " ") for name in shown.name]),
        labels,
        caption=f"Leads of {month_name(found.first_month)} to {month_name(found.last_month)}",
        most=12,
    )


def _has(rates: pd.DataFrame, start: str, target: str) -> bool:
    return bool(((rates["from"] == start) & (rates["to"] == target)).any())


def _rate(one: pd.Series) -> str:
    if not one.n:
        return DASH
    low, high = percent(one.low, 1), percent(one.high, 1)
    return f"{count(one.k)} of {count(one.n)}: {percent(one.rate, 1)} ({low} to {high})"


def nurture(loop: ClosedLoop) -> Html:
    """Return who comes over the line later and through what, and what recycled leads bring."""
    found = loop.nurture
    if found is None:
        return Html("")
    if len(found.below) and found.below.n.iloc[0]:
        whole = found.below.iloc[0]
        below = noun(whole.n, "lead")
        text = f"Half of them within {number(whole.median_days, 0)} days."
        if not whole.k:
            text = ""
        if loop.nurture_content is not None:
            text += " " + sentence(content_sentence(loop.nurture_content))
        title = f"{percent(whole.rate)} of {below} below the MQL line came over it later"
        pieces = [heading(title, 3), *([paragraph(text.strip())] if text.strip() else [])]
    else:
        pieces = [heading("No lead below the MQL line is old enough to judge", 3)]
    if loop.nurture_content is not None:
        pieces.append(
            content_table(loop.nurture_content, "What they did on the way, after their first day")
        )
    steps = found.recycled.set_index("step")
    if len(steps) and steps.n.iloc[0]:
        came = [
            f"{count(steps.k[step])} {says}"
            for step, says in (
                ("back", "came back"), ("mql", "became MQLs anew"),
                ("sales_ready", "were handed over"),
            )
            if step in steps.index
        ]  # fmt: skip
        text = f"Of {noun(steps.n.iloc[0], 'recycled lead')} old enough, {', '.join(came)}"
        text += f"; they brought {noun(found.customers, 'customer')}"
        if found.revenue is not None:
            text += f" and {money(found.revenue, loop.currency)}"
        pieces.append(paragraph(sentence(text)))
    return joined(pieces)
