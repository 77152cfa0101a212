"""What stages, and ways of crediting revenue, are called on a page."""

from __future__ import annotations

import pandas as pd

from smarketing.clock import month_of
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import months_text, number
from smarketing.language.plurals import trn

STAGE_NAMES = {
    "visitor": mark("Visitors"),
    "lead": mark("Leads"),
    "mql": mark("MQLs"),
    "sales_ready": mark("Sales-ready leads"),
    "accepted": mark("Accepted"),
    "sql": mark("SQLs"),
    "opportunity": mark("Opportunities"),
    "customer": mark("Customers"),
    "rejected": mark("Rejected"),
    "recycled": mark("Recycled"),
    "disqualified": mark("Disqualified"),
}
"""What those in a stage are called together."""

MODEL_NAMES = {
    "first_touch": mark("First touch"),
    "last_touch": mark("Last touch"),
    "linear": mark("Linear"),
    "position_based": mark("Position-based"),
    "time_decay": mark("Time decay"),
    "markov": mark("Markov"),
}
"""What ways of crediting revenue are called."""

_BECAME = {
    "mql": mark("became an MQL"),
    "sales_ready": mark("became sales-ready"),
    "accepted": mark("was accepted"),
    "sql": mark("became an SQL"),
    "opportunity": mark("became an opportunity"),
    "customer": mark("became a customer"),
}
_NEVER_RECORDED = {
    "lead": mark("No record shows when a lead became a lead."),
    "mql": mark("No record shows when a lead became an MQL."),
    "sales_ready": mark("No record shows when a lead became sales-ready."),
    "accepted": mark("No record shows when a lead was accepted."),
    "sql": mark("No record shows when a lead became an SQL."),
    "opportunity": mark("No record shows when a lead became an opportunity."),
    "customer": mark("No record shows when a lead became a customer."),
}


def became(stage: str) -> str:
    """Return what a lead that reached a stage became.

    Examples
    --------
    >>> became("sql")
    'became an SQL'
    """
    return tr(_BECAME[stage])


def period_of(times: pd.Series, timezone: str) -> str:
    """Return the local months from the first to the last of some moments, in words.

    Examples
    --------
    >>> period_of(pd.Series(pd.to_datetime(["2026-08-03", "2026-10-31"])), "Europe/Copenhagen")
    'Aug – Oct 2026'
    """
    first, last = month_of(pd.Series([times.min(), times.max()]), timezone)
    return months_text(first, last)


def never_recorded(stage: str) -> str:
    """Return the sentence that no table records when leads reached a stage.

    Examples
    --------
    >>> never_recorded("sql")
    'No record shows when a lead became an SQL.'
    """
    return tr(_NEVER_RECORDED[stage])


def in_text(stage: str) -> str:
    """Return a stage's name within a sentence.

    Examples
    --------
    >>> in_text("customer"), in_text("mql")
    ('customers', 'MQLs')
    """
    name = tr(STAGE_NAMES[stage])
    return name if name[:2].isupper() else name.lower()


def hours_of(hours: float, clock: str | None) -> str:
    """Return hours with the clock they are counted on.

    Examples
    --------
    >>> hours_of(48, "business"), hours_of(1, "elapsed")
    ('48 business hours', '1 hour')
    """
    amount = number(hours, 2)
    if clock == "business":
        return trn("{n} business hour", "{n} business hours", hours, n=amount)
    return trn("{n} hour", "{n} hours", hours, n=amount)
