"""Shares with their intervals, in one place, so that every table uses the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint


def wilson(
    k: ArrayLike, n: ArrayLike, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the share k of n and its Wilson interval.

    Parameters
    ----------
    k, n : array-like of int
        Successes and trials; no share where n is 0 or k is larger than n.
    confidence : float, default=0.95

    Returns
    -------
    rate, low, high : numpy.ndarray of float
        In [0, 1]; NaN where there is no share.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.

    Examples
    --------
    >>> rate, low, high = wilson([3], [10])
    >>> rate.item(), round(low.item(), 3), round(high.item(), 3)
    (0.3, 0.108, 0.603)
    """
    trials = pd.Series(n, dtype=float).to_numpy()
    hits = pd.Series(k, dtype=float).to_numpy()
    valid = (trials > 0) & (hits <= trials)
    rate, low, high = (np.full(len(trials), np.nan) for _ in range(3))
    if valid.any():
        rate[valid] = hits[valid] / trials[valid]
        low[valid], high[valid] = proportion_confint(
            hits[valid], trials[valid], alpha=1 - confidence, method="wilson"
        )
    return rate, low, high


def newcombe(k: int, n: int, k_other: int, n_other: int) -> tuple[float, float, float]:
    """Return the difference of the shares k of n and k_other of n_other, with its 95 % interval.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions,
    method 10.

    Examples
    --------
    >>> difference, low, high = newcombe(6, 10, 2, 10)
    >>> round(difference, 2), round(low, 3), round(high, 3)
    (0.4, -0.023, 0.673)
    """
    low, high = confint_proportions_2indep(k, n, k_other, n_other, method="newcomb")
    return k / n - k_other / n_other, float(low), float(high)
