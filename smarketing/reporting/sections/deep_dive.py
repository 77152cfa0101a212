"""The deep dive into campaigns: what they brought and cost, six ways of crediting them, content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smarketing.funnel.attribution.campaigns import SMALL_N
from smarketing.funnel.words import MODEL_NAMES
from smarketing.language.numbers import DASH, count, money, month_name, noun, percent
from smarketing.reporting.page import Html, bullets, heading, joined, paragraph, unanswered
from smarketing.reporting.sections.names import figure_of
from smarketing.reporting.tables import table

if TYPE_CHECKING:
    from smarketing.funnel import Campaigns, ClosedLoop, Content
    from smarketing.reporting.monthly import MonthlyReport

MOST = 15
KINDS = {
    "page_view": "page", "download": "download", "video_view": "video", "webinar": "webinar",
    "email_open": "mail opened", "email_click": "click in a mail", "form_submit": "form",
    "demo_request": "demo request",
}  # fmt: skip
_SHOWN = 8


def campaigns(report: MonthlyReport) -> Html:
    """Return what campaigns brought and cost, what they are credited with, and what was read."""
    return deep_dive(report.loop, report.cannot)


def deep_dive(loop: ClosedLoop, cannot: dict[str, str]) -> Html:
    """Return the campaigns of a closed loop, and the content on the way to an order."""
    found = loop.campaigns
    if found is None:
        pieces = [heading("Campaigns cannot be compared"), unanswered(cannot.get("campaigns", ""))]
    else:
        pieces = [heading(_title(found)), _brought(found)]
        if found.models is not None:
            pieces += [_credited(found), figure_of(found.plot, behind=_returns(found))]
        pieces.append(bullets(found.notes))
    return joined([*pieces, content_of(loop, cannot)])


def _brought(found: Campaigns) -> Html:
    span = f"{month_name(found.first_month)} to {month_name(found.last_month)}"
    labels = {
        "name": "Campaign", "leads": "Leads", "mqls": "MQLs", "sales_ready": "Sales-ready",
        "customers": "Customers", "revenue": f"Revenue, {found.currency}", "cost": "Cost",
        "cost_per_mql": "Cost per MQL", "cost_per_sales_ready": "per sales-ready lead",
        "cost_per_customer": "per customer", "return_rate": "Return", "young": "Too young",
    }  # fmt: skip
    formats = dict.fromkeys(
        ("revenue", "cost", "cost_per_mql", "cost_per_sales_ready", "cost_per_customer"), "money"
    ) | {"return_rate": "percent"}
    rows = found.frame()
    few = rows.n < SMALL_N
    rows = rows.assign(
        young=rows.leads - rows.n,
        name=rows.name.where(~few, rows.name + " (too few leads to judge)"),
    )
    labels = {c: label for c, label in labels.items() if c not in rows or rows[c].notna().any()}
    note = (
        "Return: (revenue − cost) ÷ cost, of the campaign's own leads so far; those too young may"
        " still buy."
    )
    brought = table(rows, labels, formats, f"Leads of {span}, followed until today", most=MOST)
    return brought + paragraph(note, "note") if "return_rate" in labels else brought


def _credited(found: Campaigns) -> Html:
    wide = found.attributed()
    wide = wide.assign(most=wide[list(found.attribution)].max(axis=1))
    wide = wide.sort_values(["most", "name"], ascending=[False, True])
    models = {model: name for model, name in MODEL_NAMES.items() if model in wide}
    return table(
        wide,
        {"name": "Campaign"} | models,
        dict.fromkeys(models, "money"),
        f"Revenue closed in the same months, {money(found.revenue, found.currency)}, credited six"
        " ways to the campaigns on the way to it; each column sums to it",
        most=MOST,
    )


def _returns(found: Campaigns) -> Html:
    """Return each campaign's return by model, with its interval, where there are costs."""
    rows = found.models.frame()
    paid = rows[rows.return_rate.notna()]
    if paid.empty:
        return Html("")
    cells = [
        f"{percent(one.return_rate, 0)} ({percent(one.return_low, 0)} to"
        f" {percent(one.return_high, 0)})"
        if pd.notna(one.return_low)
        else percent(one.return_rate, 0)
        for one in paid.itertuples()
    ]
    wide = paid.assign(cell=cells).pivot(index="campaign_id", columns="model", values="cell")
    about = paid.drop_duplicates("campaign_id").set_index("campaign_id")
    wide = wide.assign(
        name=about.name,
        journeys=[
            f"{count(won)} of {count(n)}"
            for won, n in zip(
                about.won_journeys[wide.index], about.journeys[wide.index], strict=True
            )
        ],
        remark=about.remark,
        order=-about.return_rate,
    ).sort_values(["order", "name"])
    labels = {"name": "Campaign", "journeys": "On journeys won, of all"}
    labels |= {model: name for model, name in MODEL_NAMES.items() if model in wide}
    labels["remark"] = "Remark"
    caption = "Return on cost by model, with 95 % intervals (bootstrap over journeys)"
    return table(wide.reset_index(drop=True), labels, caption=caption, most=MOST)


