"""Months in the agreement's time zone; all stored times are naive UTC."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from smarketing.errors import Problem, UsageError

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def check_month(month: str) -> str:
    """Return the month unchanged if it is "YYYY-MM"; raise :class:`UsageError` otherwise.

    Examples
    --------
    >>> check_month("2026-10")
    '2026-10'
    """
    if not isinstance(month, str) or not _MONTH.fullmatch(month):
        raise UsageError(Problem("a month is needed", found=repr(month), allowed='"YYYY-MM"'))
    return month


def month_bounds(month: str, timezone: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first instant of a local month and of the next one, as naive UTC.

    Examples
    --------
    >>> month_bounds("2026-10", "Europe/Copenhagen")
    (Timestamp('2026-09-30 22:00:00'), Timestamp('2026-10-31 23:00:00'))
    """
    first = pd.Timestamp(f"{check_month(month)}-01")
    ends = (first, first + pd.offsets.MonthBegin(1))
    return tuple(end.tz_localize(timezone).tz_convert("UTC").tz_localize(None) for end in ends)  # type: ignore[return-value]


def to_local(times: pd.Series, timezone: str) -> pd.Series:
    """Turn naive UTC times into naive local times."""
    return times.dt.tz_localize("UTC").dt.tz_convert(timezone).dt.tz_localize(None)


def month_of(times: pd.Series, timezone: str) -> pd.Series:
    """Return the local month of each naive UTC time as "YYYY-MM"; missing stays missing.

    Examples
    --------
    >>> month_of(pd.Series(pd.to_datetime(["2026-09-30 22:30"])), "Europe/Copenhagen").tolist()
    ['2026-10']
    """
    local = to_local(times, timezone)
    # Few months are written out, not each time.
    found, place = np.unique(local.to_numpy().astype("datetime64[M]"), return_inverse=True)
    named = np.where(np.isnat(found), None, np.datetime_as_string(found).astype(object))
    return pd.Series(pd.array(named, dtype="str")[place], index=times.index, name=times.name)


def months_between(first: str, last: str) -> list[str]:
    """Return all months from the first to the last, both included.

    Examples
    --------
    >>> months_between("2025-11", "2026-01")
    ['2025-11', '2025-12', '2026-01']
    """
    return [str(p) for p in pd.period_range(check_month(first), check_month(last), freq="M")]
