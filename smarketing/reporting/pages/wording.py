"""What stages, promises, models and groups are called on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from smarketing.funnel.wording import STAGE_NAMES
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import DASH, count, day, percent

PROMISE_NAMES = {
    "mqls": mark("MQLs"),
    "sales_ready": mark("Sales-ready leads"),
    "acceptance": mark("Accepted by sales"),
    "first_contact": mark("First contact in time"),
    "follow_up": mark("Followed up as promised"),
    "disposition": mark("Final verdict in time"),
    "customers": mark("Customers"),
    "revenue": mark("Revenue"),
}

MODEL_NAMES = {
    "agreed": mark("Agreed scorecard"),
    "logistic": mark("Logistic model"),
    "boosted": mark("Boosted model"),
    "card": mark("Learned scorecard"),
    "status_quo": mark("Score in use today"),
}
REST = {
    "(all)": mark("(all)"),
    "(no source)": mark("(no source)"),
    "(no persona)": mark("(no persona)"),
    "(no grade)": mark("(no grade)"),
    "(no campaign)": mark("(no campaign)"),
    "(no lead)": mark("(no lead)"),
}
"""What stands in a column of names where there is none."""
SIDES = {"marketing": mark("Marketing"), "sales": mark("Sales")}
_TARGETS = {
    "mql": mark("MQL"),
    "sales_ready": mark("sales-ready lead"),
    "accepted": mark("accepted lead"),
    "sql": mark("SQL"),
    "opportunity": mark("opportunity"),
    "customer": mark("customer"),
}


def name_of(names: Mapping[str, str], code: str) -> str:
    """Return what a code is called on a page; the code itself where it has no name."""
    return tr(names[code]) if code in names else code


def target_of(stage: str) -> str:
    """Return a stage as the target that scores are judged by, in a sentence.

    Examples
    --------
    >>> target_of("sales_ready")
    'sales-ready lead'
    """
    return name_of(_TARGETS, stage)


def step(start: str, end: str) -> str:
    """Return the way from one stage to another.

    Examples
    --------
    >>> step("lead", "mql")
    'Leads → MQLs'
    """
    return f"{tr(STAGE_NAMES[start])} → {tr(STAGE_NAMES[end])}"


def span(low: str, high: str) -> str:
    """Return an interval or a stretch of months, its ends already written.

    Examples
    --------
    >>> span("3", "7")
    '3 to 7'
    """
    return tr("{low} to {high}", low=low, high=high)


def part_of(k: float, n: float) -> str:
    """Return how many of how many, with their share; a dash for none.

    Examples
    --------
    >>> part_of(1, 4).split(), part_of(0, 0)
    (['1', 'of', '4', '(25', '%)'], '–')
    """
    if not n:
        return DASH
    return tr("{k} of {n} ({share})", k=count(k), n=count(n), share=percent(k / n))


def within(value: str, low: str, high: str) -> str:
    """Return a value with its interval, all already written.

    Examples
    --------
    >>> within("5", "3", "7")
    '5 (3 to 7)'
    """
    return tr("{value} ({low} to {high})", value=value, low=low, high=high)


def some_of(names: Iterable[str], most: int = 8) -> str:
    """Return the first few names of a list, and how many more there are.

    Examples
    --------
    >>> some_of(["17", "21"])
    '17, 21'
    """
    names = [str(name) for name in names]
    first, more = ", ".join(names[:most]), len(names) - most
    return tr("{first} and {n} more", first=first, n=count(more)) if more > 0 else first


def plain_code(code: str) -> str:
    """Return a code of the CRM as a person reads it.

    Examples
    --------
    >>> plain_code("wrong_fit")
    'wrong fit'
    """
    return str(code).replace("_", " ")


def data_until(until: pd.Timestamp, timezone: str) -> str:
    """Return until when there is data, as a day in local time.

    Examples
    --------
    >>> data_until(pd.Timestamp("2026-10-31 22:55"), "UTC").split()
    ['data', 'to', '31', 'Oct', '2026']
    """
    return tr("data to {day}", day=day(until.tz_localize("UTC").tz_convert(timezone)))
