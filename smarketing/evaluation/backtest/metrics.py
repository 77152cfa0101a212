"""How good scores are: small pure functions on arrays, each also over many resamples at once.

Every function takes the outcome (0 or 1), the score or probability, and the weight of each row.
``weight`` may be one weight per row, shape ``(n,)``, or one set of weights per resample, shape
``(resamples, n)``; the answer is then a number or one number per resample. What cannot be
computed (one class only, no row) is NaN: callers turn it into a sentence.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def auc(outcome: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None) -> Floats:
    """Return the chance that a winner scores above a loser, ties counting half.

    Parameters
    ----------
    outcome : array of shape (n,)
        1 won, 0 lost.
    score : array of shape (n,)
        Any score; only its order counts.
    weight : array of shape (n,) or (resamples, n), optional

    Returns
    -------
    float or array of shape (resamples,)
        NaN where one of the classes has no weight.

    Examples
    --------
    >>> float(auc([0, 0, 1, 1], [1, 2, 2, 3]))
    0.875
    """
    y, s, w = _arrays(outcome, score, weight)
    won, lost = _by_score(y, s, w, descending=False)
    below = np.cumsum(lost, axis=-1) - lost / 2
    return _ratio((won * below).sum(axis=-1), won.sum(axis=-1) * lost.sum(axis=-1))


def average_precision(
    outcome: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None
) -> Floats:
    """Return the mean precision over the winners, best scores first (as in scikit-learn).

    Examples
    --------
    >>> round(float(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])), 3)
    0.833
    """
    y, s, w = _arrays(outcome, score, weight)
    won, lost = _by_score(y, s, w, descending=True)
    hits = np.cumsum(won, axis=-1)
    worked = hits + np.cumsum(lost, axis=-1)
    precision = np.divide(hits, worked, out=np.zeros_like(hits), where=worked > 0)
    return _ratio((won * precision).sum(axis=-1), won.sum(axis=-1))


def log_loss(outcome: ArrayLike, probability: ArrayLike, weight: ArrayLike | None = None) -> Floats:
    """Return the mean of −log of the probability given to what happened (natural log).

    Examples
    --------
    >>> round(float(log_loss([1, 0], [0.5, 0.5])), 4)
    0.6931
    """
    y, p, w = _arrays(outcome, probability, weight)
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return _ratio(w @ -(y * np.log(p) + (1 - y) * np.log1p(-p)), w.sum(axis=-1))


def brier(outcome: ArrayLike, probability: ArrayLike, weight: ArrayLike | None = None) -> Floats:
    """Return the mean squared distance of the probability from the outcome.

    Examples
    --------
    >>> float(brier([1, 0], [0.5, 0.5]))
    0.25
    """
    y, p, w = _arrays(outcome, probability, weight)
    return _ratio(w @ (p - y) ** 2, w.sum(axis=-1))


def ece(
    outcome: ArrayLike, probability: ArrayLike, weight: ArrayLike | None = None, bins: int = 10
) -> Floats:
    """Return the expected calibration error over bins of equally many rows.

    In each bin the mean probability is set against the share that won; the distances are
    averaged with the bins' weights (Naeini, Cooper, Hauskrecht 2015, with equal-count bins).
    Rows of one probability share a bin, so an answer does not depend on the rows' order.

    Examples
    --------
    >>> round(float(ece([1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25])), 6)
    0.0
    """
    y, p, w = _arrays(outcome, probability, weight)
    if len(y) == 0:
        return np.full(w.shape[:-1], np.nan)
    order = np.argsort(p, kind="stable")
    ranks = np.empty(len(p))
    ranks[order] = np.arange(len(p))
    _, group = np.unique(p, return_inverse=True)
    middle = np.bincount(group, ranks) / np.bincount(group)  # one rank for rows of one value
    bin_of = np.minimum((middle[group] * bins / len(p)).astype(int), bins - 1)
    one_hot = np.eye(bins)[bin_of]
    gaps = np.abs((w * (y - p)) @ one_hot)
    return _ratio(gaps.sum(axis=-1), w.sum(axis=-1))


def calibration_line(
    outcome: ArrayLike, probability: ArrayLike, weight: ArrayLike | None = None
) -> tuple[float, float]:
    """Return intercept and slope of the outcome's log-odds on the predicted log-odds.

    A well calibrated model has intercept 0 and slope 1; a slope below 1 means too bold
    probabilities, above 1 too timid ones (Cox 1958). Fitted by Newton's method.

    Returns
    -------
    (float, float)
        NaN where one class is missing, all probabilities are the same, or the classes are
        separated, so that no finite line exists.

    Examples
    --------
    >>> p = np.array([0.2, 0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.8])
    >>> y = np.array([1, 0, 0, 0, 0, 1, 1, 1, 1, 0])
    >>> [abs(round(v, 3)) for v in calibration_line(y, p)]
    [0.0, 1.0]
    """
    y, p, w = _arrays(outcome, probability, weight)
    nothing = (float("nan"), float("nan"))
    if len(y) == 0 or len(np.unique(y[w > 0])) < 2:
        return nothing
    p = np.clip(p, 1e-6, 1 - 1e-6)
    x = np.log(p / (1 - p))
    if np.ptp(x[w > 0]) < 1e-9:
        return nothing
    design = np.column_stack([np.ones_like(x), x])
    beta, fit = np.array([0.0, 1.0]), -np.inf
    step = np.zeros(2)
    for _ in range(100):
        line = np.clip(design @ beta, -30, 30)
        reached = float(w @ (y * line - np.logaddexp(0, line)))
        if reached < fit - 1e-9:  # too far: half the way back
            step = step / 2
            beta = beta - step
            continue
        fit = reached
        mean = 1 / (1 + np.exp(-line))
        curvature = (design * (w * mean * (1 - mean))[:, None]).T @ design
        if np.linalg.cond(curvature) > 1e12:
            return nothing
        step = np.clip(np.linalg.solve(curvature, design.T @ (w * (y - mean))), -5, 5)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            return float(beta[0]), float(beta[1])
    return nothing


def interval(draws: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Return the percentile interval of bootstrap draws; NaN draws are left out.

    The bounds are the draws in place (B + 1) · α of B: quantiles between the first and the last
    draw would be too narrow for a few hundred of them (Efron and Tibshirani 1993, 12.5).

    Examples
    --------
    >>> interval(np.arange(1, 100), level=0.5)
    (25.0, 75.0)
    """
    draws = np.asarray(draws, float)
    draws = draws[np.isfinite(draws)]
    if len(draws) == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], method="weibull")
    return float(low), float(high)


