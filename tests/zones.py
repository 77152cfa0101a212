"""Every time zone there is, and the moments at which its clocks change."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from functools import cache

import numpy as np
import pandas as pd

WEEKS = pd.date_range("1990-01-01", "2036-01-07", freq="7D", tz="UTC")


def wall(instant: int, zone: zoneinfo.ZoneInfo) -> datetime:
    """Return what clocks show there at an instant (seconds since 1970)."""
    return datetime.fromtimestamp(instant, zone).replace(tzinfo=None)


@cache
def changes() -> dict[str, tuple[int, ...]]:
    """Return one zone for each history of clocks, with the instants at which they change."""
    starts = WEEKS.as_unit("s").asi8
    found: dict[tuple[object, ...], str] = {}
    for name in sorted(zoneinfo.available_timezones() - {"localtime"}):
        offsets = WEEKS.tz_convert(name).tz_localize(None).as_unit("s").asi8 - starts
        zone = zoneinfo.ZoneInfo(name)
        changed = np.flatnonzero(np.diff(offsets))
        history = tuple(_change(int(starts[n]), int(starts[n + 1]), zone) for n in changed)
        found.setdefault((history, *offsets[changed], offsets[-1]), name)
    return {name: history for (history, *_), name in found.items()}


def _change(before: int, after: int, zone: zoneinfo.ZoneInfo) -> int:
    changed = datetime.fromtimestamp(after, zone).utcoffset()
    while after - before > 1:
        half = (before + after) // 2
        if datetime.fromtimestamp(half, zone).utcoffset() == changed:
            after = half
        else:
            before = half
    return after
