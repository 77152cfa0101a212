"""The one count: how many of a measure, by month, cohort or group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from smarketing.clock import month_of
from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.language.catalogue import mark, tr
from smarketing.measures.catalogue import MONEY, measure_of
from smarketing.measures.facts import KEY, NO_CAMPAIGN, NO_LEAD, Facts
from smarketing.measures.personas import UNMATCHED
from smarketing.results import Result

GROUPS = {
    "source": mark("(no source)"),
    "campaign_id": NO_CAMPAIGN,
    "persona": UNMATCHED,
    "grade": mark("(no grade)"),
    "owner_id": mark("(no owner)"),
}
"""What leads are broken down by, and the group of those without."""

BASES = {"calendar": "at", "cohort": "started_at", "handed_over": "handed_at"}
"""By when it happened; by when the lead behind it came; by when it was handed over to sales."""


@dataclass(frozen=True)
class Count(Result):
    """How many there are of a measure, with the key that tells it from every other number.

    Attributes
    ----------
    measure : str
    basis : str
        calendar, cohort, or handed_over.
    by : str or None
        source, campaign_id, persona, grade or owner_id.
    as_of : pandas.Timestamp
        Nothing later was looked at.
    table : pandas.DataFrame
        ``month`` (if months were asked for), ``group`` (if broken down), ``n``: whole numbers,
        or an amount in the agreement's currency.
    undated : int or float
        What has no date on this basis: in totals, in no month.
    """

    measure: str
    basis: str
    by: str | None
    as_of: pd.Timestamp
    table: pd.DataFrame
    undated: float

    @property
    def total(self) -> float:
        """All of the table together."""
        total: float = self.table.n.sum().item()
        return total

    def frame(self) -> pd.DataFrame:
        """Return one row per month and group."""
        return self.table

    def by_month(self) -> pd.Series:
        """Return the number of each month asked for."""
        return self.table.groupby("month").n.sum()

    def by_group(self) -> pd.Series:
        """Return the number of each group."""
        return self.table.groupby("group").n.sum()


def count(
    facts: Facts,
    measure: str,
    by: str | None = None,
    *,
    basis: str = "calendar",
    months: Sequence[str] | None = None,
    since: pd.Timestamp | None = None,
    until: pd.Timestamp | None = None,
) -> Count:
    """Count a measure.

    Parameters
    ----------
    facts : Facts
        As of the moment that matters.
    measure : str
        See :data:`smarketing.measures.catalogue.MEASURES`.
    by : {"source", "campaign_id", "persona", "grade", "owner_id"}, optional
        A deal or customer of several leads belongs to the lead that came first, so that groups
        add up to the whole.
    basis : {"calendar", "cohort", "handed_over"}
    months : sequence of str, optional
        Local months; each has its row, also without any. Left out, all time is one, and what has
        no date is in it.
    since, until : pandas.Timestamp, optional
        Naive UTC; what is dated before the first, or at or after the second, is left out.

    Raises
    ------
    UsageError
        If there is no such measure, basis or breakdown.
    CannotAnswer
        If the leads' grades are asked for and not given.

    Examples
    --------
    >>> count(facts, "customers", by="source", months=["2026-10"]).total  # doctest: +SKIP
    7
    """
    if basis not in BASES:
        raise UsageError(Problem("no such basis", found=repr(basis), allowed=", ".join(BASES)))
    rows = _prepared(facts, measure)
    date = rows.date(basis)
    undated = rows.value[np.isnat(date)].sum()
    chosen = np.ones(len(date), dtype=bool)
    if since is not None:
        chosen &= date >= np.datetime64(since)
    if until is not None:
        chosen &= date < np.datetime64(until)
    place, names = np.zeros(len(date), dtype=int), None
    if months is not None:
        place, names = rows.places(basis, months)
        chosen &= place >= 0
    group, groups = np.zeros(len(date), dtype=int), None
    if by is not None:
        group, groups = rows.group(facts, check_group(by, facts))
    table = _summed(rows.value[chosen], place[chosen], names, group[chosen], groups)
    if measure_of(measure).unit == MONEY:
        table["n"] = table.n / 100
        undated = undated / 100
    return Count(measure, basis, by, facts.data_until, table, undated.item())


def check_group(by: str, facts: Facts) -> str:
    """Return what to break down by, if it can be.

    Raises
    ------
    UsageError
        If leads are not broken down by that.
    CannotAnswer
        If it is the grade, and the leads' grades are not given.
    """
    if by not in GROUPS:
        raise UsageError(
            Problem("leads are not broken down by that", found=repr(by), allowed=", ".join(GROUPS))
        )
    if by not in facts.spells:
        raise CannotAnswer(tr("the leads' grades are not given"))
    return by


class _Rows:
    """What one measure counts, with each row's months and groups, found once."""

    def __init__(self, facts: Facts, measure: str) -> None:
        self.timezone = facts.timezone  # not the facts: they would never be let go
        self.rows = measure_of(measure).rows(facts)
        self.value = self.rows.value.to_numpy("int64")
        self.months: dict[str, tuple[np.ndarray, pd.Index]] = {}
        self.groups: dict[str, tuple[np.ndarray, pd.Index]] = {}

    def date(self, basis: str) -> np.ndarray:
        """Return the moment of each row, on a basis."""
        dates = pd.to_datetime(self.rows[BASES[basis]])
        return np.asarray(dates.to_numpy("datetime64[us]"))

    def places(self, basis: str, months: Sequence[str]) -> tuple[np.ndarray, list[str]]:
        """Return which of the months each row is in, -1 for none, and the months, once each."""
        if basis not in self.months:
            self.months[basis] = pd.factorize(month_of(pd.Series(self.date(basis)), self.timezone))
        code, known = self.months[basis]
        wanted = list(dict.fromkeys(months))
        place = np.append(pd.Index(wanted).get_indexer(known), -1)  # the last one for no date
        return place[code], wanted

    def group(self, facts: Facts, by: str) -> tuple[np.ndarray, pd.Index]:
        """Return the group of the lead behind each row, by its place among the groups."""
        if by not in self.groups:
            of = facts.spells.set_index(KEY)[by].fillna(GROUPS[by])
            group = of.reindex(pd.MultiIndex.from_frame(self.rows[KEY]))
            self.groups[by] = pd.factorize(group.fillna(NO_LEAD), sort=True)
        return self.groups[by]


_PREPARED: WeakKeyDictionary[Facts, dict[str, _Rows]] = WeakKeyDictionary()


def _prepared(facts: Facts, measure: str) -> _Rows:
    known = _PREPARED.setdefault(facts, {})
    if measure not in known:
        known[measure] = _Rows(facts, measure)
    return known[measure]


def _summed(
    value: np.ndarray,
    place: np.ndarray,
    months: list[str] | None,
    group: np.ndarray,
    groups: pd.Index | None,
) -> pd.DataFrame:
    """Sum by month and group; every month has its row, a group only where there is any."""
    shape = (1 if months is None else len(months), 1 if groups is None else len(groups))
    sums, rows = np.zeros(shape, dtype="int64"), np.zeros(shape, dtype=bool)
    np.add.at(sums, (place, group), value)
    rows[place, group] = True
    if groups is None:
        rows[:] = True
    at_month, at_group = np.nonzero(rows)
    table: dict[str, Any] = {}
    if months is not None:
        table["month"] = [months[one] for one in at_month]
    if groups is not None:
        table["group"] = [groups[one] for one in at_group]
    return pd.DataFrame({**table, "n": sums[rows]})
