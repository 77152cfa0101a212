"""The first screen: what the two minutes of a board member are for."""

from __future__ import annotations

from smarketing.language.catalogue import tr
from smarketing.language.numbers import day
from smarketing.language.speaker import in_its_language
from smarketing.reporting.figures.thirteen_months import thirteen_months
from smarketing.reporting.html.page import Html, fill
from smarketing.reporting.html.table import table
from smarketing.reporting.pages import promise_rows as sides
from smarketing.reporting.pages.monthly_numbers import MonthlyReport
from smarketing.reporting.pages.sections.names import STAGE_NAMES, figure_of
from smarketing.reporting.pages.year_to_date import by_month, has_revenue


@in_its_language
def first_screen(report: MonthlyReport) -> Html:
    """Return the first screen: kept or broken, the year, what changed, what to do, how sure."""
    agreement = report.agreement
    promises = report.loop.sla.promises if report.loop.sla else ()
    data = tr("data without dates")
    if report.data_until is not None:
        until = report.data_until.tz_localize("UTC").tz_convert(agreement.timezone)
        data = tr("data to {day}", day=day(until))
    tables = [
        (head, sides.lines_of(promises, side, agreement))
        for side, head in (sides.heads() if report.loop.sla else {}).items()
    ]
    if report.since and report.since.lines:
        tables.append((report.since.head, report.since.lines))
    points = [
        (tr("What changed"), report.changed),
        (tr("We recommend"), report.advice),
        (tr("How sure we are"), report.sure),
    ]
    return fill(
        "first_screen.html.j2",
        title=report.title,
        logo=report.brand.logo,
        company=report.company,
        about=tr("agreement {version}", version=agreement.version) + f" · {data}",
        message=report.message,
        tables=tables,
        points=[(name, text) for name, text in points if text],
        figure=trend(report) if report.trend else None,
    )


@in_its_language
def trend(report: MonthlyReport) -> Html:
    """Return thirteen months of hand-overs and customers, with the numbers behind them."""
    counts = by_month(report.trend)
    wide = counts.pivot_table(index="month", columns="stage", values="calendar", sort=False)
    stages = [stage for stage in STAGE_NAMES if stage in wide.columns]
    wide = wide[stages].astype("Int64").reset_index()
    if has_revenue(report.trend):
        wide = wide.merge(report.trend.revenue[["month", "revenue"]], on="month", how="left")
    names = {
        "month": tr("Month"),
        **{stage: tr(name) for stage, name in STAGE_NAMES.items()},
        "revenue": tr("Revenue, {currency}", currency=report.trend.currency),
    }
    behind = table(wide, names, {"revenue": "money"}, tr("In the month, whenever the lead came"))
    return figure_of(
        lambda: thirteen_months(report.trend, report.month),
        says=tr("In the month, whenever the lead came; outlined: promised; dark: this month"),
        behind=behind,
    )
