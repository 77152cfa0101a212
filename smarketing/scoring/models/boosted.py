"""Gradient boosting: what can be had where nobody has to read the model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline

from smarketing.scoring.encoding import Codes, rare_below, rows_per_spell
from smarketing.scoring.models.base import SEED, FeatureModel
from smarketing.scoring.threads import one_thread

_IMPORTANCE_ROWS = 4000
_USUAL, _USUAL_TEXTS = 5, 15


class Boosted(FeatureModel):
    """Histogram gradient boosting, which splits texts and missing values by itself.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": [0.0, 1, 2, 3, 4, 5] * 20, "source": ["web", "fair"] * 60})
    >>> model = Boosted().fit(X, X.visits >= 3)
    >>> model.predict_proba1(X)[:6].round().tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    """

    name = "boosted"
    _parts = ("_pipeline", "_usual")

    def _fit(self, rows: pd.DataFrame, outcome: np.ndarray, weight: np.ndarray) -> None:
        boosting = HistGradientBoostingClassifier(
            max_iter=200,
            learning_rate=0.05,
            max_leaf_nodes=8,
            # Weekly rows of one spell are nearly alike: a leaf shall hold 20 spells, not 20 rows.
            min_samples_leaf=round(20 * rows_per_spell(weight)),
            l2_regularization=10.0,
            max_features=0.3,
            early_stopping=False,
            random_state=SEED,
        )
        codes = Codes(rare_below(len(rows), rows_per_spell(weight))).fit(rows)
        boosting.set_params(categorical_features=codes.is_category_)
        encoded = codes.transform(rows)
        boosting.fit(encoded, outcome, sample_weight=weight)
        self._pipeline = Pipeline([("encode", codes), ("model", boosting)])
        self._usual = [
            _usual(encoded[:, part], name in codes.categories_)
            if name not in codes.words_
            else _usual_texts(encoded[:, part])
            for name, part in codes.parts_.items()
        ]

    def _importance(self) -> dict[str, float]:
        """Return how much the log loss rises when a feature's values are shuffled.

        The training rows are halved (rows of one lead stand together), and each half is judged
        by a model of the other: on its own rows a model finds uses even for noise. Shuffled with
        a fixed seed (Breiman 2001, "Random Forests", section 10).
        """
        rows, outcome, weight = self._sample
        middle = len(rows) // 2
        halves = [slice(None, middle), slice(middle, None)]
        if any(len(set(outcome[half])) < 2 for half in halves):
            return self._rises(rows[self.used_], outcome, weight)
        rises = dict.fromkeys(self.used_, 0.0)
        for learned, judged in (halves, halves[::-1]):
            model = Boosted().fit(rows.iloc[learned], outcome[learned], weight[learned])
            asked = model._checked(rows.iloc[judged])
            for name, rise in model._rises(asked, outcome[judged], weight[judged]).items():
                if name in rises:
                    rises[name] += rise / 2
        return rises

    def _rises(
        self, rows: pd.DataFrame, outcome: np.ndarray, weight: np.ndarray
    ) -> dict[str, float]:
        boosting, encoded = self._pipeline["model"], self._pipeline["encode"].transform(rows)
        if len(encoded) > _IMPORTANCE_ROWS:
            rng = np.random.default_rng(SEED)
            some = np.sort(rng.choice(len(encoded), _IMPORTANCE_ROWS, replace=False))
            encoded, outcome, weight = encoded[some], outcome[some], weight[some]

        def loss(values: np.ndarray) -> float:
            chance = boosting.predict_proba(values)[:, 1]
            return log_loss(outcome, chance, sample_weight=weight, labels=[False, True])

        rng, rises = np.random.default_rng(SEED), {}
        with one_thread():
            base = loss(encoded)
            for name, part in self._pipeline["encode"].parts_.items():
                shuffled = encoded.copy()
                shuffled[:, part] = encoded[rng.permutation(len(encoded)), part]
                rises[name] = loss(shuffled) - base
        return rises

    def _effects(self, rows: pd.DataFrame) -> np.ndarray:
        boosting, encoded = self._pipeline["model"], self._pipeline["encode"].transform(rows)
        own = boosting.decision_function(encoded)
        effects = np.zeros((len(encoded), len(self._usual)))
        parts = self._pipeline["encode"].parts_.values()
        for j, (part, (values, shares)) in enumerate(zip(parts, self._usual, strict=True)):
            replaced = encoded.copy()
            for value, share in zip(values, shares, strict=True):
                replaced[:, part] = value
                effects[:, j] += share * (own - boosting.decision_function(replaced))
        return effects


def _usual(column: np.ndarray, is_category: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return a feature's commonest codes or its quintiles' middles, with their shares.

    One typical value will not do: a student would lose nothing for being one where most are.
    """
    column = column[:, 0]
    known = column[~np.isnan(column)]
    if is_category:
        values, rows = np.unique(known, return_counts=True)
        top = np.argsort(-rows, kind="stable")[:_USUAL]
        values, counts = values[top], rows[top].astype(float)
    else:
        middles = (np.arange(_USUAL) + 0.5) / _USUAL
        values = np.quantile(known, middles, method="nearest") if len(known) else known
        values, places = np.unique(values, return_counts=True)
        counts = places * len(known) / _USUAL
    missing = len(column) - len(known)
    if missing:
        values, counts = np.append(values, np.nan), np.append(counts, missing)
    return values[:, None], counts / counts.sum()


def _usual_texts(encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a few leads' messy texts, as they are encoded: hardly two are the same."""
    rows = np.random.default_rng(SEED).permutation(len(encoded))[:_USUAL_TEXTS]
    return encoded[rows], np.full(len(rows), 1 / len(rows))
