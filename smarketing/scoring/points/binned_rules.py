"""A line of a learned card while it is searched: sets of bins, and the rows in bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from smarketing.agreement.conditions import AllOf, AnyOf, Condition
from smarketing.scoring.points.bins import Bins


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
