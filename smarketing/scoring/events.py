"""What a lead did up to a moment, and how much of it is left after decay, in whole numbers."""

from __future__ import annotations

import math

import ibis
import pandas as pd

KEYS = ("lead_id", "spell", "as_of")
"""What names a moment of a lead."""

_MICROSECONDS = 86_400_000_000
_OLDEST = 40_000  # days, over a century: older than any lead


def thousandths(points: int, age_days: int, half_life_days: float | None) -> int:
    """Return what an event of some age gives, in thousandths of a point.

    ``floor(1000 · points · 2^(−age / half-life) + 0.5)`` (methods.md, "Scores"): whole numbers
    sum the same on every engine, floats do not.

    Parameters
    ----------
    points : int
        Points of the rule, may be negative.
    age_days : int
        Whole days since the event.
    half_life_days : float or None
        None: no decay.

    Examples
    --------
    >>> thousandths(8, 14, 14), thousandths(8, 1, 14), thousandths(-1, 28, 14)
    (4000, 7614, -250)
    """
    if half_life_days is None:
        return 1000 * points
    return math.floor(1000 * points * 2.0 ** (-age_days / half_life_days) + 0.5)


def decay_table(points: list[int], half_life_days: float) -> ibis.Table:
    """Return, for every age at which anything is left, the thousandths of each number of points.

    Engines raise 2 to a power in floats of their own; a looked-up whole number is the same
    everywhere.

    Returns
    -------
    ibis.Table
        ``age`` (whole days, int64) and ``left_0``, ``left_1``, … in the order of `points`.

    Examples
    --------
    >>> decay_table([8], 14).filter(ibis._.age == 14).left_0.execute().tolist()
    [4000]
    """
    ages = range(_gone(points, half_life_days) + 1)
    return ibis.memtable(
        pd.DataFrame(
            {
                "age": list(ages),
                **{
                    f"left_{i}": [thousandths(p, age, half_life_days) for age in ages]
                    for i, p in enumerate(points)
                },
            },
            dtype="int64",
        )
    )


def own_events(
    events: ibis.Table, moments: ibis.Table, kinds: list[str] | None = None
) -> ibis.Table:
    """Return the lead's own events up to each moment, with their age.

    What marketing and sales did is not the lead's engagement.

    Parameters
    ----------
    events : ibis.Table
        The canonical table.
    moments : ibis.Table
        With :data:`KEYS`.
    kinds : list of str, optional
        Only these kinds of event.

    Returns
    -------
    ibis.Table
        :data:`KEYS`, ``kind``, ``subject``, ``occurred_at``, ``age`` (whole days elapsed,
        rounded down).
    """
    own = events.filter(events.actor == "lead")
    if kinds is not None:
        own = own.filter(own.kind.isin(kinds) if kinds else ibis.literal(False))
    own = own.select(
        event_lead="lead_id", kind="kind", subject="subject", occurred_at="occurred_at"
    )
    moments = moments.select(*KEYS)
    joined = moments.join(
        own, [moments.lead_id == own.event_lead, own.occurred_at <= moments.as_of]
    )
    paired = joined.select(*KEYS, "kind", "subject", "occurred_at")
    age = paired.as_of.delta(paired.occurred_at, unit="microsecond") // _MICROSECONDS
    return paired.mutate(age=age.cast("int64"))


def with_decay(
    aged: ibis.Table, points: list[int], half_life_days: float, by_formula: bool = False
) -> ibis.Table:
    """Return aged events with the thousandths left of each number of points: ``left_0`` ….

    From a table of whole numbers, or, `by_formula`, for SQL that is to stand by itself; the two
    differ only where an engine's power is off in its last digit just at a half.
    """
    if by_formula:
        halved = ibis.literal(2.0).pow(-aged.age.cast("float64") / float(half_life_days))
        left = {
            f"left_{i}": (1000.0 * p * halved + 0.5).floor().cast("int64")
            for i, p in enumerate(points)
        }
        return aged.mutate(**left)
    # Its last age stands for all older ones; so every event finds a row, and the join is fast.
    left = decay_table(points, half_life_days).rename(up_to="age")
    oldest = _gone(points, half_life_days)
    joined = aged.mutate(up_to=ibis.least(aged.age, oldest)).join(left, "up_to")
    return joined.select(*aged.columns, *(f"left_{i}" for i in range(len(points))))


def _gone(points: list[int], half_life_days: float) -> int:
    """Return the age in days at which nothing is left, but at most a century."""
    largest = max((abs(p) for p in points), default=0)
    return min(math.ceil(half_life_days * math.log2(max(2000 * largest, 1))) + 1, _OLDEST)
