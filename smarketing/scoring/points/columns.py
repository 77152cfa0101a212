"""Conditions asked of all rows of a frame at once."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pandas as pd

from smarketing.agreement.conditions import AllOf, AnyOf, Condition, FieldTest, Not
from smarketing.agreement.matching import matches
from smarketing.errors import UsageError
from smarketing.scoring.kinds import BOOLEAN, NUMBER, as_levels, as_numbers, kind_of

_BY_SIZE = ("at_least", "at_most", "between")


class ConditionCells:
    """The columns of a frame, each read once, that conditions are asked of.

    A condition means here what it means to :func:`smarketing.agreement.matching.matches` and in SQL
    (:func:`smarketing.scoring.condition_expressions.to_ibis`): a missing value makes a test false
    before any ``not``, and a text never equals a number.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its column names are texts.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._numbers: dict[str, np.ndarray] = {}
        self._levels: dict[str, tuple[np.ndarray, list[object]]] = {}

    def meet(self, condition: Condition) -> np.ndarray:
        """Return whether each row meets a condition, booleans of shape (rows,)."""
        if isinstance(condition, AllOf):
            return reduce(np.logical_and, (self.meet(part) for part in condition.conditions))
        if isinstance(condition, AnyOf):
            return reduce(np.logical_or, (self.meet(part) for part in condition.conditions))
        if isinstance(condition, Not):
            return ~self.meet(condition.condition)
        column = self._frame[condition.field]
        if condition.op == "missing":
            return column.isna().to_numpy() == condition.value
        if kind_of(column) in (NUMBER, BOOLEAN) or self._has_number_levels(column):
            return self._meet_number(condition)
        return self._meet_level(condition)

    def _has_number_levels(self, column: pd.Series) -> bool:
        return isinstance(column.dtype, pd.CategoricalDtype) and pd.api.types.is_numeric_dtype(
            column.cat.categories
        )

    def _meet_number(self, test: FieldTest) -> np.ndarray:
        if test.field not in self._numbers:
            self._numbers[test.field] = as_numbers(self._frame[test.field])
        cells, values = self._numbers[test.field], test.values
        if test.op in _BY_SIZE and any(isinstance(value, str) for value in values):
            return np.zeros(len(cells), dtype=bool)  # a day is no number
        match test.op:
            case "at_least":
                return cells >= values[0]
            case "at_most":
                return cells <= values[0]
            case "between":
                return (cells >= values[0]) & (cells <= values[1])
            case "is" | "in" | "not_in":
                same = np.isin(cells, [float(v) for v in values if not isinstance(v, str)])
                return ~same & ~np.isnan(cells) if test.op == "not_in" else same
            case _:
                return np.zeros(len(cells), dtype=bool)

    def _meet_level(self, test: FieldTest) -> np.ndarray:
        if test.field not in self._levels:
            self._levels[test.field] = as_levels(self._frame[test.field])
        codes, levels = self._levels[test.field]
        if test.op in ("is", "in", "not_in") and all(isinstance(level, str) for level in levels):
            texts = [value for value in test.values if isinstance(value, str)]
            met = pd.Index(levels, dtype=object).isin(texts)
            met = ~met if test.op == "not_in" else met
        elif test.op in _BY_SIZE and levels:
            raise UsageError(
                f"a line compares {test.field} by size, but it is no number",
                found=f"{test.op}: {test.value}",
                allowed="is, in, not_in, like, missing",
            )
        else:
            met = np.array([matches(test, {test.field: level}) for level in levels], dtype=bool)
        return np.append(met, False)[codes]  # the last one is for missing, −1
