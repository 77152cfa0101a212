"""From points to a chance: a straight line on the log-odds, bent once where the data ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from smarketing.scoring.calibration import calibrate
from smarketing.scoring.log_odds import fit_log_odds

FEWEST_TO_BEND = 50
"""Fewer wins or losses cannot tell a bend from luck."""
KNOTS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Where a bend is looked for: quantiles of the winners' scores."""
RIDGE = 1e-3
Curve = Callable[[np.ndarray], np.ndarray]
"""Score -> chance, in [0, 1]."""
SHIFTS = 0.5
"""Groups differ by about so much in their log-odds, at the same score: half to twice the odds."""


@dataclass(frozen=True)
class BentLine:
    """Log-odds that rise straight to a knot, and straight on with another slope after it.

    Attributes
    ----------
    intercept, slope, bend, knot : float
        log-odds = intercept + slope · score + bend · max(score - knot, 0).
    """

    intercept: float
    slope: float
    bend: float
    knot: float

    def probability(self, score: np.ndarray) -> np.ndarray:
        """Return the chance at each score, in [0, 1]."""
        score = np.asarray(score, dtype=float)
        over = np.maximum(score - self.knot, 0.0)
        return expit(self.intercept + self.slope * score + self.bend * over)


def fit_chance(score: np.ndarray, won: np.ndarray, weight: np.ndarray) -> Curve:
    """Return the function score -> chance.

    A straight line overstates the best leads where chances level off: even they are won in part
    only. So one bend is allowed, where the likelihood pays for it (BIC, two parameters: bend and
    knot) and the chance never falls with the score.

    Parameters
    ----------
    score, won, weight : numpy.ndarray, shape (n,)
        Sums per score will do: rows of one score and outcome weigh together.

    Examples
    --------
    >>> score = np.tile(np.arange(10.0), 2)
    >>> won, weight = np.repeat([False, True], 10), np.r_[np.full(10, 90.0), np.full(10, 10.0)]
    >>> fit_chance(score, won, weight)(np.array([3.0])).round(2)
    array([0.1])
    """
    score, weight = np.asarray(score, dtype=float), np.asarray(weight, dtype=float)
    won = np.asarray(won, dtype=bool)
    straight = calibrate(score, won, weight)
    if min(weight[won].sum(), weight[~won].sum()) < FEWEST_TO_BEND or straight.slope <= 0:
        return straight.probability
    order = np.argsort(score[won], kind="stable")
    upto = weight[won][order].cumsum()
    knots = score[won][order][np.searchsorted(upto, np.array(KNOTS) * upto[-1])]
    least = _deviance(straight.probability(score), won, weight) - 2 * np.log(weight.sum())
    best: Curve = straight.probability
    for knot in np.unique(knots):
        bent = _bent(score, won, weight, float(knot), straight.intercept, straight.slope)
        if bent is None or bent.slope < 0 or bent.slope + bent.bend < 0:
            continue
        deviance = _deviance(bent.probability(score), won, weight)
        if deviance < least:
            least, best = deviance, bent.probability
    return best


def _bent(
    score: np.ndarray,
    won: np.ndarray,
    weight: np.ndarray,
    knot: float,
    intercept: float,
    slope: float,
) -> BentLine | None:
    """Fit from the straight line; None where the steps do not settle."""
    scale = max(float(score.std()), 1e-9)
    x = np.column_stack(
        [np.ones_like(score), (score - knot) / scale, np.maximum(score - knot, 0.0) / scale]
    )
    start = np.array([intercept + slope * knot, slope * scale, 0.0])
    fit = fit_log_odds(x, won, weight, RIDGE, start, close=1e-6)
    if not fit.settled:
        return None
    level, line, bend = fit.log_odds / [1, scale, scale]
    return BentLine(float(level - line * knot), float(line), float(bend), knot)


def _deviance(chance: np.ndarray, won: np.ndarray, weight: np.ndarray) -> float:
    chance = np.clip(chance, 1e-12, 1 - 1e-12)
    return float(-2 * (weight * np.where(won, np.log(chance), np.log1p(-chance))).sum())


def shift_of(chance: np.ndarray, won: np.ndarray, weight: np.ndarray) -> float:
    """Return by how much a group's log-odds lie above those expected, drawn towards 0.

    The most likely shift of a logistic model, with a normal prior around none: a group of few
    leads hardly moves, one of many moves to what it shows.

    Examples
    --------
    >>> chance, won = np.full(400, 0.2), np.arange(400) < 200
    >>> round(shift_of(chance, won, np.ones(400)), 2), round(float(logit(0.5) - logit(0.2)), 2)
    (1.33, 1.39)
    >>> round(shift_of(chance[:4], won[:4], np.ones(4)), 2)
    0.67
    """
    odds = logit(np.clip(chance, 1e-9, 1 - 1e-9))

    def pull(shift: float) -> float:
        return float((weight * (won - expit(odds + shift))).sum() - shift / SHIFTS**2)

    # A root between two ends is found from anywhere; Newton's steps may run in a circle.
    farthest = float(SHIFTS**2 * weight.sum()) + 1  # beyond it the prior pulls back in any case
    return float(brentq(pull, -farthest, farthest))


def shifted(chance: np.ndarray, shift: float) -> np.ndarray:
    """Return chances with their log-odds moved; a missing one stays missing."""
    return expit(logit(np.clip(chance, 1e-9, 1 - 1e-9)) + shift)
