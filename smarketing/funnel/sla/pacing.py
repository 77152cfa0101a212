"""A week's volumes against a month's promises: by the day, by the season, and the month so far."""

from __future__ import annotations

import calendar
import math

import pandas as pd

from smarketing.agreement.sla import MarketingPromise, SalesPromise
from smarketing.clock import month_of
from smarketing.funnel.history import History, moment
from smarketing.funnel.sla.promises import BROKEN, KEPT
from smarketing.funnel.wording import never_recorded


def week_volumes(
    history: History, week: str, start: pd.Timestamp, end: pd.Timestamp, cannot: dict[str, str]
) -> list[dict]:
    """Return the week's volumes against the month's promises, by the day and by the season.

    A month's promise is spread evenly over its days. A week's part of it is seldom a whole number,
    so the verdict follows the month: kept as long as the month so far, up to the week's end, has
    as many as were wholly due by then. A week belongs to the month of its Thursday. The season is
    how the same month of earlier years compares with their average month; no season is known from
    less than a year.

    Parameters
    ----------
    history : History
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
    marketing = history.agreement.sla.marketing or MarketingPromise()
    sales = history.agreement.sla.sales or SalesPromise()
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
        if stage not in history.recorded:
            cannot[name] = never_recorded(stage)
            continue
        times = history.spells[moment(stage)]
        if stage == "sales_ready":  # recycled leads count only if they qualified anew
            anew = (history.spells.spell == 1) | (history.spells.mql_at <= times)
            times = times.where(anew)
        delivered = int(((times >= start) & (times < end)).sum())
        so_far, due = _month_so_far(history, times, days[3], end, promised)
        pace = sum(promised / calendar.monthrange(day.year, day.month)[1] for day in days)
        season = _season(history, times, days[3])
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
    history: History, times: pd.Series, day: pd.Timestamp, end: pd.Timestamp, promised: float
) -> tuple[int, int]:
    """Return how many the day's month has by the week's end, and how many were due by then."""
    first, after = history.bounds(f"{day:%Y-%m}")
    end = min(end, after)
    elapsed = math.ceil((end - first) / pd.Timedelta(days=1) - 0.1)  # summer time is an hour
    due = promised * elapsed / calendar.monthrange(day.year, day.month)[1]
    return int(((times >= first) & (times < end)).sum()), math.floor(due + 1e-9)


def _season(history: History, times: pd.Series, day: pd.Timestamp) -> float | None:
    """Return how the day's month of earlier years compares with an average month."""
    current = f"{day:%Y-%m}"
    since = history.history_from
    whole = [
        month
        for month in history.months
        if month < current and (since is None or history.bounds(month)[0] >= since)
    ]
    same = [month for month in whole if month[5:] == current[5:]]
    if len(whole) < 12 or not same:
        return None
    counts = month_of(times, history.timezone).value_counts().reindex(whole, fill_value=0)
    return float(counts[same].mean() / counts.mean()) if counts.sum() else None