def resample_leads(
    lead: ArrayLike,
    block: ArrayLike | None = None,
    resamples: int = 300,
    seed: int = 0,
) -> NDArray[np.int16]:
    """Draw leads with replacement: how often each row stands in each resample.

    A lead's rows go together (cluster bootstrap; Davison and Hinkley 1997, 3.8). With blocks,
    leads are drawn within the block of their first row, so that every month keeps its size.

    Parameters
    ----------
    lead : array of shape (n,)
        The lead of each row.
    block : array of shape (n,), optional
        The month of each row.
    resamples : int
    seed : int

    Returns
    -------
    array of shape (resamples, n)

    Examples
    --------
    >>> drawn = resample_leads(["a", "a", "b", "c"], resamples=4)
    >>> bool((drawn[:, 0] == drawn[:, 1]).all()), drawn.shape
    (True, (4, 4))
    """
    _, first, code = np.unique(np.asarray(lead), return_index=True, return_inverse=True)
    n = len(first)
    if n == 0:
        return np.zeros((resamples, 0), np.int16)
    groups = np.zeros(n, int)
    if block is not None:
        groups = np.unique(np.asarray(block)[first], return_inverse=True)[1]
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    size = np.repeat(sizes, sizes)
    rng = np.random.default_rng(seed)
    drawn = np.empty((resamples, n), np.int16)
    for i in range(resamples):
        picked = order[start + (rng.random(n) * size).astype(int)]
        drawn[i] = np.bincount(picked, minlength=n)
    return drawn[:, code]


def _arrays(
    outcome: ArrayLike, score: ArrayLike, weight: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    y = np.asarray(outcome, float)
    s = np.asarray(score, float)
    w = np.ones_like(y) if weight is None else np.asarray(weight, float)
    return y, s, w


def _by_score(y: Floats, s: Floats, w: Floats, descending: bool) -> tuple[Floats, Floats]:
    """Weight of winners and of losers at each distinct score, in order of the score."""
    order = np.argsort(-s if descending else s, kind="stable")
    y, s, w = y[order], s[order], w[..., order]
    if len(s) == 0:
        return w * y, w
    starts = np.flatnonzero(np.r_[True, s[1:] != s[:-1]])
    won = np.add.reduceat(w * y, starts, axis=-1)
    lost = np.add.reduceat(w * (1 - y), starts, axis=-1)
    return won, lost


def _ratio(top: Floats, bottom: Floats) -> Floats:
    top, bottom = np.asarray(top, float), np.asarray(bottom, float)
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
