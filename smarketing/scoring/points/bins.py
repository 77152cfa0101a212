"""A frame's columns in bins, and sets of bins as lines that people can read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaln

from smarketing.agreement.conditions import AllOf, AnyOf, Condition, FieldTest, Not
from smarketing.scoring.kinds import BOOLEAN, CATEGORY, as_levels, as_numbers, kind_of

_MOST_BINS, _MOST_LEVELS = 24, 60
_LEAST_ROWS, _LEAST_SHARE, _SMALL_SHARE = 20, 0.005, 0.05
_WINDOW = 0.2  # of a bin: how far a cut may be from its quantile, for a rounder number
_LARGEST = 1e300  # infinities count as this, so that every bound can be written down


@dataclass(frozen=True)
class Bins:
    """One column cut into bins: what a line may tell apart in it.

    Parameters
    ----------
    name : str
        The column, as it stands in the card.
    known : int
        How many bins hold known values. A column with missing values has one bin more, the last.
    has_missing : bool
    """

    name: str
    known: int
    has_missing: bool

    @property
    def size(self) -> int:
        """How many bins there are."""
        return self.known + self.has_missing

    def sides(self, left: np.ndarray) -> np.ndarray:
        """Return the sets of bins worth a look, shape (sets, bins).

        Prefixes and suffixes of the ordered bins, and missing by itself. Categories are ordered
        by what is left to learn of each: one of these prefixes is the best of all sets (Fisher
        1958, "On Grouping for Maximum Homogeneity"; Breiman et al. 1984, CART, section 4.2.2).

        Parameters
        ----------
        left : array of shape (bins,)
            The log-odds that each bin by itself would still get.
        """
        order = self._order(left[: self.known])
        cuts = max(self.known - 1, 0)
        sets = np.zeros((2 * cuts + self.has_missing, self.size), dtype=bool)
        for cut in range(cuts):
            sets[2 * cut, order[cut + 1 :]] = True
            sets[2 * cut + 1, order[: cut + 1]] = True
        if self.has_missing:
            sets[-1, -1] = True
        return sets

    def prices(self, sets: np.ndarray) -> np.ndarray:
        """Return what a line pays for each set: 2 · log(how many it was picked from)."""
        return np.full(len(sets), 2 * np.log(max(len(sets) / 2, 1)))

    def condition(self, bins: np.ndarray) -> Condition:
        """Return the condition that is true for just these bins."""
        known = bins[: self.known]
        if not known.any():
            return FieldTest(self.name, "missing", True)
        if known.all():
            return FieldTest(self.name, "missing", False)
        if self.has_missing and bins[-1]:
            # A missing value fails every test, so the opposite test turned round lets it in.
            return Not(self._test(~known))
        return self._test(known)

    def trend(self, sets: np.ndarray) -> np.ndarray:
        """Return 1 for sets of the larger values, −1 for sets of the smaller, 0 for neither."""
        top, bottom = self._ends_of_scale()
        return sets[:, top].astype(int) - sets[:, bottom]

    def _ends_of_scale(self) -> tuple[int, int]:
        """Return the bins of the largest and the smallest values."""
        return self.known - 1, 0

    def _order(self, left: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _test(self, known: np.ndarray) -> FieldTest:
        raise NotImplementedError


@dataclass(frozen=True)
class NumberBins(Bins):
    """A column of numbers: bin i + 1 starts at ``starts[i]``, bin i ends at ``ends[i]``."""

    starts: tuple[float, ...]
    ends: tuple[float, ...]

    def _order(self, left: np.ndarray) -> np.ndarray:  # noqa: ARG002 - in order already
        return np.arange(self.known)

    def _test(self, known: np.ndarray) -> FieldTest:
        if known[-1]:
            return FieldTest(self.name, "at_least", self.starts[int(known.argmax()) - 1])
        return FieldTest(self.name, "at_most", self.ends[int(known.sum()) - 1])


@dataclass(frozen=True)
class LevelBins(Bins):
    """A column of categories: a bin each for the commoner ones, then one for all others."""

    levels: tuple[str | int | float | bool, ...]

    def prices(self, sets: np.ndarray) -> np.ndarray:
        """Return 2 · log(how many sets of as many categories there are): few named cost little."""
        n, k = self.known, sets[:, : self.known].sum(axis=1)
        return 2 * (gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))

    def _ends_of_scale(self) -> tuple[int, int]:
        # Only booleans are on a scale. Where one value only is known, its set says nothing.
        if set(self.levels) == {True, False} and isinstance(self.levels[0], bool):
            return self.levels.index(True), self.levels.index(False)
        return 0, 0

    def _order(self, left: np.ndarray) -> np.ndarray:
        return np.argsort(np.round(left, 9), kind="stable")

    def _test(self, known: np.ndarray) -> FieldTest:
        named = tuple(level for level, inside in zip(self.levels, known, strict=False) if inside)
        rest = tuple(level for level in self.levels if level not in named)
        has_others = self.known > len(self.levels)
        # Where training had no others, the shorter list is named: others count as the longer.
        if known[-1] if has_others else len(rest) < len(named):
            return FieldTest(self.name, "not_in", rest)
        if len(named) == 1:
            return FieldTest(self.name, "is", named[0])
        return FieldTest(self.name, "in", named)


def bin_column(name: str, column: pd.Series, weight: np.ndarray) -> tuple[Bins, np.ndarray] | str:
    """Cut a column into bins.

    Parameters
    ----------
    name : str
    column : pandas.Series of shape (n,)
    weight : array of shape (n,)

    Returns
    -------
    (Bins, array of int of shape (n,)) or str
        The bins and each row's bin; or why the column is left out.
    """
    kind = kind_of(column)
    if kind is None:
        empty = column.isna().all()
        return "every value is missing" if empty else "neither numbers nor texts"
    binned = _bin_levels if kind in (CATEGORY, BOOLEAN) else _bin_numbers
    bins, codes = binned(name, column, weight)
    codes[codes < 0] = bins.known
    return (bins, codes) if bins.size > 1 else _why_constant(bins)


def _why_constant(bins: Bins) -> str:
    if isinstance(bins, LevelBins) and not bins.levels:
        return "too many different texts, none of them common"
    return "the same for nearly every row" if bins.known else "every value is missing"


def _bin_numbers(name: str, column: pd.Series, weight: np.ndarray) -> tuple[Bins, np.ndarray]:
    cells = np.clip(as_numbers(column), -_LARGEST, _LARGEST)
    known = ~np.isnan(cells)
    values, at = np.unique(cells[known], return_inverse=True)
    mass = np.bincount(at, weight[known], len(values))
    cuts = _cuts(values, mass)
    starts = tuple(_roundest(values[i - 1], values[i]) for i in cuts)
    ends = tuple(-_roundest(-values[i], -values[i - 1]) for i in cuts)
    codes = np.full(len(cells), -1, dtype=np.intp)
    codes[known] = np.searchsorted(cuts, at, side="right")
    n_known = len(cuts) + 1 if len(values) else 0
    return NumberBins(name, n_known, bool((~known).any()), starts, ends), codes


def _cuts(values: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Return the places in the sorted values where a bin starts, at round numbers."""
    if len(values) <= _MOST_BINS:
        return np.arange(1, len(values))
    share = np.cumsum(mass) / mass.sum()
    places = set()
    for n in range(1, _MOST_BINS):
        # Anywhere near the quantile will do: take the roundest number.
        low, high = np.searchsorted(share, np.array([n - _WINDOW, n + _WINDOW]) / _MOST_BINS - 1e-9)
        high = min(max(high, low + 1), len(values) - 1)
        if low < high:
            round_one = _roundest(values[low], values[high])
            places.add(int(np.searchsorted(values, round_one)))
    return np.array(sorted(places), dtype=int)


