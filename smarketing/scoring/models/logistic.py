"""Logistic regression: the plainest learned model, and hard to beat on few leads."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from smarketing.scoring.encoding import rare_below, rows_per_spell, smooth_by_column
from smarketing.scoring.models.base import FeatureModel

_C = 0.03  # of scaled columns: the inverse of the penalty on their weights


class Logistic(FeatureModel):
    """Logistic regression on texts and gently bent numbers; missing has a weight of its own.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": [0.0, 1, 2, 3, 4, 5] * 5, "source": ["web", "fair"] * 15})
    >>> model = Logistic().fit(X, X.visits >= 3)
    >>> model.importance().feature[0]
    'visits'
    """

    name = "logistic"
    _parts = ("_pipeline", "_centre")

    def _fit(self, rows: pd.DataFrame, outcome: np.ndarray, weight: np.ndarray) -> None:
        encoder = smooth_by_column(rows, rare_below(len(rows), rows_per_spell(weight)))
        regression = LogisticRegression(C=_C, max_iter=2000)
        self._pipeline = Pipeline([("encode", encoder), ("model", regression)])
        self._pipeline.fit(rows, outcome, model__sample_weight=weight)
        self._centre = encoder.transform(rows).mean(axis=0)

    def _importance(self) -> dict[str, float]:
        """Return how far each feature moves the log-odds: the standard deviation of its part.

        For a number on a straight line that is |coefficient| · standard deviation.
        """
        rows = self._sample[0][self.used_]
        spread = self._effects(rows).std(axis=0)
        return dict(zip(self.used_, map(float, spread), strict=True))

    def _effects(self, rows: pd.DataFrame) -> np.ndarray:
        encoded = self._pipeline["encode"].transform(rows) - self._centre
        shares = encoded * self._pipeline["model"].coef_[0]
        parts = self._pipeline["encode"].output_indices_
        return np.column_stack([shares[:, parts[name]].sum(axis=1) for name in self.used_])
