"""What a lead did up to a moment, and how much of it is left after decay, in whole numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import ibis
import pandas as pd

from smarketing.warehouse.warehouse import Warehouse

KEYS = ("lead_id", "spell", "as_of")
"""What names a moment of a lead."""
SPELL = list(KEYS[:2])
"""What names a spell."""
MOMENT_COLUMNS = (*KEYS[:2], "started_at", "as_of", "number", "last_at_handover", "weight")
"""What is said of a moment beside: its spell's begin, its place in it, and its weight."""
SEEN_ONCE = {
    "number": ibis.literal(1, "int32"),
    "last_at_handover": ibis.literal(False),
    "weight": ibis.literal(1.0),
}
"""The last of these, of spells that are looked at one time only."""
SINCE = "days_since_last_event"
TIMES = frozenset({SINCE, "created_hour", "created_weekday"}) | frozenset(
    {"days_in_spell", "weeks_in_spell", "times_recycled"}
)
"""Features that say when a lead is looked at or came, not who it is or what it did."""

_MICROSECONDS = 86_400_000_000
_OLDEST = 40_000  # days, over a century: older than any lead
_MOST_SUBJECTS, _SUBJECT_SHARE, _MOST_KINDS = 20, 0.01, 30
# Two passes over all events, asked for at each look at them: an open warehouse never changes.
_COMMON: WeakKeyDictionary[Warehouse, list[EventFeature]] = WeakKeyDictionary()


def thousandths(points: int, age_days: int, half_life_days: float | None) -> int:
    """Return what an event of some age gives, in thousandths of a point.

    ``floor(1000 · points · 2^(−age / half-life) + 0.5)``
    (docs/method/scores.md, "Whole-number points"): whole numbers sum the same on every
    engine, floats do not.

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
        ``age`` (whole days, int64) and a column for each number of points (:func:`left_of`).

    Examples
    --------
    >>> decay_table([8], 14).filter(ibis._.age == 14)[left_of(8, 14)].execute().tolist()
    [4000]
    """
    ages = range(_gone(points, half_life_days) + 1)
    left = {
        left_of(p, half_life_days): [thousandths(p, age, half_life_days) for age in ages]
        for p in points
    }
    return ibis.memtable(pd.DataFrame({"age": ages, **left}, dtype="int64"))


def left_of(points: int, half_life_days: float) -> str:
    """Return the name of the column of what is left of so many points.

    Without a dot, which Spark reads as a path.
    """
    return f"left_{points}_{half_life_days:g}".replace(".", "_")


def by_the_lead(events: ibis.Table) -> ibis.ir.BooleanValue:
    """Return whether the lead itself did it: scanners' clicks and auto-replies are nobody's."""
    return (events.actor == "lead") & ~events.automatic


def own_events(
    events: ibis.Table, moments: ibis.Table, kinds: list[str] | None = None
) -> ibis.Table:
    """Return the lead's own events up to each moment, with their age.

    What marketing and sales did is not the lead's engagement, nor is what a program did.

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
    own = events.filter(by_the_lead(events))
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
    """Return aged events with the thousandths left of each number of points (:func:`left_of`).

    From a table of whole numbers, or, `by_formula`, for SQL that is to stand by itself; the two
    differ only where an engine's power is off in its last digit just at a half.
    """
    if by_formula:
        halved = ibis.literal(2.0).pow(-aged.age.cast("float64") / float(half_life_days))
        left = {p: (1000.0 * p * halved + 0.5).floor().cast("int64") for p in points}
        return aged.mutate(**{left_of(p, half_life_days): value for p, value in left.items()})
    # Its last age stands for all older ones; so every event finds a row, and the join is fast.
    table = decay_table(points, half_life_days).rename(up_to="age")
    oldest = _gone(points, half_life_days)
    joined = aged.mutate(up_to=ibis.least(aged.age, oldest)).join(table, "up_to")
    return joined.select(*aged.columns, *(left_of(p, half_life_days) for p in points))


def _gone(points: list[int], half_life_days: float) -> int:
    """Return the age in days at which nothing is left, but at most a century."""
    largest = max((abs(p) for p in points), default=0)
    return min(math.ceil(half_life_days * math.log2(max(2000 * largest, 1))) + 1, _OLDEST)


@dataclass(frozen=True)
class EventFeature:
    """A count or a decayed sum of the lead's own events of one kind, or of one subject of it."""

    name: str
    kind: str
    subject: str | None
    decayed: bool


def event_features(warehouse: Warehouse) -> list[EventFeature]:
    """Return a count and a decayed sum for each common kind, and a count for common subjects.

    At most 30 kinds, and 20 subjects that at least one lead in a hundred touched, the commonest
    first; ties by name.

    Examples
    --------
    >>> [f.name for f in event_features(warehouse)][:2]  # doctest: +SKIP
    ['n_demo_request', 'recent_demo_request']
    """
    if warehouse not in _COMMON:
        _COMMON[warehouse] = _common_events(warehouse)
    return _COMMON[warehouse]


def _common_events(warehouse: Warehouse) -> list[EventFeature]:
    if not (warehouse.has_time and warehouse.has("events")):
        return []
    events = warehouse.table("events")
    own = events.filter(by_the_lead(events))
    kinds = own.group_by("kind").agg(n=own.lead_id.nunique()).execute()
    kinds = kinds.sort_values(["n", "kind"], ascending=[False, True]).head(_MOST_KINDS)
    pairs = own.filter(own.subject.notnull()).group_by("kind", "subject")
    pairs = pairs.agg(n=own.lead_id.nunique()).execute()
    several = pairs.groupby("kind")["subject"].transform("size") > 1
    least = _SUBJECT_SHARE * warehouse.table("leads").count().execute()
    pairs = pairs[several & (pairs.n >= least) & pairs.kind.isin(kinds.kind)]
    pairs = pairs.sort_values(["n", "kind", "subject"], ascending=[False, True, True])
    features = [
        EventFeature(f"{prefix}_{kind}", kind, None, decayed)
        for kind in sorted(kinds.kind)
        for prefix, decayed in (("n", False), ("recent", True))
    ]
    common = sorted(pairs.head(_MOST_SUBJECTS)[["kind", "subject"]].itertuples(index=False))
    return features + [
        EventFeature(f"n_{kind}[{subject}]", kind, subject, decayed=False)
        for kind, subject in common
    ]


def what_leads_did(names: Sequence[str]) -> frozenset[str]:
    """Return the features that tell what a lead did and when, not who it is: its engagement.

    Counts and decayed sums of events (an attribute may be called ``n_…`` too, but has no
    ``recent_…`` beside it), and the times of the spell.

    Examples
    --------
    >>> sorted(what_leads_did(["role", "n_demo", "recent_demo", "n_demo[/now]", "n_sites"]))
    ['n_demo', 'n_demo[/now]', 'recent_demo']
    """
    kinds = {name[2:] for name in names if name.startswith("n_") and f"recent_{name[2:]}" in names}
    did = {name for kind in kinds for name in (f"n_{kind}", f"recent_{kind}")}
    did |= {name for name in names for kind in kinds if name.startswith(f"n_{kind}[")}
    return frozenset(did | (TIMES & set(names)))
