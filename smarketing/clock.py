"""Days, weeks and months on the agreement's clock; all stored times are naive UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from smarketing.errors import Problem, UsageError

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""No company's leads are older, and nobody plans further ahead."""

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month on the clock of one time zone; earlier ones are less.

    Parameters
    ----------
    label : str
        "YYYY-MM".
    zone : str
        Such as "Europe/Copenhagen".

    Raises
    ------
    UsageError
        For what is no month or no time zone.

    Examples
    --------
    >>> month = Month("2026-10", "Europe/Copenhagen")
    >>> month.first, month.end
    (Timestamp('2026-09-30 22:00:00'), Timestamp('2026-10-31 23:00:00'))
    >>> month.shifted(-1).label, month > Month("2025-12", "Europe/Copenhagen")
    ('2026-09', True)
    """

    label: str
    zone: str

    def __post_init__(self) -> None:
        check_month(self.label)
        _zone(self.zone)

    def __str__(self) -> str:
        return self.label

    @classmethod
    def of(cls, instant: pd.Timestamp, zone: str) -> Month:
        """Return the month that a naive UTC instant lies in."""
        return cls(month_of(pd.Series([instant]), zone).item(), zone)

    @property
    def first(self) -> pd.Timestamp:
        """The month's first instant, naive UTC."""
        return _first_of(_ordinal(self.label), self.zone)

    @property
    def end(self) -> pd.Timestamp:
        """The next month's first instant, naive UTC."""
        return _first_of(_ordinal(self.label) + 1, self.zone)

    def shifted(self, months: int) -> Month:
        """Return the month so many later, or earlier."""
        return Month(_label(_ordinal(self.label) + months), self.zone)

    @property
    def previous(self) -> Month:
        """The month before."""
        return self.shifted(-1)

    @property
    def next(self) -> Month:
        """The month after."""
        return self.shifted(1)

    def to(self, last: Month) -> list[Month]:
        """Return all months up to a later one, both included."""
        return [Month(label, self.zone) for label in months_between(self.label, last.label)]


def check_month(month: str, option: str = "") -> str:
    """Return the month unchanged if it is "YYYY-MM".

    Parameters
    ----------
    month : str
    option : str, optional
        What it was given as, for the message.

    Raises
    ------
    UsageError
        If it is no month, or one of another age.

    Examples
    --------
    >>> check_month("2026-10")
    '2026-10'
    """
    match = _MONTH.fullmatch(month) if isinstance(month, str) else None
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise UsageError(
            Problem(
                "a month is needed" + (f" as {option}" if option else ""),
                found=repr(month),
                allowed=f'"YYYY-MM", from {FIRST_YEAR}-01 to {LAST_YEAR}-12',
            )
        )
    return month


