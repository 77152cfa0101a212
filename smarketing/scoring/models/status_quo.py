"""The score that the company already has, held to the same questions as a model."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr
from smarketing.scoring.calibration import PointsToProbability, calibrate
from smarketing.scoring.models.base import Model, Reasons

SCORE = "score_today"


class StatusQuo(Model):
    """A score of unknown making: turned into a probability on leads with a known outcome.

    It gives no reasons, since nobody knows them, and no probability where it is missing.

    Examples
    --------
    >>> leads = pd.DataFrame({"score_today": [1.0, 1, 1, 1, 5, 5, 5, 5, None] * 10})
    >>> won = np.tile([0, 0, 0, 1, 1, 1, 1, 0, 1], 10)
    >>> model = StatusQuo().fit(leads, won)
    >>> model.predict_proba1(leads.iloc[[0, 4, 8]]).round(2).tolist()
    [0.25, 0.75, nan]
    >>> model.reasons(leads.head(1))
    [([], [])]
    """

    name = "status_quo"
    _parts = ("_line", "_spread")

    def fit(
        self,
        X: pd.DataFrame,
        y: pd.Series | np.ndarray,
        sample_weight: pd.Series | np.ndarray | None = None,
    ) -> Self:
        """Learn the line from the score to log-odds, on the rows that have one.

        Parameters
        ----------
        X : pandas.DataFrame
            With ``score_today``; other columns are not looked at.
        y, sample_weight : array of shape (n,)

        Raises
        ------
        CannotAnswer
            If no row has a score, or all that have one ended the same way.
        """
        scores = _scores(X)
        has = ~np.isnan(scores)
        if not has.any():
            raise CannotAnswer(
                tr(
                    "the tables hold no score of today: declare score_today under leads in "
                    "sources.yml"
                )
            )
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, float)
        line = calibrate(scores[has], np.asarray(y, dtype=bool)[has], weight[has])
        self.features_ = self.used_ = [SCORE]
        self._line = [line.intercept, line.slope]
        self._spread = float(np.std(scores[has]))
        return self

    def predict_proba1(self, X: pd.DataFrame) -> np.ndarray:
        """Return the probability of each lead, NaN where it has no score."""
        return PointsToProbability(*self._line).probability(_scores(X))

    def _importance(self) -> dict[str, float]:
        """Return how far the score moves the log-odds: |slope| · standard deviation."""
        return {SCORE: abs(self._line[1]) * self._spread}

    def reasons(self, X: pd.DataFrame, top: int = 5) -> list[Reasons]:  # noqa: ARG002
        """Return no reason for any lead."""
        return [([], []) for _ in range(len(X))]

    def _chances(self, rows: pd.DataFrame) -> np.ndarray:
        return self.predict_proba1(rows)

    def _fit(self, rows: pd.DataFrame, outcome: np.ndarray, weight: np.ndarray) -> None:
        self.fit(rows, outcome, weight)


def _scores(X: pd.DataFrame) -> np.ndarray:
    return X[SCORE].to_numpy(dtype=float, na_value=np.nan)
