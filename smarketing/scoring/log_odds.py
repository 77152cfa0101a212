"""Log-odds of an outcome: the one logistic regression that is fitted by own code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit

NO_RIDGE = 1e-9
"""Next to none, for an intercept: with none at all there is no step where every row is certain."""

_LONGEST = 5.0  # log-odds a step: a longer one overshoots where hardly any row is uncertain


class LogOddsFit(NamedTuple):
    """Log-odds per column of a design, and whether the steps became small."""

    log_odds: np.ndarray
    settled: bool


def fit_log_odds(
    design: np.ndarray,
    won: np.ndarray,
    weight: np.ndarray,
    ridge: float | np.ndarray,
    start: np.ndarray,
    offset: float | np.ndarray = 0.0,
    steps: int = 30,
    close: float = 1e-9,
) -> LogOddsFit:
    """Return the log-odds that minimise the weighted log loss plus ridge / 2 · their squares.

    By Newton's method. scikit-learn has no ridge that differs by column and no offset, statsmodels
    has no ridge; and a learned card is found by thousands of such fits, each from the last one's
    log-odds. On 2,000 rows and 4 columns scikit-learn takes 15 times as long as this, statsmodels
    17 times; on 8,000 rows and 16 columns 4 times and 11 times.

    Parameters
    ----------
    design : array of shape (n, k)
        An intercept is a column of ones.
    won : array of shape (n,)
        Whether each row was won, or which share of rows that are alike.
    weight : array of shape (n,)
    ridge : float or array of shape (k,)
        In rows: what so many rows' worth of curvature would hold against.
    start : array of shape (k,)
    offset : float or array of shape (n,)
        Log-odds that each row has anyway.
    steps : int
        At most so many.
    close : float
        It has settled when no log-odds moves further in a step.

    Examples
    --------
    >>> fit = fit_log_odds(np.ones((4, 1)), np.array([1, 0, 0, 0]), np.ones(4), 0.0, np.zeros(1))
    >>> fit.log_odds.round(4).tolist(), fit.settled  # log(1 / 3)
    ([-1.0986], True)
    """
    log_odds, diagonal = start, np.diag_indices(design.shape[1])
    for _ in range(steps):
        chance = expit(design @ log_odds + offset)
        downhill = design.T @ (weight * (won - chance)) - ridge * log_odds
        curvature = (design * (weight * chance * (1 - chance))[:, None]).T @ design
        curvature[diagonal] += ridge
        step = np.linalg.solve(curvature, downhill)
        size = float(np.abs(step).max())
        log_odds = log_odds + step * (_LONGEST / max(size, _LONGEST))
        if size < close:
            return LogOddsFit(log_odds, settled=True)
    return LogOddsFit(log_odds, settled=False)


def log_loss(log_odds: np.ndarray, won: np.ndarray, weight: np.ndarray) -> float:
    """Return the mean log loss in nats, given each row's log-odds.

    Examples
    --------
    >>> round(log_loss(np.zeros(2), np.array([0.0, 1.0]), np.ones(2)), 4)
    0.6931
    """
    return float(np.average(np.logaddexp(0, log_odds) - won * log_odds, weights=weight))
