"""The first screen: what the two minutes of a board member are for."""

from __future__ import annotations

from smarketing.funnel.flow.stages import Trend
from smarketing.funnel.wording import STAGE_NAMES
from smarketing.language.catalogue import tr
from smarketing.language.plurals import trn
from smarketing.reporting.figures.thirteen_months import thirteen_months
from smarketing.reporting.html.branding import Brand
from smarketing.reporting.html.page import Html, figure_of, fill
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.summary import Summary
from smarketing.reporting.pages.year_to_date import has_revenue


def first_screen(summary: Summary, company: str, brand: Brand, figure: Html | None) -> Html:
    """Return the first screen: kept or broken, the year, what changed, what to do, how sure."""
    return fill(
        "first_screen.html.j2",
        title=summary.title,
        logo=brand.logo,
        company=company,
        about=" · ".join(summary.rests_on),
        message=summary.message,
        tables=summary.tables,
        points=summary.points,
        figure=figure,
    )


def trend_figure(trend: Trend, month: str) -> Html:
    """Return thirteen months of hand-overs and customers, with the numbers behind them."""
    counts = trend.counts
    wide = counts.pivot_table(index="month", columns="stage", values="calendar", sort=False)
    stages = [stage for stage in STAGE_NAMES if stage in wide.columns]
    wide = wide[stages].astype("Int64").reset_index()
    if has_revenue(trend):
        wide = wide.merge(trend.revenue[["month", "revenue"]], on="month", how="left")
    names = {
        "month": tr("Month"),
        **{stage: tr(name) for stage, name in STAGE_NAMES.items()},
        "revenue": tr("Revenue, {currency}", currency=trend.currency),
    }
    caption = tr("In the month, whenever the lead came")
    if trend.undated:
        caption = trn(
            "In the month, whenever the lead came; {n} customer without a closing date is not in "
            "it",
            "In the month, whenever the lead came; {n} customers without a closing date are not in "
            "it",
            trend.undated,
        )
    behind = table(wide, names, {"revenue": "money"}, caption)
    return figure_of(
        lambda: thirteen_months(counts, trend.promised, month),
        says=tr("In the month, whenever the lead came; outlined: promised; dark: this month"),
        behind=behind,
    )
