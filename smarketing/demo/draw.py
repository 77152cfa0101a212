"""Random draws that give the same on every version of Python and numpy, and times of day."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from smarketing.demo.truth import TIMEZONE

T = TypeVar("T")

_CLOSED = {(12, 24), (12, 25), (12, 26), (12, 31), (1, 1), (6, 5)}


def to_utc(local: datetime) -> datetime:
    """Turn a naive time in Copenhagen into naive UTC."""
    return local.replace(tzinfo=TIMEZONE).astimezone(UTC).replace(tzinfo=None)


def to_local(utc: datetime) -> datetime:
    """Turn naive UTC into a naive time in Copenhagen."""
    return utc.replace(tzinfo=UTC).astimezone(TIMEZONE).replace(tzinfo=None)


def local_month(utc: datetime) -> str:
    """Return the month "YYYY-MM" in Copenhagen."""
    return f"{to_local(utc):%Y-%m}"


class Draw:
    """A named stream of draws; streams of different names do not disturb each other.

    Only ``random.Random.random`` stands below: its sequence is promised to stay, which numpy's
    generators are not, and the committed files must come out byte for byte.

    Examples
    --------
    >>> Draw("a").below(10) == Draw("a").below(10)
    True
    """

    def __init__(self, name: str) -> None:
        self._random = random.Random(name).random  # noqa: S311 - made-up people, no secrets

    def chance(self, share: float) -> bool:
        """Return True with that probability."""
        return self._random() < share

    def below(self, n: int) -> int:
        """Return a whole number of 0 … n − 1."""
        return int(self._random() * n)

    def between(self, low: float, high: float) -> float:
        """Return a number from low up to high."""
        return low + (high - low) * self._random()

    def of(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[tuple[T, float]]) -> T:
        """Return one of the items by its weight."""
        at = self._random() * sum(weight for _, weight in items)
        for item, weight in items:
            at -= weight
            if at < 0:
                return item
        return items[-1][0]

    def normal(self, mean: float = 0.0, sd: float = 1.0) -> float:
        """Return a normal number (Box–Muller)."""
        angle = 2 * math.pi * self._random()
        return mean + sd * math.sqrt(-2 * math.log(1 - self._random())) * math.cos(angle)

    def exponential(self, mean: float) -> float:
        """Return an exponential number."""
        return -mean * math.log(1 - self._random())

    def lognormal(self, median: float, sigma: float) -> float:
        """Return a log-normal number."""
        return median * math.exp(self.normal(0.0, sigma))

    def poisson(self, mean: float) -> int:
        """Return a Poisson count (Knuth; for small means)."""
        limit, n, product = math.exp(-mean), 0, self._random()
        while product > limit:
            n += 1
            product *= self._random()
        return n

    def awake(self, day: datetime) -> datetime:
        """Return a moment (UTC) of that day at which people use the web, mostly at work."""
        low, high = (8, 17) if self.chance(0.75) else (7, 23.4)
        hour = self.between(low, high)
        midnight = to_local(day).replace(hour=0, minute=0, second=0, microsecond=0)
        return to_utc(midnight + timedelta(seconds=int(hour * 3600)))

    def at_work(self, earliest: datetime) -> datetime:
        """Return a moment (UTC) of office hours, at or soon after the earliest one."""
        local = to_local(earliest)
        while True:
            workday = local.weekday() < 5 and (local.month, local.day) not in _CLOSED
            if workday and 9 <= local.hour < 16:
                return to_utc(local.replace(microsecond=0))
            if workday and local.hour < 9:
                return to_utc(self._morning(local))
            local = self._morning(local + timedelta(days=1)).replace(hour=8)

    def _morning(self, day: datetime) -> datetime:
        seconds = int(self.exponential(3600 * 1.2))
        start = day.replace(hour=9, minute=0, second=0, microsecond=0)
        return start + timedelta(seconds=min(seconds, 6 * 3600))