def _title(found: Campaigns) -> str:
    rows, currency = found.frame(), found.currency
    earned = rows[rows.return_rate.notna() & (rows.n >= SMALL_N)]
    if earned.empty:
        known = rows[rows.campaign_id != "(no campaign)"]
        return f"{noun(len(known), 'campaign')} brought {noun(int(rows.leads.sum()), 'lead')}"
    best, worst = earned.loc[earned.return_rate.idxmax()], earned.loc[earned.return_rate.idxmin()]
    if best.campaign_id == worst.campaign_id:
        return f"{best['name']} returned {percent(best.return_rate)} of its cost"
    return (
        f"{best['name']} earned {money(best.revenue, currency)} at a cost of {money(best.cost)}; "
        f"{worst['name']} {money(worst.revenue)} at {money(worst.cost)}"
    )


def content_of(loop: ClosedLoop, cannot: dict[str, str]) -> Html:
    """Return what customers looked at before they bought, against the others."""
    if loop.content is None:
        return unanswered(cannot["content"]) if "content" in cannot else Html("")
    found = loop.content
    said = content_sentence(found)
    note = (
        f"Of {noun(found.n, 'customer')} and {noun(found.n_others, 'other lead')} old enough to"
        " judge, by what each did before the order, or before its window was over. What goes with"
        " buying need not be why they bought."
    )
    return joined(
        [
            heading(said, 3),
            content_table(found, "What they looked at: pages, assets, mails, search words"),
            paragraph(note, "note"),
        ]
    )


def content_sentence(found: Content) -> str:
    """Return the piece of content that sets the two kinds of journeys apart the most."""
    told = found.frame()
    told = told[(told.remark == "") & (told.low > 0)]
    if told.empty:
        return f"Nothing stands out on the journeys of {found.who}"
    best = told.iloc[0]
    return (
        f"{best.subject} stands on {percent(best.share)} of the journeys of {found.who}, and on"
        f" {percent(best.share_others)} of those of {found.others}"
    )


def content_table(found: Content, caption: str) -> Html:
    """Return the content most and least often on the first kind of journeys, with n."""
    rows = found.frame()
    judged = rows[rows.remark == ""]
    apart = judged[(judged.low > 0) | (judged.high < 0)]
    shown = apart if len(apart) <= 2 * _SHOWN else pd.concat([apart.head(_SHOWN), apart.tail(3)])
    shown = shown.assign(
        kind=shown.kind.map(lambda kind: KINDS.get(kind, kind.replace("_", " "))),
        own=[_of(one.k, one.n) for one in shown.itertuples()],
        rest=[_of(one.k_others, one.n_others) for one in shown.itertuples()],
        interval=[
            f"{_points(one.difference)} ({_points(one.low)} to {_points(one.high)})"
            for one in shown.itertuples()
        ],
    )
    labels = {
        "subject": "Content", "kind": "Kind", "own": found.who[0].upper() + found.who[1:],
        "rest": found.others[0].upper() + found.others[1:],
        "interval": "Difference, points (95 %)",
    }  # fmt: skip
    alike, rare = len(judged) - len(apart), len(rows) - len(judged)
    said = [f"{noun(alike, 'other')} as often on both, but for chance"] if alike else []
    said += [f"{count(rare)} on too few journeys to compare"] if rare else []
    told = table(shown, labels, caption=caption) if len(shown) else Html("")
    return told + paragraph("; ".join(said) + ".", "note") if said else told


def _of(k: int, n: int) -> str:
    return f"{count(k)} of {count(n)} ({percent(k / n)})" if n else DASH


def _points(share: float) -> str:
    return f"{100 * share:+.0f}".replace("-", "−").replace("+0", "0").replace("−0", "0")
