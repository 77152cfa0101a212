"""A scorecard learned from history, in the form of an agreed one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted
from threadpoolctl import ThreadpoolController

from smarketing.agreement import Condition, Rule
from smarketing.results import html_table
from smarketing.scoring.points.inputs import (
    check_both,
    column_names,
    read_frame,
    read_outcome,
)
from smarketing.scoring.points.learn import Limits, conditions_met, learn_card
from smarketing.scoring.points.options import check_limits, read_fixed_lines

# Threads that wait for each other on a busy machine take longer than one alone.
_THREADS = ThreadpoolController()


class PointsScorecard(ClassifierMixin, BaseEstimator):
    """Learn a card of few lines and whole points that people can read, sign and edit.

    Numbers are cut at round thresholds and categories grouped; lines, each a test of one column
    or a join of two, are chosen one at a time by what they promise, and their number by
    cross-validation; whole points are found by search on the log loss; a logistic line turns
    the score into a probability. All lines give points (what speaks against a lead is written as
    points for its opposite), so that no score is cut off at 0.

    After Ustun & Rudin 2019, "Learning optimized risk scores" (JMLR 20) and Zeng, Ustun & Rudin
    2017, "Interpretable classification models for recidivism prediction" (JRSS A 180), for
    whole-number cards; Liu et al. 2022, "FasterRisk" (NeurIPS), for finding them fast. The other
    sources are named where their ideas are used: bins, select, whole.

    Parameters
    ----------
    max_lines : int, default=15
        At most so many lines, the fixed ones included. Fewer, where more do not help on rows
        held out.
    max_points : int, default=20
        The most points a line may give.
    monotone : dict of str to {1, -1}, default=None
        Columns of numbers or booleans with which the score may only rise (1) or only fall (−1),
        missing values aside. Holds for the learned lines.
    fixed_lines : list of Rule, Condition or dict, default=None
        Lines that are always in the card: a rule (or its written form, with ``points``) keeps its
        name and points, a condition gets a name and searched points.
    random_state : int, RandomState or None, default=None
        Of the folds, and of the sample on which lines are chosen where there are more than
        100,000 rows. None is 0: the same rows always give the same card.

    Attributes
    ----------
    card_ : Scorecard
        What was learned, the same object as an agreed scorecard, all on the fit axis, with
        calibration. Unknown categories count as those not named; a missing value is on a line
        only where it says so.
    classes_ : array of shape (2,)
        The second is the one that points count for.
    left_out_ : dict of str to str
        Columns that cannot be used, with the reason.
    train_rates_ : array of shape (lines,)
        How much of the training weight is on each line.
    feature_names_in_, n_features_in_
        As in scikit-learn.

    Examples
    --------
    >>> leads = pd.DataFrame({"visits": [0, 1, 2, 3, 4, 5] * 60, "source": ["web", "fair"] * 180})
    >>> card = PointsScorecard(max_lines=1).fit(leads, leads.visits >= 3)
    >>> [rule.name for rule in card.card_.fit.rules]
    ['visits at least 3']
    >>> len(set(card.points(leads)))
    2
    """

    def __init__(
        self,
        max_lines: int = 15,
        max_points: int = 20,
        monotone: Mapping[str, int] | None = None,
        fixed_lines: Sequence[Rule | Condition | Mapping[str, Any]] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.max_lines = max_lines
        self.max_points = max_points
        self.monotone = monotone
        self.fixed_lines = fixed_lines
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn a card.

        Parameters
        ----------
        X : pandas.DataFrame or array of shape (n, columns)
            Numbers, booleans, texts, categories; missing values anywhere. Columns of times are
            left out.
        y : array of shape (n,)
            Two classes.
        sample_weight : array of shape (n,), default=None
            How many rows each counts as: 1 over the rows of a spell, so that it counts once.

        Raises
        ------
        CannotLearn
            If there is one class only (it is a ``ValueError`` too).
        UsageError
            If an option is out of range, or names a column that is not there.
        """
        check_limits(self.max_lines, self.max_points)
        rows = read_frame(self, X, y, reset=True)
        self._names = column_names(rows)
        frame = rows.set_axis(self._names, axis=1)
        self.classes_, won = read_outcome(y, len(frame))
        weight = _check_sample_weight(sample_weight, frame, dtype=float, ensure_non_negative=True)
        counts = weight > 0
        frame, won, weight = frame[counts], won[counts], weight[counts]
        check_both(won, self.classes_)
        fixed = read_fixed_lines(self.fixed_lines, frame, self.max_lines)
        limits = Limits(self.max_lines, self.max_points, self.monotone)
        seed = 0 if self.random_state is None else self.random_state
        rng = np.random.default_rng(check_random_state(seed).randint(2**31))
        with _THREADS.limit(limits=1):
            learned = learn_card(frame, won, weight, fixed, limits, rng)
        self.card_, self.train_rates_ = learned.card, learned.train_rates
        self.left_out_ = learned.left_out
        return self

    def points(self, X: Any) -> np.ndarray:
        """Return each row's score, whole numbers of shape (n,), as the agreed card would."""
        met = self._met(X)
        return np.maximum(met @ self._rule_points(), 0)  # as the axis of an agreed card

    def decision_function(self, X: Any) -> np.ndarray:
        """Return each row's log-odds of the second class, shape (n,)."""
        points = self.points(X)
        line = self.card_.calibration
        return line.intercept + line.slope * points

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, shape (n, 2)."""
        chance = expit(self.decision_function(X))
        return np.column_stack([1 - chance, chance])

    def predict(self, X: Any) -> np.ndarray:
        """Return the likelier class of each row, shape (n,)."""
        is_second = self.decision_function(X) > 0
        return self.classes_[is_second.astype(int)]

    def explain(self, X: Any) -> pd.DataFrame:
        """Return where each row's score comes from: one row per row of `X` and line of the card.

        Returns
        -------
        pandas.DataFrame
            ``row`` (the label in `X`), ``line``, ``met``, ``points`` (they sum to the score;
            where points given by hand sum to less than 0, the score is 0), ``effect`` (points
            more or less than the average training row got of the line: what speaks for the row,
            and against it). Per row, the largest effects first.

        Examples
        --------
        >>> leads = pd.DataFrame({"visits": list(range(6)) * 60})
        >>> PointsScorecard().fit(leads, leads.visits >= 3).explain(leads.head(1)).line.tolist()
        ['visits at least 3']
        """
        met = self._met(X)
        rules = self.card_.fit.rules
        points = self._rule_points()
        effect = (met - self.train_rates_) * points
        order = np.argsort(-np.abs(effect), axis=1, kind="stable")
        labels = X.index if isinstance(X, pd.DataFrame) else pd.RangeIndex(len(met))
        across = np.arange(len(met))[:, None]
        return pd.DataFrame(
            {
                "row": labels.repeat(len(rules)),
                "line": np.array([rule.name for rule in rules], dtype=object)[order].ravel(),
                "met": met[across, order].ravel(),
                "points": (met * points)[across, order].ravel(),
                "effect": effect[across, order].ravel(),
            }
        )

    def to_agreement(self) -> dict[str, Any]:
        """Return the card as ``scorecard:`` is written in agreement.yml."""
        check_is_fitted(self)
        return self.card_.to_dict()

    def frame(self) -> pd.DataFrame:
        """Return the card as a table: ``line``, ``points``, ``training_share`` on the line."""
        check_is_fitted(self)
        rules = self.card_.fit.rules
        return pd.DataFrame(
            {
                "line": [rule.name for rule in rules],
                "points": [rule.points for rule in rules],
                "training_share": self.train_rates_,
            }
        )

    def _repr_html_(self) -> str:
        if not hasattr(self, "card_"):
            return super()._repr_html_()
        line = self.card_.calibration
        caption = f"Log-odds of {self.classes_[1]}: {line.intercept:.3f} + {line.slope:.4f} · score"
        return html_table(self.frame(), caption)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    def _met(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        frame = read_frame(self, X, reset=False).set_axis(self._names, axis=1)
        return conditions_met([rule.when for rule in self.card_.fit.rules], frame)

    def _rule_points(self) -> np.ndarray:
        return np.array([rule.points for rule in self.card_.fit.rules], dtype=np.int64)
