"""The two axes of a learned card: sums that are never below 0, and bounds for A1 … C3."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import xlogy

from smarketing.agreement.conditions import Condition
from smarketing.errors import UsageError

_LEAST_SHARE = 0.05  # of the rows: a grade that hardly any lead gets sorts nobody


def check_engagement(engagement: object, names: Collection[str]) -> frozenset[str]:
    """Return the columns that tell what a lead did.

    Raises
    ------
    UsageError
        If one is no column, or a single text was given for a list.
    """
    if engagement is None:
        return frozenset()
    if isinstance(engagement, str) or not isinstance(engagement, Collection):
        raise UsageError(
            "engagement takes a list of columns", found=repr(engagement), allowed="[…]"
        )
    asked = [str(name) for name in engagement]
    unknown = sorted(set(asked) - set(names))
    if unknown:
        raise UsageError(
            "engagement asks for what is no column",
            found=", ".join(unknown),
            allowed=", ".join(list(names)[:20]),
        )
    return frozenset(asked)


def on_engagement(conditions: list[Condition], engagement: frozenset[str]) -> np.ndarray:
    """Return whether each condition asks only for what a lead did, booleans of shape (k,)."""
    return np.array([condition.fields() <= engagement for condition in conditions], dtype=bool)


def axis_sums(met: np.ndarray, points: np.ndarray, engaged: np.ndarray) -> np.ndarray:
    """Return fit and engagement of each row, whole numbers of shape (rows, 2), never below 0.

    Parameters
    ----------
    met : array of shape (rows, lines)
    points : array of int of shape (lines,)
    engaged : array of bool of shape (lines,)

    Examples
    --------
    >>> met = np.array([[1, 1, 0], [0, 1, 1]])
    >>> axis_sums(met, np.array([3, -5, 4]), np.array([False, False, True])).tolist()
    [[0, 0], [0, 4]]
    """
    by_axis = np.column_stack([np.where(engaged, 0, points), np.where(engaged, points, 0)])
    return np.maximum(met.astype(np.int64) @ by_axis, 0)


def grades_of_points(
    fit: np.ndarray | pd.Series,
    engagement: np.ndarray | pd.Series,
    fit_bounds: Mapping[Literal["A", "B"], int],
    engagement_bounds: Mapping[Literal[1, 2], int],
) -> np.ndarray:
    """Return the grade of each row's points, A1 … C3, by the bounds of both axes.

    Examples
    --------
    >>> bounds = ({"A": 20, "B": 10}, {1: 8, 2: 4})
    >>> grades_of_points(np.array([25, 10, 0]), np.array([4, 9, 0]), *bounds).tolist()
    ['A2', 'B1', 'C3']
    """
    fit, done = np.asarray(fit), np.asarray(engagement)
    a, b = fit >= fit_bounds["A"], fit >= fit_bounds["B"]
    one, two = done >= engagement_bounds[1], done >= engagement_bounds[2]
    letter, digit = np.select([a, b], ["A", "B"], "C"), np.select([one, two], ["1", "2"], "3")
    return np.char.add(letter, digit)


def propose_bounds(points: np.ndarray, won: np.ndarray, weight: np.ndarray) -> tuple[int, int]:
    """Return the least points of the best grade and of the middle one.

    The two cuts that tell most about the outcome: three groups, each a twentieth of the rows at
    least and each winning more than the one below, with the greatest likelihood (Fisher 1958,
    "On Grouping for Maximum Homogeneity", with the log loss for the variance). Where the
    points are too few for that, a grade may stay empty.

    Parameters
    ----------
    points : array of int of shape (rows,)
        Of one axis.
    won, weight : arrays of shape (rows,)

    Examples
    --------
    >>> won = np.repeat([1, 0, 1, 0, 1, 0], [10, 90, 40, 60, 80, 20])
    >>> propose_bounds(np.repeat([0, 5, 10], 100), won, np.ones(300))
    (10, 5)
    """
    values, at = np.unique(points, return_inverse=True)
    if len(values) == 1:
        return int(values[0]) + 2, int(values[0]) + 1
    mass = np.append(0, np.cumsum(np.bincount(at, weight)))
    wins = np.append(0, np.cumsum(np.bincount(at, weight * won)))
    middle, best = np.triu_indices(len(values), 1)
    middle, best = middle[middle > 0], best[middle > 0]
    ends = [np.zeros_like(middle), middle, best, np.full_like(middle, len(values))]
    n = np.diff([mass[end] for end in ends], axis=0)
    hits = np.diff([wins[end] for end in ends], axis=0)
    likelihood = (xlogy(hits, hits / n) + xlogy(n - hits, 1 - hits / n)).sum(axis=0)
    sorts = (np.diff(hits / n, axis=0) > 0).all(axis=0)
    large = (n >= _LEAST_SHARE * mass[-1]).all(axis=0)
    for may in (sorts & large, sorts):
        if may.any():
            i = int(np.where(may, likelihood, -np.inf).argmax())
            return int(values[best[i]]), int(values[middle[i]])
    low, top = int(values[0]), int(values[-1])
    return (top, top - 1) if top - 1 > low else (top + 1, top)  # bounds fall, as the file wants