def month_bounds(month: str, timezone: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first instant of a local month and of the next one, as naive UTC.

    Examples
    --------
    >>> month_bounds("2026-10", "Europe/Copenhagen")
    (Timestamp('2026-09-30 22:00:00'), Timestamp('2026-10-31 23:00:00'))
    """
    asked = Month(month, timezone)
    return asked.first, asked.end


def months_between(first: str, last: str) -> list[str]:
    """Return all months from the first to the last, both included.

    Examples
    --------
    >>> months_between("2025-11", "2026-01")
    ['2025-11', '2025-12', '2026-01']
    """
    ends = _ordinal(check_month(first)), _ordinal(check_month(last))
    return [_label(ordinal) for ordinal in range(ends[0], ends[1] + 1)]


def moment(text: str, timezone: str, option: str = "as-of") -> pd.Timestamp | None:
    """Return the naive UTC instant that a local text means: a day its end, a time that time.

    The end of a day is the first instant of the next: what happened on the day is before it. Of
    a time that the clocks show twice the first is meant, of one they skip the next there is.

    Parameters
    ----------
    text : str
        "2026-10-31", or with a time, "2026-10-31 12:00", and with an offset if it is of another
        clock, "2026-10-31T12:00+02:00". Empty for none.
    timezone : str
        The clock of a text without an offset.
    option : str, optional
        What it was given as, for the message.

    Returns
    -------
    pandas.Timestamp or None

    Raises
    ------
    UsageError
        If it is neither.

    Examples
    --------
    >>> moment("2026-10-30", "Europe/Copenhagen")
    Timestamp('2026-10-30 23:00:00')
    >>> moment("2026-10-30 12:00", "Europe/Copenhagen")
    Timestamp('2026-10-30 11:00:00')
    """
    written = text.strip()
    if not written:
        return None
    try:
        day = _DAY.match(written)
        if day is None or not FIRST_YEAR <= int(written[:4]) <= LAST_YEAR:
            raise ValueError(written)
        if day.end() == len(written):
            wall = datetime.fromisoformat(written) + timedelta(days=1)
        elif _TIME.fullmatch(written, day.end()):
            wall = datetime.fromisoformat(written)
        else:
            raise ValueError(written)
    except ValueError:
        raise UsageError(
            Problem(
                f"{option} is not a date",
                found=repr(text),
                allowed=f"2026-10-31, or with a time, 2026-10-31 12:00, from the year {FIRST_YEAR} "
                f"to {LAST_YEAR}",
            )
        ) from None
    if wall.tzinfo is not None:
        return pd.Timestamp(wall.astimezone(UTC).replace(tzinfo=None))
    return first_instant(wall, timezone)


def first_instant(wall: date, timezone: str) -> pd.Timestamp:
    """Return the first instant, naive UTC, at which local clocks show a time or are past it.

    Days that begin at midnight twice begin with the first; those whose midnight is skipped begin
    with the first time there is.

    Parameters
    ----------
    wall : datetime.date or datetime.datetime
        Local, without a time zone; a date means its midnight.
    timezone : str

    Examples
    --------
    >>> first_instant(date(2026, 3, 8), "America/Havana")  # from 0:00 clocks go to 1:00
    Timestamp('2026-03-08 05:00:00')
    """
    zone = _zone(timezone)
    if not isinstance(wall, datetime):
        wall = datetime(wall.year, wall.month, wall.day)  # noqa: DTZ001 - a wall clock has no zone
    first, second = (
        wall.replace(tzinfo=zone, fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1)
    )
    return pd.Timestamp(first if first <= second else _change(second, first, zone))


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
    months = to_local(times, timezone).to_numpy().astype("datetime64[M]")
    # Few months are looked at and written out, not each time.
    unique, place = np.unique(months, return_inverse=True)
    ends = np.array([_end_of(month, timezone) for month in unique], dtype="datetime64[us]")
    over = times.to_numpy() >= ends[place]
    if over.any():  # clocks that go back over a month's first midnight show the old month again
        unique, place = np.unique(months + over, return_inverse=True)
    named = np.datetime_as_string(unique).astype(object)
    named[np.isnat(unique)] = None
    return pd.Series(pd.array(named, dtype="str")[place], index=times.index, name=times.name)


def _ordinal(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _label(ordinal: int) -> str:
    return f"{ordinal // 12:04d}-{ordinal % 12 + 1:02d}"


@lru_cache(maxsize=4096)
def _first_of(ordinal: int, timezone: str) -> pd.Timestamp:
    return first_instant(date(ordinal // 12, ordinal % 12 + 1, 1), timezone)


def _end_of(month: np.datetime64, timezone: str) -> np.datetime64:
    ordinal = int(month.astype(int)) + 1970 * 12 if not np.isnat(month) else 0
    if not FIRST_YEAR * 12 <= ordinal < (LAST_YEAR + 1) * 12:
        return np.datetime64("NaT")
    return np.datetime64(_first_of(ordinal + 1, timezone))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise UsageError(
            Problem("there is no such time zone", found=repr(name), allowed="Europe/Copenhagen, …")
        ) from None


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clocks change between two instants, by halving; they do on a whole second."""
    before, after = before.replace(microsecond=0), after.replace(microsecond=0)
    changed = _offset(after, zone)
    while after - before > timedelta(seconds=1):
        half = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (before, half) if _offset(half, zone) == changed else (half, after)
    return after


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()
