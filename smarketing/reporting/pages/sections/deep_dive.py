"""The deep dive into campaigns: what they brought and cost, six ways of crediting them, content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smarketing.funnel.attribution.campaigns import SMALL_N
from smarketing.funnel.wording import MODEL_NAMES
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import DASH, count, money, month_name, percent
from smarketing.language.plurals import trn
from smarketing.language.speaker import in_its_language
from smarketing.reporting.html.page import Html, bullets, heading, joined, paragraph, unanswered
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.sections.names import REST, capital, figure_of, name_of

if TYPE_CHECKING:
    from smarketing.funnel.attribution.campaigns import Campaigns
    from smarketing.funnel.closed_loop import ClosedLoop
    from smarketing.funnel.flow.content import Content
    from smarketing.reporting.pages.monthly_numbers import MonthlyReport

MOST = 15
KINDS = {
    "page_view": mark("page"), "download": mark("download"), "video_view": mark("video"),
    "webinar": mark("webinar"), "email_open": mark("mail opened"),
    "email_click": mark("click in a mail"), "form_submit": mark("form"),
    "demo_request": mark("demo request"),
}  # fmt: skip
_SHOWN = 8


@in_its_language
def campaigns(report: MonthlyReport) -> Html:
    """Return what campaigns brought and cost, what they are credited with, and what was read."""
    return deep_dive(report.loop, report.cannot)


def deep_dive(loop: ClosedLoop, cannot: dict[str, str]) -> Html:
    """Return the campaigns of a closed loop, and the content on the way to an order."""
    found = loop.campaigns
    if found is None:
        pieces = [
            heading(tr("Campaigns cannot be compared")),
            unanswered(cannot.get("campaigns", "")),
        ]
    else:
        pieces = [heading(_title(found)), _brought(found)]
        if found.models is not None:
            pieces += [_credited(found), figure_of(found.plot, behind=_returns(found))]
        pieces.append(bullets(found.notes))
    return joined([*pieces, content_of(loop, cannot)])


def _brought(found: Campaigns) -> Html:
    labels = {
        "name": tr("Campaign"), "leads": tr("Leads"), "mqls": tr("MQLs"),
        "sales_ready": tr("Sales-ready"), "customers": tr("Customers"),
        "revenue": tr("Revenue, {currency}", currency=found.currency), "cost": tr("Cost"),
        "cost_per_mql": tr("Cost per MQL"), "cost_per_sales_ready": tr("per sales-ready lead"),
        "cost_per_customer": tr("per customer"), "return_rate": tr("Return"),
        "young": tr("Too young"),
    }  # fmt: skip
    formats = dict.fromkeys(
        ("revenue", "cost", "cost_per_mql", "cost_per_sales_ready", "cost_per_customer"), "money"
    ) | {"return_rate": "percent"}
    rows = _named(found.frame())
    names = [
        tr("{campaign} (too few leads to judge)", campaign=name) if n < SMALL_N else name
        for name, n in zip(rows.name, rows.n, strict=True)
    ]
    rows = rows.assign(young=rows.leads - rows.n, name=names)
    labels = {c: label for c, label in labels.items() if c not in rows or rows[c].notna().any()}
    note = tr(
        "Return: (revenue − cost) ÷ cost, of the campaign's own leads so far; those too young may "
        "still buy."
    )
    caption = tr(
        "Leads of {first} to {last}, followed until today",
        first=month_name(found.first_month),
        last=month_name(found.last_month),
    )
    brought = table(rows, labels, formats, caption, most=MOST)
    return brought + paragraph(note, "note") if "return_rate" in labels else brought


def _credited(found: Campaigns) -> Html:
    wide = _named(found.attributed())
    wide = wide.assign(most=wide[list(found.attribution)].max(axis=1))
    wide = wide.sort_values(["most", "name"], ascending=[False, True])
    models = {model: tr(name) for model, name in MODEL_NAMES.items() if model in wide}
    caption = tr(
        "Revenue closed in the same months, {revenue}, credited six ways to the campaigns on the "
        "way to it; each column sums to it",
        revenue=money(found.revenue, found.currency),
    )
    return table(
        wide, {"name": tr("Campaign")} | models, dict.fromkeys(models, "money"), caption, most=MOST
    )


def _returns(found: Campaigns) -> Html:
    """Return each campaign's return by model, with its interval, where there are costs."""
    rows = _named(found.models.frame())
    paid = rows[rows.return_rate.notna()]
    if paid.empty:
        return Html("")
    cells = [
        _within(
            *(percent(share, 0) for share in (one.return_rate, one.return_low, one.return_high))
        )
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


def _title(found: Campaigns) -> str:
    rows, currency = found.frame(), found.currency
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


def content_of(loop: ClosedLoop, cannot: dict[str, str]) -> Html:
    """Return what customers looked at before they bought, against the others."""
    if loop.content is None:
        return unanswered(cannot["content"]) if "content" in cannot else Html("")
    found = loop.content
    said = content_sentence(found)
    note = tr(
        "Of {customers} and {others} old enough to judge, by what each did before the order, or "
        "before its window was over. What goes with buying need not be why they bought.",
        customers=trn("{n} customer", "{n} customers", found.n),
        others=trn("{n} other lead", "{n} other leads", found.n_others),
    )
    return joined(
        [
            heading(said, 3),
            content_table(found, tr("What they looked at: pages, assets, mails, search words")),
            paragraph(note, "note"),
        ]
    )


def content_sentence(found: Content) -> str:
    """Return the piece of content that sets the two kinds of journeys apart the most."""
    told = found.frame()
    told = told[(told.remark == "") & (told.low > 0)]
    if told.empty:
        return tr("Nothing stands out on the journeys of {who}", who=tr(found.who))
    best = told.iloc[0]
    return tr(
        "{content} stands on {share} of the journeys of {who}, and on {share_others} of those of "
        "{others}",
        content=best.subject,
        share=percent(best.share),
        who=tr(found.who),
        share_others=percent(best.share_others),
        others=tr(found.others),
    )


def content_table(found: Content, caption: str) -> Html:
    """Return the content most and least often on the first kind of journeys, with n."""
    rows = found.frame()
    judged = rows[rows.remark == ""]
    apart = judged[(judged.low > 0) | (judged.high < 0)]
    shown = apart if len(apart) <= 2 * _SHOWN else pd.concat([apart.head(_SHOWN), apart.tail(3)])
    shown = shown.assign(
        kind=[name_of(KINDS, kind).replace("_", " ") for kind in shown.kind],
        own=[_of(one.k, one.n) for one in shown.itertuples()],
        rest=[_of(one.k_others, one.n_others) for one in shown.itertuples()],
        interval=[
            _within(*(_points(share) for share in (one.difference, one.low, one.high)))
            for one in shown.itertuples()
        ],
    )
    labels = {
        "subject": tr("Content"), "kind": tr("Kind"), "own": capital(tr(found.who)),
        "rest": capital(tr(found.others)), "interval": tr("Difference, points (95 %)"),
    }  # fmt: skip
    alike, rare = len(judged) - len(apart), len(rows) - len(judged)
    said = []
    if alike:
        said.append(
            trn("{n} other as often on both, but for chance",
                "{n} others as often on both, but for chance", alike)
        )  # fmt: skip
    if rare:
        said.append(tr("{n} on too few journeys to compare", n=count(rare)))
    told = table(shown, labels, caption=caption) if len(shown) else Html("")
    return told + paragraph("; ".join(said) + ".", "note") if said else told


def _of(k: int, n: int) -> str:
    if not n:
        return DASH
    return tr("{k} of {n} ({share})", k=count(k), n=count(n), share=percent(k / n))


def _within(value: str, low: str, high: str) -> str:
    return tr("{value} ({low} to {high})", value=value, low=low, high=high)


def _points(share: float) -> str:
    return f"+{count(100 * share)}" if round(100 * share) > 0 else count(100 * share)