def _roundest(above: float, up_to: float) -> float:
    """Return the number with the fewest digits in (above, up_to].

    Examples
    --------
    >>> _roundest(598.3, 612.0), _roundest(0.93, 1.2), _roundest(-3.0, 4.0)
    (600, 1, 0)
    """
    if above < 0 <= up_to:
        return 0
    size = max(abs(above), abs(up_to))
    for exponent in range(math.ceil(math.log10(size)), -320, -1):
        for digit in (10, 5, 2, 1):
            step = digit * 10.0**exponent / 10
            if step == 0:
                break
            number = float(f"{math.floor(up_to / step) * step:.12g}")
            if above < number <= up_to:
                return int(number) if number.is_integer() and abs(number) < 2**53 else number
        if 10.0**exponent < 1e-12 * size:
            break
    return float(up_to)


def _bin_levels(name: str, column: pd.Series, weight: np.ndarray) -> tuple[Bins, np.ndarray]:
    if kind_of(column) == BOOLEAN:
        flags = as_numbers(column)
        at = np.where(np.isnan(flags), -1, np.nan_to_num(flags) == 0).astype(np.intp)
        levels: list[Any] = [True, False]
    else:
        at, levels = as_levels(column)
    mass = np.bincount(at + 1, weight, len(levels) + 1)[1:]
    present = np.bincount(at + 1, minlength=len(levels) + 1)[1:] > 0
    total = weight.sum()
    least = max(min(_LEAST_ROWS, _SMALL_SHARE * total), _LEAST_SHARE * total)
    common = [
        i
        for i in np.argsort(-mass, kind="stable")[:_MOST_LEVELS]
        if mass[i] >= least and _can_be_written(levels[i])
    ]
    code = np.full(len(levels) + 1, len(common), dtype=np.intp)
    code[common] = np.arange(len(common))
    code[-1] = -1
    # Too few others to learn from count with the commonest here, and as not named in the card.
    has_others = bool(np.delete(present, common).any())
    if has_others and common and np.delete(mass, common).sum() < least:
        has_others, code[code == len(common)] = False, 0
    codes = code[at]
    names = tuple(levels[i] for i in common)
    return LevelBins(name, len(common) + has_others, bool((codes < 0).any()), names), codes


