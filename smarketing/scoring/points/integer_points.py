"""Whole-number points, found by search on the log loss instead of by rounding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from smarketing.scoring.log_odds import NO_RIDGE, fit_log_odds, log_loss

_STARTS = (1.0, 0.75, 0.5, 0.35)  # of the largest scale that keeps within the points allowed
_SWEEPS, _GAIN = 30, 1e-7
_STEPS, _WARM_STEPS = 30, 3


@dataclass(frozen=True)
class WholePoints:
    """Points per line, and the line from score to log-odds.

    Parameters
    ----------
    points : array of int of shape (k,)
    intercept, slope : float
    loss : float
        Mean ridged log loss on the training rows.
    """

    points: np.ndarray
    intercept: float
    slope: float
    loss: float


class PointSearch:
    """Points of given lines with the least log loss.

    Rounded log-odds on several scales are the starts (the "multipliers" of Liu et al. 2022,
    FasterRisk, section 3.3; several, as the best is not known beforehand); from each, single
    points are moved up and down as long as the log loss falls (the polishing of Ustun & Rudin
    2019, "Learning optimized risk scores", section 4.2). The line from score to log-odds is
    fitted anew for each card tried, on the few different scores alone. Rows on the same lines
    are counted once.

    Parameters
    ----------
    met : bool array of shape (n, k)
        Whether each row is on each line.
    won, weight : arrays of shape (n,)
    lowest, highest : arrays of int of shape (k,)
        The points that each line may get; the same where they are given.
    engaged : bool array of shape (k,)
        Whether each line is on the engagement axis; each axis by itself is never below 0.
    ridge : float
        On the lines' log-odds (points · slope), as their selection had it: without it whole
        points would give back what was learned from chance.
    """

    def __init__(
        self,
        met: np.ndarray,
        won: np.ndarray,
        weight: np.ndarray,
        lowest: np.ndarray,
        highest: np.ndarray,
        engaged: np.ndarray,
        ridge: float,
    ) -> None:
        _, first, pattern = np.unique(
            np.packbits(met, axis=1), axis=0, return_index=True, return_inverse=True
        )
        self._met = met[first].astype(np.int64)
        self._mass = np.bincount(pattern, weight)
        self._wins = np.bincount(pattern, weight * won)
        self._lowest, self._highest, self._ridge = lowest, highest, ridge
        self._axis = engaged.astype(int)

    def best(self, log_odds: np.ndarray) -> WholePoints:
        """Return the best points found, starting from the lines' log-odds."""
        scales = self._scales(log_odds)
        starts = {tuple(self._within(np.rint(log_odds * scale))) for scale in scales}
        cards = [self._polished(np.array(start, dtype=np.int64)) for start in sorted(starts)]
        return min(cards, key=lambda card: card.loss)

    def _scales(self, log_odds: np.ndarray) -> list[float]:
        free = (self._lowest < self._highest) & (log_odds != 0)
        largest = (np.maximum(-self._lowest, self._highest)[free] / np.abs(log_odds[free])).min(
            initial=np.inf
        )
        largest = largest if np.isfinite(largest) else 1.0
        given = (self._lowest == self._highest) & (self._lowest * log_odds > 0)
        # Points given by hand set a scale of their own for the others.
        by_hand = (self._lowest[given] / log_odds[given]).tolist()
        return [*(largest * share for share in _STARTS), *by_hand]

    def _within(self, points: np.ndarray) -> np.ndarray:
        return np.clip(points, self._lowest, self._highest).astype(int)

    def _polished(self, points: np.ndarray) -> WholePoints:
        sums = [self._met @ np.where(self._axis == axis, points, 0) for axis in (0, 1)]
        line, loss = self._line(_score(*sums), points)
        for _ in range(_SWEEPS):
            improved = False
            for i, axis in enumerate(self._axis):
                for step in (1, -1):
                    if not self._lowest[i] <= points[i] + step <= self._highest[i]:
                        continue
                    moved = sums[axis] + step * self._met[:, i]
                    points[i] += step
                    score = _score(moved, sums[1 - axis])
                    new_line, new_loss = self._line(score, points, line)
                    points[i] -= step
                    if new_loss < loss - _GAIN:
                        points[i] += step
                        sums[axis], line, loss, improved = moved, new_line, new_loss, True
                        break
            if not improved:
                break
        (intercept, slope), loss = self._line(_score(*sums), points)
        return WholePoints(points, intercept, slope, loss)

    def _line(
        self, scores: np.ndarray, points: np.ndarray, start: tuple[float, float] | None = None
    ) -> tuple[tuple[float, float], float]:
        """Return intercept and slope of the log-odds in the score, and the ridged log loss."""
        mass = np.bincount(scores, self._mass)
        value = np.flatnonzero(mass)
        mass, wins = mass[value], np.bincount(scores, self._wins)[value]
        rate = wins.sum() / mass.sum()
        if len(value) == 1:
            return (float(logit(rate)), 0.0), log_loss(logit(rate), rate, np.ones(()))
        intercept, slope = start or (float(logit(rate)), 0.0)
        top, ridge = value[-1], self._ridge * (points @ points)
        design = np.column_stack([np.ones(len(value)), value / top])
        fit = fit_log_odds(
            design,
            wins / mass,
            mass,
            ridge=np.array([NO_RIDGE, ridge / top**2]),
            start=np.array([intercept, slope * top]),
            steps=_STEPS if start is None else _WARM_STEPS,
            close=1e-7,
        )
        intercept, slope = (fit.log_odds / [1, top]).tolist()
        loss = log_loss(design @ fit.log_odds, wins / mass, mass)
        return (intercept, slope), loss + float(ridge * slope**2 / (2 * mass.sum()))


def _score(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the sum of two axes, each of which the card counts as 0 where it is below."""
    return np.maximum(one, 0) + np.maximum(other, 0)
