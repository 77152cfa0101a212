"""Which month or week a report is about, and whether the data reaches it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pandas as pd

from smarketing.clock import FIRST_YEAR, LAST_YEAR, Month, check_month, first_instant, month_bounds
from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.warehouse.warehouse import Warehouse

UNDATED = "undated"
"""The period of a report on tables without dates: all their leads, in no month."""

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
_NO_TIME = (
    "the tables have no dates, so there is no report of a month or week; leave the month out for "
    "a report of all their leads"
)


def week_bounds(week: str, timezone: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first instant of a local ISO week and of the next one, as naive UTC.

    Raises
    ------
    UsageError
        If the week is not "YYYY-Www" or the year has no such week.

    Examples
    --------
    >>> week_bounds("2026-W44", "Europe/Copenhagen")
    (Timestamp('2026-10-25 23:00:00'), Timestamp('2026-11-01 23:00:00'))
    """
    match = _WEEK.fullmatch(week) if isinstance(week, str) else None
    try:
        if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
            raise ValueError(week)
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise UsageError(
            Problem(
                "a week is needed",
                found=repr(week),
                allowed=f'"YYYY-Www", such as 2026-W44, from the year {FIRST_YEAR} to {LAST_YEAR}',
            )
        ) from None
    return (
        first_instant(monday, timezone),
        first_instant(monday + timedelta(days=7), timezone),
    )


def week_of(moment: pd.Timestamp, timezone: str) -> str:
    """Return the local ISO week of a naive UTC moment.

    Examples
    --------
    >>> week_of(pd.Timestamp("2026-10-31 12:00"), "Europe/Copenhagen")
    '2026-W44'
    """
    year, week, _ = moment.tz_localize("UTC").tz_convert(timezone).isocalendar()
    return f"{year}-W{week:02d}"


def last_whole_month(first: pd.Timestamp, until: pd.Timestamp, timezone: str) -> str:
    """Return the last local month that data from one moment to another covers to its last day.

    Data that ends on a month's last day tells the month. Where no month is covered to its end it
    is the one in which the data ends. Every command and page takes this for the latest month.

    Examples
    --------
    >>> first = pd.Timestamp("2026-07-20")
    >>> last_whole_month(first, pd.Timestamp("2026-10-31 20:00"), "Europe/Copenhagen")
    '2026-10'
    >>> last_whole_month(first, pd.Timestamp("2026-10-30 20:00"), "Europe/Copenhagen")
    '2026-09'
    """
    month = Month.of(until + pd.Timedelta(days=1), timezone).previous
    return (month if first < month.end else Month.of(until, timezone)).label


def latest_month(warehouse: Warehouse, timezone: str) -> str:
    """Return the last month the data covers to its last day, or else the one it ends in.

    Raises
    ------
    CannotAnswer
        If the tables have no dates.
    """
    return last_whole_month(first_moment(warehouse), _until(warehouse), timezone)


def check_period(warehouse: Warehouse, timezone: str, period: str | None, kind: str) -> str:
    """Return the month or week to report on: the given one if the data reaches it, or the latest.

    Raises
    ------
    UsageError
        If it is no month or week, or the data says nothing of it.
    CannotAnswer
        If the tables have no dates, and a month or week is asked for.
    """
    if not warehouse.has_time and kind == "monthly" and period in (None, "", UNDATED):
        return UNDATED
    until, first = _until(warehouse), first_moment(warehouse)
    if not period:
        if kind == "weekly":
            return week_of(until, timezone)
        return latest_month(warehouse, timezone)
    if kind == "weekly":
        start, end = week_bounds(period, timezone)
    else:
        start, end = month_bounds(check_month(period), timezone)
    if start > until or end <= first:
        raise UsageError(
            Problem(
                "the data says nothing of that " + ("week" if kind == "weekly" else "month"),
                found=repr(period),
                allowed=f"from {first:%Y-%m-%d} to {until:%Y-%m-%d}",
            )
        )
    return period


def _until(warehouse: Warehouse) -> pd.Timestamp:
    if not warehouse.has_time or warehouse.data_until is None:
        raise CannotAnswer(_NO_TIME)
    return warehouse.data_until


def first_moment(warehouse: Warehouse) -> pd.Timestamp:
    """Return the first thing that happened: a lead came, moved, or its deal was closed.

    Raises
    ------
    CannotAnswer
        If the tables have no dates.
    """
    times = [("leads", "created_at"), ("stages", "entered_at"), ("deals", "closed_at")]
    firsts = [
        warehouse.table(name)[column].min().execute()
        for name, column in times
        if warehouse.has(name)
    ]
    known = pd.to_datetime(pd.Series(firsts)).dropna()
    return known.min() if len(known) else _until(warehouse)