def _can_be_written(level: object) -> bool:
    return isinstance(level, str) or (isinstance(level, (int, float)) and math.isfinite(level))


@dataclass(frozen=True)
class FixedLine:
    """A line that is in the card anyway.

    Parameters
    ----------
    name : str
    when : Condition
    points : int or None
        None where they are to be searched.
    """

    name: str
    when: Condition
    points: int | None


@dataclass(frozen=True)
class BinnedRule:
    """One or two sets of bins of different columns, joined by *all* or by *any*.

    Parameters
    ----------
    columns : tuple of int
    sets : tuple of tuple of bool
        Per column, which of its bins are inside.
    any_of : bool
        Whether one of two is enough.
    """

    columns: tuple[int, ...]
    sets: tuple[tuple[bool, ...], ...]
    any_of: bool = False

    def holds(self, codes: Sequence[np.ndarray]) -> np.ndarray:
        """Return whether each row is on the line, given each column's bins."""
        parts = [np.array(s)[codes[c]] for c, s in zip(self.columns, self.sets, strict=True)]
        return np.any(parts, axis=0) if self.any_of else np.all(parts, axis=0)

    def opposite(self) -> BinnedRule:
        """Return the line of all other rows, by De Morgan's law."""
        others = tuple(tuple(not inside for inside in s) for s in self.sets)
        return BinnedRule(self.columns, others, len(self.columns) > 1 and not self.any_of)

    def condition(self, bins: Sequence[Bins]) -> Condition:
        """Return the line as a condition of the agreement."""
        parts = tuple(
            bins[c].condition(np.array(s)) for c, s in zip(self.columns, self.sets, strict=True)
        )
        return parts[0] if len(parts) == 1 else (AnyOf if self.any_of else AllOf)(parts)


@dataclass(frozen=True)
class Rows:
    """Training rows in bins.

    Parameters
    ----------
    bins : tuple of Bins
    codes : tuple of int arrays of shape (n,)
        Each row's bin, per column.
    won : array of shape (n,)
        1.0 where the target was reached, else 0.0.
    weight : array of shape (n,)
    fixed : bool array of shape (n, fixed lines)
        Whether each row meets the lines that are in the card anyway.
    engaged : bool array of shape (columns,)
        Whether each column tells what a lead did; a line never joins one that does with one
        that tells who it is, since it stands on one axis.
    """

    bins: tuple[Bins, ...]
    codes: tuple[np.ndarray, ...]
    won: np.ndarray
    weight: np.ndarray
    fixed: np.ndarray
    engaged: np.ndarray

    def take(self, rows: np.ndarray) -> Rows:
        """Return some of the rows."""
        return replace(
            self,
            codes=tuple(code[rows] for code in self.codes),
            won=self.won[rows],
            weight=self.weight[rows],
            fixed=self.fixed[rows],
        )

    def design(self, lines: Sequence[BinnedRule]) -> np.ndarray:
        """Return 1, the fixed lines and the lines, as numbers of shape (n, 1 + fixed + lines)."""
        ones = np.ones((len(self.won), 1))
        return np.column_stack(
            [ones, self.fixed, *(line.holds(self.codes) for line in lines)]
        ).astype(float)
