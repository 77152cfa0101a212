"""Learned models behind one interface: probability, what matters, reasons per lead."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline
from threadpoolctl import ThreadpoolController

from smarketing.errors import CannotAnswer, Problem, SmarketingError
from smarketing.scoring.calibration import check_both_outcomes
from smarketing.scoring.encoding import Codes, rare_below, smooth_by_column, tidy

SEED = 0
_LEAST_EFFECT = 0.005  # log-odds; shown with two decimals, less is nothing
_IMPORTANCE_ROWS, _IMPORTANCE_REPEATS, _USUAL = 4000, 1, 5


@dataclass(frozen=True)
class Reason:
    """One feature's part in a lead's score.

    Parameters
    ----------
    feature : str
    value : object
        What the lead has; None if missing.
    effect : float
        Log-odds, against the same lead with the feature as leads usually have it.
    """

    feature: str
    value: object
    effect: float

    def __str__(self) -> str:
        shown = f"{self.value:g}" if isinstance(self.value, float) else self.value
        return f"{self.feature} = {'missing' if shown is None else shown} ({self.effect:+.2f})"


# On a busy machine threads that wait for each other took seven times as long as one alone.
_THREADS = ThreadpoolController()
Reasons = tuple[list[Reason], list[Reason]]


class Model(ABC):
    """A classifier of leads that takes the feature frame as it is.

    Numbers, booleans, texts and missing values are taken; unknown texts at prediction count as
    rare ones. The same rows give the same model, always.

    Attributes
    ----------
    features_ : list of str
        Columns seen in training.
    used_ : list of str
        Those of them that differ between leads.
    kept_importance_ : dict of str to float or None
        Of a model read from a file, which does not hold the rows it learned from.
    """

    name: str
    kept_importance_: dict[str, float] | None = None

    def fit(
        self,
        X: pd.DataFrame,
        y: pd.Series | np.ndarray,
        sample_weight: pd.Series | np.ndarray | None = None,
    ) -> Self:
        """Learn from leads with a known outcome.

        Parameters
        ----------
        X : pandas.DataFrame of shape (n, features)
        y : array of shape (n,)
            True where the target was reached; never missing.
        sample_weight : array of shape (n,), optional
            1 over the rows of a spell, so that each spell counts once.

        Raises
        ------
        CannotAnswer
            If there are no rows, all ended the same way, or no feature differs between leads.
        """
        outcome = np.asarray(y, dtype=bool)
        check_both_outcomes(outcome)
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, float)
        rows = tidy(X)
        self.features_ = list(X.columns)
        self.used_ = [c for c in rows if rows[c].nunique(dropna=False) > 1]
        if not self.used_:
            raise CannotAnswer(
                "every feature is the same for every lead, so there is nothing to learn from"
            )
        with _THREADS.limit(limits=1):
            self._fit(rows[self.used_], outcome, weight)
        self._sample = (rows, outcome, weight)
        return self

    def predict_proba1(self, X: pd.DataFrame) -> np.ndarray:
        """Return the probability that each lead reaches the target, an array of shape (n,)."""
        rows = self._checked(X)
        if rows.empty:
            return np.zeros(0)
        with _THREADS.limit(limits=1):
            return self._pipeline.predict_proba(rows)[:, 1]

    @abstractmethod
    def importance(
        self,
        X: pd.DataFrame | None = None,
        y: pd.Series | np.ndarray | None = None,
        sample_weight: pd.Series | np.ndarray | None = None,
    ) -> pd.DataFrame:
        """Return ``feature``, ``importance`` per column of the frame, the largest first."""

    def reasons(self, X: pd.DataFrame, top: int = 5) -> list[Reasons]:
        """Return what speaks for and against each lead, the strongest first.

        Parameters
        ----------
        X : pandas.DataFrame of shape (n, features)
        top : int
            At most so many for, and so many against.

        Returns
        -------
        list of (list of Reason, list of Reason)
            Effects are log-odds against the same lead with the feature as leads usually have it.
        """
        rows = self._checked(X)
        if rows.empty:
            return []
        with _THREADS.limit(limits=1):
            effects = self._effects(rows)
        order = np.argsort(-np.abs(effects), axis=1, kind="stable")
        values = [[_value(v) for v in rows[name]] for name in self.used_]
        result = []
        for i, columns in enumerate(order):
            ranked = [
                Reason(self.used_[j], values[j][i], float(effects[i, j]))
                for j in columns
                if abs(effects[i, j]) >= _LEAST_EFFECT
            ]
            result.append(
                (
                    [r for r in ranked if r.effect > 0][:top],
                    [r for r in ranked if r.effect < 0][:top],
                )
            )
        return result

    def _checked(self, X: pd.DataFrame) -> pd.DataFrame:
        missing = [c for c in self.features_ if c not in X.columns]
        more = [c for c in X.columns if c not in self.features_]
        if missing or more:
            raise SmarketingError(
                Problem(
                    f"the {self.name} model learned from other features",
                    found=f"missing: {', '.join(missing) or 'none'}; "
                    f"unknown: {', '.join(map(str, more)) or 'none'}",
                    todo="Train it again on these features.",
                )
            )
        return tidy(X[self.features_])[self.used_]

    @abstractmethod
    def _fit(self, rows: pd.DataFrame, outcome: np.ndarray, weight: np.ndarray) -> None: ...

    @abstractmethod
    def _effects(self, rows: pd.DataFrame) -> np.ndarray:
        """Log-odds of each used feature against its usual values, shape (n, used features)."""

    def _ranked(self, importance: dict[str, float]) -> pd.DataFrame:
        every = {name: importance.get(name, 0.0) for name in self.features_}
        frame = pd.DataFrame({"feature": list(every), "importance": list(every.values())})
        return frame.sort_values("importance", ascending=False, kind="stable", ignore_index=True)


class Logistic(Model):
    """Logistic regression on texts and gently bent numbers; missing has a weight of its own.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": [0.0, 1, 2, 3, 4, 5] * 5, "source": ["web", "fair"] * 15})
    >>> model = Logistic().fit(X, X.visits >= 3)
    >>> model.importance().feature[0]
    'visits'
    """

    name = "logistic"

    def __init__(self, C: float = 0.03) -> None:
        self.C = C

    def _fit(self, rows: pd.DataFrame, outcome: np.ndarray, weight: np.ndarray) -> None:
        encoder: ColumnTransformer = smooth_by_column(
            rows, rare_below(len(rows), rows_per_spell(weight))
        )
        regression = LogisticRegression(C=self.C, max_iter=2000)
        self._pipeline = Pipeline([("encode", encoder), ("model", regression)])
        self._pipeline.fit(rows, outcome, model__sample_weight=weight)
        self._centre = encoder.transform(rows).mean(axis=0)

    def importance(
        self,
        X: pd.DataFrame | None = None,  # noqa: ARG002 - one interface; its parts say it all
        y: pd.Series | np.ndarray | None = None,  # noqa: ARG002
        sample_weight: pd.Series | np.ndarray | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """Return how far each feature moves the log-odds: the standard deviation of its part.

        For a number on a straight line that is |coefficient| · standard deviation.
        """
        if self.kept_importance_ is not None:
            return self._ranked(self.kept_importance_)
        rows = self._sample[0][self.used_]
        spread = self._effects(rows).std(axis=0)
        return self._ranked(dict(zip(self.used_, map(float, spread), strict=True)))

    def _effects(self, rows: pd.DataFrame) -> np.ndarray:
        encoded = self._pipeline["encode"].transform(rows) - self._centre
        shares = encoded * self._pipeline["model"].coef_[0]
        parts = self._pipeline["encode"].output_indices_
        return np.column_stack([shares[:, parts[name]].sum(axis=1) for name in self.used_])


class Boosted(Model):
    """Histogram gradient boosting, which splits texts and missing values by itself.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": [0.0, 1, 2, 3, 4, 5] * 20, "source": ["web", "fair"] * 60})
    >>> model = Boosted().fit(X, X.visits >= 3)
    >>> model.predict_proba1(X)[:6].round().tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    """

    name = "boosted"

    def __init__(self, rounds: int = 200, learning_rate: float = 0.05, leaves: int = 8) -> None:
        self.rounds, self.learning_rate, self.leaves = rounds, learning_rate, leaves

    def _fit(self, rows: pd.DataFrame, outcome: np.ndarray, weight: np.ndarray) -> None:
        boosting = HistGradientBoostingClassifier(
            max_iter=self.rounds,
            learning_rate=self.learning_rate,
            max_leaf_nodes=self.leaves,
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
            _usual(column, is_category)
            for column, is_category in zip(encoded.T, codes.is_category_, strict=True)
        ]

    def importance(
        self,
        X: pd.DataFrame | None = None,
        y: pd.Series | np.ndarray | None = None,
        sample_weight: pd.Series | np.ndarray | None = None,
    ) -> pd.DataFrame:
        """Return how much the log loss rises when a feature's values are shuffled.

        On the rows given, which should not be trained on. Without them the training rows are
        halved (rows of one lead stand together), and each half is judged by a model of the
        other: on its own rows a model finds uses even for noise. Shuffled with a
        fixed seed (Breiman 2001, "Random Forests", section 10).
        """
        if X is not None and y is not None:
            outcome = np.asarray(y, dtype=bool)
            weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight)
            return self._ranked(self._rises(self._checked(X), outcome, weight))
        if self.kept_importance_ is not None:
            return self._ranked(self.kept_importance_)
        rows, outcome, weight = self._sample
        middle = len(rows) // 2
        halves = [slice(None, middle), slice(middle, None)]
        if any(len(set(outcome[half])) < 2 for half in halves):
            return self._ranked(self._rises(rows[self.used_], outcome, weight))
        rises = dict.fromkeys(self.used_, 0.0)
        for learned, judged in (halves, halves[::-1]):
            model = Boosted(self.rounds, self.learning_rate, self.leaves)
            model.fit(rows.iloc[learned], outcome[learned], weight[learned])
            found = model._rises(model._checked(rows.iloc[judged]), outcome[judged], weight[judged])
            for name, rise in found.items():
                if name in rises:
                    rises[name] += rise / 2
        return self._ranked(rises)

    def _rises(
        self, rows: pd.DataFrame, outcome: np.ndarray, weight: np.ndarray
    ) -> dict[str, float]:
        boosting, encoded = self._pipeline["model"], self._pipeline["encode"].transform(rows)
        kept = np.arange(len(encoded))
        if len(kept) > _IMPORTANCE_ROWS:
            kept = np.sort(np.random.default_rng(SEED).choice(kept, _IMPORTANCE_ROWS, False))
        encoded, outcome, weight = encoded[kept], outcome[kept], weight[kept]

        def loss(values: np.ndarray) -> float:
            chance = boosting.predict_proba(values)[:, 1]
            return log_loss(outcome, chance, sample_weight=weight, labels=[False, True])

        rng, rises = np.random.default_rng(SEED), {}
        with _THREADS.limit(limits=1):
            base = loss(encoded)
            for j, name in enumerate(self.used_):
                shuffled, rise = encoded.copy(), 0.0
                for _ in range(_IMPORTANCE_REPEATS):
                    shuffled[:, j] = encoded[rng.permutation(len(encoded)), j]
                    rise += loss(shuffled) - base
                rises[name] = rise / _IMPORTANCE_REPEATS
        return rises

    def _effects(self, rows: pd.DataFrame) -> np.ndarray:
        boosting, encoded = self._pipeline["model"], self._pipeline["encode"].transform(rows)
        own = boosting.decision_function(encoded)
        effects = np.zeros_like(encoded)
        for j, (values, shares) in enumerate(self._usual):
            replaced = encoded.copy()
            for value, share in zip(values, shares, strict=True):
                replaced[:, j] = value
                effects[:, j] += share * (own - boosting.decision_function(replaced))
        return effects


def _usual(column: np.ndarray, is_category: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return a feature's commonest codes or its quintiles' middles, with their shares.

    One typical value will not do: a student would lose nothing for being one where most are.
    """
    known = column[~np.isnan(column)]
    if is_category:
        values, counts = np.unique(known, return_counts=True)
        top = np.argsort(-counts, kind="stable")[:_USUAL]
        values, counts = values[top], counts[top]
    else:
        middles = (np.arange(_USUAL) + 0.5) / _USUAL
        values = np.quantile(known, middles, method="nearest") if len(known) else known
        values, counts = np.unique(values, return_counts=True)
        counts = counts * len(known) / _USUAL
    missing = len(column) - len(known)
    if missing:
        values, counts = np.append(values, np.nan), np.append(counts, missing)
    return values, counts / counts.sum()


MODELS: dict[str, Callable[[], Model]] = {"logistic": Logistic, "boosted": Boosted}
"""Learned models by the name that ``--model`` takes."""


def rows_per_spell(weight: np.ndarray) -> float:
    """Return how many rows a spell has on average, where each spell weighs 1; at least 1."""
    return max(len(weight) / weight.sum(), 1.0) if weight.sum() > 0 else 1.0


def _value(value: object) -> object:
    return None if pd.isna(value) else value.item() if hasattr(value, "item") else value


def texts(reasons: Sequence[Reason]) -> str:
    """Return reasons as one line.

    Examples
    --------
    >>> texts([Reason("visits", 3.0, 0.5), Reason("source", None, 0.25)])
    'visits = 3 (+0.50); source = missing (+0.25)'
    """
    return "; ".join(map(str, reasons))
