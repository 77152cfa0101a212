"""A week's volumes against a month's promises: by the day, by the season, and the month so far."""

from __future__ import annotations

import calendar
import math

import pandas as pd

from smarketing.agreement.sla import MarketingPromise, SalesPromise
from smarketing.funnel.flow.stages import counted_stages
from smarketing.funnel.sla.promises import BROKEN, KEPT
from smarketing.funnel.wording import never_recorded
from smarketing.measures.count import count
from smarketing.measures.facts import Facts


def week_volumes(
    facts: Facts, week: str, start: pd.Timestamp, end: pd.Timestamp, cannot: dict[str, str]
) -> list[dict]:
    """Return the week's volumes against the month's promises, by the day and by the season.

    A month's promise is spread evenly over its days. A week's part of it is seldom a whole number,
    so the verdict follows the month: kept as long as the month so far, up to the week's end, has
    as many as were wholly due by then. A week belongs to the month of its Thursday. The season is
    how the same month of earlier years compares with their average month; no season is known from
    less than a year.

    Parameters
    ----------
    facts : Facts
    week : str
        "YYYY-Www".
    start, end : pandas.Timestamp
        The week in naive UTC, as far as the data reaches.
    cannot : dict of str to str
        Takes what the tables cannot say, with the reason.

    Returns
    -------
    list of dict
        ``side``, ``name``, ``promised``, ``seasonal``, ``delivered``, ``month_so_far``, ``due``
        (whole ones, of the month's promise by now), ``verdict``, ``broken``.
    """
    marketing = facts.agreement.sla.marketing or MarketingPromise()
    sales = facts.agreement.sla.sales or SalesPromise()
    agreed = [
        ("marketing", "mqls", "mql", marketing.mqls_per_month),
        ("marketing", "sales_ready", "sales_ready", marketing.sales_ready_per_month),
        ("sales", "customers", "customer", sales.customers_per_month),
    ]
    monday = pd.Timestamp.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    days = [monday + pd.Timedelta(days=place) for place in range(7)]
    volumes = []
    for side, name, stage, promised in agreed:
        if not promised:
            continue
        if stage not in counted_stages(facts):
            cannot[name] = never_recorded(stage)
            continue
        delivered = int(count(facts, name, since=start, until=end).total)
        so_far, due = _month_so_far(facts, name, days[3], end, promised)
        pace = sum(promised / calendar.monthrange(day.year, day.month)[1] for day in days)
        season = _season(facts, name, days[3])
        volumes.append(
            {
                "side": side,
                "name": name,
                "promised": pace,
                "seasonal": pace * season if season else None,
                "delivered": delivered,
                "month_so_far": so_far,
                "due": due,
                "verdict": KEPT if so_far >= due else BROKEN,
                "broken": (),
            }
        )
    return volumes


def _month_so_far(
    facts: Facts, measure: str, day: pd.Timestamp, end: pd.Timestamp, promised: float
) -> tuple[int, int]:
    """Return how many the day's month has by the week's end, and how many were due by then."""
    first, after = facts.bounds(f"{day:%Y-%m}")
    end = min(end, after)
    elapsed = math.ceil((end - first) / pd.Timedelta(days=1) - 0.1)  # summer time is an hour
    due = promised * elapsed / calendar.monthrange(day.year, day.month)[1]
    so_far = count(facts, measure, since=first, until=end).total
    return int(so_far), math.floor(due + 1e-9)


def _season(facts: Facts, measure: str, day: pd.Timestamp) -> float | None:
    """Return how the day's month of earlier years compares with an average month."""
    current = f"{day:%Y-%m}"
    since = facts.history_from
    whole = [
        month
        for month in facts.months
        if month < current and (since is None or facts.bounds(month)[0] >= since)
    ]
    same = [month for month in whole if month[5:] == current[5:]]
    if len(whole) < 12 or not same:
        return None
    counts = count(facts, measure, months=whole).by_month()
    return float(counts[same].mean() / counts.mean()) if counts.sum() else None
