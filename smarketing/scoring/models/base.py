"""What every model of leads can do: probability, what matters, reasons for each lead."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from smarketing.errors import CannotAnswer, SmarketingError
from smarketing.language.catalogue import tr
from smarketing.scoring.calibration import check_both_outcomes
from smarketing.scoring.encoding import tidy
from smarketing.scoring.threads import one_thread

SEED = 0
LEAST_EFFECT = 0.005  # log-odds; shown with two decimals, less is nothing


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
    saved_importance_ : dict of str to float or None
        Of a model read from a file, which does not hold the rows it learned from.
    """

    name: str
    saved_importance_: dict[str, float] | None = None
    _parts: tuple[str, ...] = ()

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
        rows = self._ready(X)
        self.features_ = list(X.columns)
        self.used_ = [c for c in rows if rows[c].nunique(dropna=False) > 1]
        if not self.used_:
            raise CannotAnswer(
                tr("every feature is the same for every lead, so there is nothing to learn from")
            )
        with one_thread():
            self._fit(rows[self.used_], outcome, weight)
        self._sample = (rows, outcome, weight)
        return self

    def predict_proba1(self, X: pd.DataFrame) -> np.ndarray:
        """Return the probability that each lead reaches the target, an array of shape (n,)."""
        rows = self._checked(X)
        if rows.empty:
            return np.zeros(0)
        with one_thread():
            return self._chances(rows)

    def importance(self) -> pd.DataFrame:
        """Return ``feature``, ``importance`` per column of the frame, the largest first.

        How far each feature moves the log-odds; of boosting, how much the log loss rises when a
        feature's values are shuffled. Of a model read from a file, as it was when it was saved.
        """
        parts = self._importance() if self.saved_importance_ is None else self.saved_importance_
        every = {name: parts.get(name, 0.0) for name in self.features_}
        frame = pd.DataFrame({"feature": list(every), "importance": list(every.values())})
        return frame.sort_values("importance", ascending=False, kind="stable", ignore_index=True)

    @abstractmethod
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
        """

    def _checked(self, X: pd.DataFrame) -> pd.DataFrame:
        missing = [c for c in self.features_ if c not in X.columns]
        more = [c for c in X.columns if c not in self.features_]
        if missing or more:
            raise SmarketingError(
                f"the {self.name} model learned from other features",
                found=f"missing: {', '.join(missing) or 'none'}; "
                f"unknown: {', '.join(map(str, more)) or 'none'}",
                todo="Train it again on these features.",
            )
        return self._ready(X[self.features_])[self.used_]

    def state(self) -> dict[str, Any]:
        """Return what a file has to hold of a fitted model; no row it learned from."""
        return {name: getattr(self, name) for name in ("features_", "used_", *self._parts)}

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Take up what :meth:`state` returned."""
        for name in ("features_", "used_", *self._parts):
            setattr(self, name, state[name])
        return self

    def _ready(self, X: pd.DataFrame) -> pd.DataFrame:
        return tidy(X)

    @abstractmethod
    def _chances(self, rows: pd.DataFrame) -> np.ndarray: ...

    @abstractmethod
    def _importance(self) -> dict[str, float]: ...

    @abstractmethod
    def _fit(self, rows: pd.DataFrame, outcome: np.ndarray, weight: np.ndarray) -> None: ...


class FeatureModel(Model):
    """A model that says what each feature did for a lead."""

    _pipeline: Pipeline

    def reasons(self, X: pd.DataFrame, top: int = 5) -> list[Reasons]:
        """Return what speaks for and against each lead, the strongest first.

        Effects are log-odds against the same lead with the feature as leads usually have it.
        """
        rows = self._checked(X)
        if rows.empty:
            return []
        with one_thread():
            effects = self._effects(rows)
        order = np.argsort(-np.abs(effects), axis=1, kind="stable")
        values = [[_value(v) for v in rows[name]] for name in self.used_]
        result = []
        for i, columns in enumerate(order):
            ranked = [
                Reason(self.used_[j], values[j][i], float(effects[i, j]))
                for j in columns
                if abs(effects[i, j]) >= LEAST_EFFECT
            ]
            good = [reason for reason in ranked if reason.effect > 0]
            result.append((good[:top], [r for r in ranked if r.effect < 0][:top]))
        return result

    def _chances(self, rows: pd.DataFrame) -> np.ndarray:
        return self._pipeline.predict_proba(rows)[:, 1]

    @abstractmethod
    def _effects(self, rows: pd.DataFrame) -> np.ndarray:
        """Log-odds of each used feature against its usual values, shape (n, used features)."""


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
