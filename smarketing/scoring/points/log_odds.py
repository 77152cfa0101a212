"""Log-odds of a few lines at once: the log loss with a ridge, by Newton's method."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

_STEPS, _CLOSE = 8, 1e-3


def fit_log_odds(
    design: np.ndarray, won: np.ndarray, weight: np.ndarray, start: np.ndarray, ridge: float
) -> np.ndarray:
    """Return the log-odds that minimise the weighted log loss plus ridge / 2 · their squares.

    Parameters
    ----------
    design : array of shape (n, k)
        Its first column is 1, and its log-odds, the intercept, is not ridged.
    won, weight : arrays of shape (n,)
    start : array of shape (k,)
    ridge : float
        In rows: what so many rows' worth of curvature would hold against.
    """
    log_odds = start
    for _ in range(_STEPS):
        chance = expit(design @ log_odds)
        slope = design.T @ (weight * (won - chance))
        slope[1:] -= ridge * log_odds[1:]
        step = np.linalg.solve(curvature(design, chance, weight, ridge), slope)
        log_odds = log_odds + step
        if np.abs(step).max() < _CLOSE:
            break
    return log_odds


def curvature(
    design: np.ndarray, chance: np.ndarray, weight: np.ndarray, ridge: float
) -> np.ndarray:
    """Return the second derivative of the ridged loss, shape (k, k)."""
    scaled = design * (weight * chance * (1 - chance))[:, None]
    second = scaled.T @ design
    at = np.diag_indices_from(second)
    second[at] += ridge
    second[0, 0] += 1e-9 - ridge
    return second


def log_loss(log_odds: np.ndarray, won: np.ndarray, weight: np.ndarray) -> float:
    """Return the mean log loss in nats, given each row's log-odds.

    Examples
    --------
    >>> round(log_loss(np.zeros(2), np.array([0.0, 1.0]), np.ones(2)), 4)
    0.6931
    """
    return float(np.average(np.logaddexp(0, log_odds) - won * log_odds, weights=weight))
