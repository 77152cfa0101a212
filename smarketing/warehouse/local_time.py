"""Local times of naive UTC times, in one expression that every engine computes alike."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.datatypes as dt

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=7)  # no zone changes its clocks twice in a week


_UTC = dt.Timestamp(timezone="UTC")


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, dt.timestamp), _UTC))
def _mark_utc(zone: str, at: ibis.ir.TimestampValue) -> ibis.ir.TimestampValue:
    """Tell the engine that a naive time is UTC."""


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, _UTC), dt.timestamp))
def _in_zone(zone: str, at: ibis.ir.TimestampValue) -> ibis.ir.TimestampValue:
    """Return the local time; a cast would leave it in UTC without an error."""


def local_time(
    at: ibis.ir.TimestampValue,
    timezone: str,
    by_engine: bool = False,
    since: datetime = _FIRST,
    until: datetime = _LAST,
) -> ibis.ir.TimestampValue:
    """Return a naive UTC time as a naive local one.

    Engines name the function for it differently, and Spark's takes no time without a zone, so
    the moments at which the zone's clocks change (1970 to 2049, from Python's tables) are looked
    up in a tree of comparisons: eight of them for a time.

    Parameters
    ----------
    at : ibis timestamp
    timezone : str
        Such as "Europe/Copenhagen".
    by_engine : bool
        Whether DuckDB's and PostgreSQL's function is called, for SQL that people read.
    since, until : datetime
        With a zone; only times between them need be right. The fewer changes of the clocks lie
        between, the shorter the expression.

    Examples
    --------
    >>> at = ibis.timestamp("2026-07-01 22:30:00")
    >>> str(local_time(at, "Europe/Copenhagen").execute())
    '2026-07-02 00:30:00'
    """
    at = at.cast("timestamp")
    if by_engine:
        return _in_zone(timezone, _mark_utc("UTC", at))
    changes = clock_changes(timezone, since, until)
    return at + _offset(at, changes).cast("int64").as_interval("s")


@functools.cache
def clock_changes(
    timezone: str, since: datetime = _FIRST, until: datetime = _LAST
) -> tuple[tuple[datetime, int], ...]:
    """Return the naive UTC moments from which a zone's clocks are so many seconds ahead of UTC.

    Examples
    --------
    >>> [(f"{at:%Y-%m-%d %H:%M}", ahead) for at, ahead in clock_changes("Europe/Copenhagen")][-1]
    ('2049-10-31 01:00', 3600)
    """
    zone = ZoneInfo(timezone)

    def ahead(at: datetime) -> int:
        offset = at.astimezone(zone).utcoffset() or timedelta(0)
        return round(offset.total_seconds())

    changes, at = [(since, ahead(since))], since
    while at < until:
        after = min(at + _STEP, until)
        if (offset := ahead(after)) != changes[-1][1]:
            low, high = at, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
                low, high = (low, middle) if ahead(middle) == offset else (middle, high)
            changes.append((high, offset))
        at = after
    return tuple((moment.replace(tzinfo=None), offset) for moment, offset in changes)


def _offset(
    at: ibis.ir.TimestampValue, changes: Sequence[tuple[datetime, int]]
) -> ibis.ir.IntegerValue:
    if len(changes) == 1:
        return ibis.literal(changes[0][1], "int64")
    middle = len(changes) // 2
    later = at >= ibis.literal(changes[middle][0])
    return ibis.ifelse(later, _offset(at, changes[middle:]), _offset(at, changes[:middle]))
