"""Points turned into a probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count


@dataclass(frozen=True)
class PointsToProbability:
    """Log-odds of the target as a straight line in the score.

    Parameters
    ----------
    intercept : float
        Log-odds at score 0.
    slope : float
        Log-odds per point.
    """

    intercept: float
    slope: float

    def probability(self, points: pd.Series | np.ndarray) -> np.ndarray:
        """Return the probability of each score.

        Examples
        --------
        >>> PointsToProbability(0.0, 0.1).probability(np.array([0])).tolist()
        [0.5]
        """
        return expit(self.intercept + self.slope * np.asarray(points, dtype=float))


def calibrate(
    points: pd.Series | np.ndarray,
    outcome: pd.Series | np.ndarray,
    weight: pd.Series | np.ndarray | None = None,
) -> PointsToProbability:
    """Fit the line from points to log-odds by logistic regression (Platt, 1999).

    Ask it of training months only: a line fitted on the leads it is judged by looks better than
    it is. Scores that are all the same give their rate, with slope 0.

    Parameters
    ----------
    points, outcome, weight : array of shape (n,)
        Outcome is true or false, never missing; weight defaults to 1.

    Raises
    ------
    CannotAnswer
        If there are no rows, or all ended the same way.

    Examples
    --------
    >>> line = calibrate(np.array([10, 20, 30, 40] * 5), np.array([0, 0, 1, 1] * 4 + [1, 0, 0, 1]))
    >>> line.slope > 0
    True
    """
    points = np.asarray(points, dtype=float)
    outcome = np.asarray(outcome, dtype=bool)
    weight = np.ones(len(points)) if weight is None else np.asarray(weight, dtype=float)
    check_both_outcomes(outcome)
    spread = points.std()
    if spread == 0:
        rate = np.average(outcome, weights=weight)
        return PointsToProbability(float(np.log(rate / (1 - rate))), 0.0)
    # The penalty, next to none, keeps the slope finite where a score separates perfectly.
    model = LogisticRegression(C=100.0, max_iter=1000)
    model.fit((points[:, None] - points.mean()) / spread, outcome, sample_weight=weight)
    slope = model.coef_[0, 0] / spread
    return PointsToProbability(float(model.intercept_[0] - slope * points.mean()), float(slope))


def check_both_outcomes(outcome: np.ndarray) -> None:
    """Raise :class:`CannotAnswer` unless some rows were won and some were not."""
    if len(outcome) == 0:
        raise CannotAnswer(tr("there is no lead with a known outcome to learn from"))
    if outcome.all() or not outcome.any():
        n = count(len(outcome))
        raise CannotAnswer(
            tr(
                "all {n} leads with a known outcome reached the target, so there is nothing to "
                "tell apart",
                n=n,
            )
            if outcome.all()
            else tr(
                "all {n} leads with a known outcome missed the target, so there is nothing to "
                "tell apart",
                n=n,
            )
        )
