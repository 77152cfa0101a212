"""The deep dive into campaigns: what they brought and cost, six ways of crediting them, content."""

from __future__ import annotations

import pandas as pd

from smarketing.funnel.attribution.campaigns import SMALL_N, Campaigns
from smarketing.funnel.closed_loop import ClosedLoop
from smarketing.funnel.wording import MODEL_NAMES
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, money, month_name, percent
from smarketing.language.plurals import trn
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
from smarketing.reporting.pages.content_tables import content_sentence, content_table
from smarketing.reporting.pages.wording import REST, name_of, within

MOST = 15


def deep_dive(loop: ClosedLoop) -> Html:
    """Return the campaigns of a closed loop, and the content on the way to an order."""
    campaigns = loop.campaigns
    if campaigns is None:
        pieces = [
            heading(tr("Campaigns cannot be compared")),
            unanswered(loop.cannot.get("campaigns", "")),
        ]
    else:
        pieces = [heading(_title(campaigns)), _brought(campaigns)]
        if campaigns.models is not None:
            behind = _returns(campaigns.models.frame())
            pieces += [_credited(campaigns), figure_of(campaigns.plot, behind=behind)]
        pieces.append(bullets(campaigns.notes))
    return joined(*pieces, content_of(loop))


def _brought(campaigns: Campaigns) -> Html:
    labels = {
        "name": tr("Campaign"), "leads": tr("Leads"), "mqls": tr("MQLs"),
        "sales_ready": tr("Sales-ready"), "customers": tr("Customers"),
        "revenue": tr("Revenue, {currency}", currency=campaigns.currency), "cost": tr("Cost"),
        "cost_per_mql": tr("Cost per MQL"), "cost_per_sales_ready": tr("per sales-ready lead"),
        "cost_per_customer": tr("per customer"), "return_rate": tr("Return"),
        "young": tr("Too young"),
    }  # fmt: skip
    formats = dict.fromkeys(
        ("revenue", "cost", "cost_per_mql", "cost_per_sales_ready", "cost_per_customer"), "money"
    ) | {"return_rate": "percent"}
    rows = _named(campaigns.frame())
    names = [
        tr("{campaign} (too few leads to judge)", campaign=name) if n < SMALL_N else name
        for name, n in zip(rows.name, rows.n, strict=True)
    ]
    rows = rows.assign(young=rows.leads - rows.n, name=names)
    labels = filled(labels, rows)
    note = tr(
        "Return: (revenue − cost) ÷ cost, of the campaign's own leads so far; those too young may "
        "still buy."
    )
    caption = tr(
        "Leads of {first} to {last}, followed until today",
        first=month_name(campaigns.first_month),
        last=month_name(campaigns.last_month),
    )
    brought = table(rows, labels, formats, caption, most=MOST)
    return brought + paragraph(note, "note") if "return_rate" in labels else brought


def _credited(campaigns: Campaigns) -> Html:
    wide = _named(campaigns.attributed())
    wide = wide.assign(most=wide[list(campaigns.attribution)].max(axis=1))
    wide = wide.sort_values(["most", "name"], ascending=[False, True])
    models = {model: tr(name) for model, name in MODEL_NAMES.items() if model in wide}
    caption = tr(
        "Revenue closed in the same months, {revenue}, credited six ways to the campaigns on the "
        "way to it; each column sums to it",
        revenue=money(campaigns.revenue, campaigns.currency),
    )
    return table(
        wide, {"name": tr("Campaign")} | models, dict.fromkeys(models, "money"), caption, most=MOST
    )


def _returns(rows: pd.DataFrame) -> Html:
    """Return each campaign's return by model, with its interval, where there are costs."""
    paid = _named(rows[rows.return_rate.notna()])
    if paid.empty:
        return Html("")
    cells = [
        within(*(percent(share, 0) for share in (one.return_rate, one.return_low, one.return_high)))
        if pd.notna(one.return_low)
        else percent(one.return_rate, 0)
        for one in paid.itertuples()
    ]
    wide = paid.assign(cell=cells).pivot(index="campaign_id", columns="model", values="cell")
    about = paid.drop_duplicates("campaign_id").set_index("campaign_id")
    wide = wide.assign(
        name=about.name,
        journeys=[
            tr("{k} of {n}", k=count(won), n=count(n))
            for won, n in zip(
                about.won_journeys[wide.index], about.journeys[wide.index], strict=True
            )
        ],
        remark=about.remark,
        order=-about.return_rate,
    ).sort_values(["order", "name"])
    labels = {"name": tr("Campaign"), "journeys": tr("On journeys won, of all")}
    labels |= {model: tr(name) for model, name in MODEL_NAMES.items() if model in wide}
    labels["remark"] = tr("Remark")
    caption = tr("Return on cost by model, with 95 % intervals (bootstrap over journeys)")
    return table(wide.reset_index(drop=True), labels, caption=caption, most=MOST)


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(name=[name_of(REST, name) for name in rows.name])


def _title(campaigns: Campaigns) -> str:
    rows, currency = campaigns.frame(), campaigns.currency
    earned = rows[rows.return_rate.notna() & (rows.n >= SMALL_N)]
    if earned.empty:
        known = rows[rows.campaign_id != "(no campaign)"]
        leads = trn("{n} lead", "{n} leads", int(rows.leads.sum()))
        return trn(
            "{n} campaign brought {leads}", "{n} campaigns brought {leads}", len(known), leads=leads
        )
    best, worst = earned.loc[earned.return_rate.idxmax()], earned.loc[earned.return_rate.idxmin()]
    if best.campaign_id == worst.campaign_id:
        return tr(
            "{campaign} returned {share} of its cost",
            campaign=best["name"],
            share=percent(best.return_rate),
        )
    return tr(
        "{best} earned {most} at a cost of {cost}; {worst} {least} at {other_cost}",
        best=best["name"],
        most=money(best.revenue, currency),
        cost=money(best.cost),
        worst=worst["name"],
        least=money(worst.revenue),
        other_cost=money(worst.cost),
    )


def content_of(loop: ClosedLoop) -> Html:
    """Return what customers looked at before they bought, against the others."""
    content = loop.content
    if content is None:
        return unanswered(loop.cannot["content"]) if "content" in loop.cannot else Html("")
    note = tr(
        "Of {customers} and {others} old enough to judge, by what each did before the order, or "
        "before its window was over. What goes with buying need not be why they bought.",
        customers=trn("{n} customer", "{n} customers", content.n),
        others=trn("{n} other lead", "{n} other leads", content.n_others),
    )
    return joined(
        heading(content_sentence(content), 3),
        content_table(content, tr("What they looked at: pages, assets, mails, search words")),
        paragraph(note, "note"),
    )
