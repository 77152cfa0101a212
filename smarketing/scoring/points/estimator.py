"""A scorecard learned from history, in the form of an agreed one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from smarketing.agreement.conditions import Condition
from smarketing.agreement.model import Grades
from smarketing.agreement.scorecard import Calibration, Rule
from smarketing.errors import UsageError
from smarketing.results import html_table
from smarketing.scoring.points.axes import axis_sums, check_engagement, grades_of_points
from smarketing.scoring.points.inputs import (
    check_both,
    column_names,
    read_frame,
    read_outcome,
    read_weight,
)
from smarketing.scoring.points.learn import Limits, conditions_met, learn_card
from smarketing.scoring.points.options import check_limits, directions, read_fixed_lines
from smarketing.scoring.threads import one_thread


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
    engagement : list of str, default=None
        Columns that tell what a lead did. Lines on them give engagement, all others fit; no
        line joins the two. A fixed line is engagement if all its columns are.
    random_state : int, RandomState or None, default=None
        Of the folds, and of the sample on which lines are chosen where there are more than
        100,000 rows. None is 0: the same rows always give the same card.

    Attributes
    ----------
    card_ : Scorecard
        What was learned, the same object as an agreed scorecard, with calibration. Unknown
        categories count as those not named; a missing value is on a line only where it says so.
    grades_ : Grades
        Bounds of A and B on fit, of 1 and 2 on engagement, that tell most about the outcome of
        the training rows (:func:`smarketing.scoring.points.axes.propose_bounds`).
    classes_ : array of shape (2,)
        The second is the one that points count for.
    left_out_ : dict of str to str
        Columns that cannot be used, with the reason.
    train_rates_ : array of shape (lines,)
        How much of the training weight is on each line; those of fit first.
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
        engagement: Sequence[str] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.max_lines = max_lines
        self.max_points = max_points
        self.monotone = monotone
        self.fixed_lines = fixed_lines
        self.engagement = engagement
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
        weight = read_weight(sample_weight, len(frame))
        counts = weight > 0
        frame, won, weight = frame[counts], won[counts], weight[counts]
        check_both(won, self.classes_)
        fixed = read_fixed_lines(self.fixed_lines, frame, self.max_lines)
        engagement = check_engagement(self.engagement, self._names)
        monotone = directions(self.monotone, frame)
        limits = Limits(self.max_lines, self.max_points, monotone, engagement)
        seed = 0 if self.random_state is None else self.random_state
        rng = np.random.default_rng(check_random_state(seed).randint(2**31))
        with one_thread():
            learned = learn_card(frame, won, weight, fixed, limits, rng)
        (a, b), (one, two) = learned.fit_bounds, learned.engagement_bounds
        self.card_ = learned.card
        self.grades_ = Grades(fit={"A": a, "B": b}, engagement={1: one, 2: two})
        self.train_rates_, self.left_out_ = learned.train_rates, learned.left_out
        return self

    @property
    def calibration_(self) -> Calibration:
        """The line from the score to log-odds of the second class."""
        check_is_fitted(self)
        if self.card_.calibration is None:
            raise UsageError("this card has no calibration, so its points give no probability")
        return self.card_.calibration

    def points(self, X: Any) -> np.ndarray:
        """Return each row's score, whole numbers of shape (n,), as the agreed card would."""
        return self._axes(X).sum(axis=1)

    def grid(self, X: Any) -> pd.DataFrame:
        """Return each row's place on the grid, indexed as `X`.

        Returns
        -------
        pandas.DataFrame
            ``fit``, ``engagement``, ``score`` (whole points) and ``grade`` (A1 … C3, by
            ``grades_``).

        Examples
        --------
        >>> leads = pd.DataFrame({"size": [1, 50] * 180, "visits": [0, 1, 2, 3, 4, 5] * 60})
        >>> card = PointsScorecard(engagement=["visits"])
        >>> card.fit(leads, leads["size"] + leads.visits >= 50).grid(leads.head(2)).grade.tolist()
        ['C3', 'A3']
        """
        axes = self._axes(X)
        fit, engagement = axes.T
        labels = X.index if isinstance(X, pd.DataFrame) else pd.RangeIndex(len(axes))
        return pd.DataFrame(
            {
                "fit": fit,
                "engagement": engagement,
                "score": fit + engagement,
                "grade": grades_of_points(
                    fit, engagement, self.grades_.fit, self.grades_.engagement
                ),
            },
            index=labels,
        )

    def decision_function(self, X: Any) -> np.ndarray:
        """Return each row's log-odds of the second class, shape (n,)."""
        points = self.points(X)
        return self.calibration_.intercept + self.calibration_.slope * points

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
            ``row`` (the label in `X`), ``axis``, ``line``, ``met``, ``points`` (they sum to the
            score; where points given by hand sum to less than 0, the axis is 0), ``effect`` (points
            more or less than the average training row got of the line: what speaks for the row,
            and against it). Per row, the largest effects first.

        Examples
        --------
        >>> leads = pd.DataFrame({"visits": list(range(6)) * 60})
        >>> PointsScorecard().fit(leads, leads.visits >= 3).explain(leads.head(1)).line.tolist()
        ['visits at least 3']
        """
        met = self._met(X)
        rules, points = self._rules(), self._rule_points()
        effect = (met - self.train_rates_) * points
        order = np.argsort(-np.abs(effect), axis=1, kind="stable")
        labels = X.index if isinstance(X, pd.DataFrame) else pd.RangeIndex(len(met))
        across = np.arange(len(met))[:, None]
        return pd.DataFrame(
            {
                "row": labels.repeat(len(rules)),
                "axis": self._rule_axes()[order].ravel(),
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
        """Return the card as a table: ``axis``, ``line``, ``points``, ``training_share`` on it."""
        check_is_fitted(self)
        rules = self._rules()
        return pd.DataFrame(
            {
                "axis": self._rule_axes(),
                "line": [rule.name for rule in rules],
                "points": [rule.points for rule in rules],
                "training_share": self.train_rates_,
            }
        )

    def _repr_html_(self) -> str:
        if not hasattr(self, "card_"):
            return super()._repr_html_()
        line = self.calibration_
        caption = f"Log-odds of {self.classes_[1]}: {line.intercept:.3f} + {line.slope:.4f} · score"
        return html_table(self.frame(), caption)

    def recall(self, names: Sequence[str], classes: np.ndarray) -> Self:
        """Take up the columns and classes of a card read from a file, as a fit would."""
        self._names = list(names)
        self.feature_names_in_ = np.array(self._names, dtype=object)
        self.n_features_in_, self.classes_ = len(self._names), classes
        return self

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
        return conditions_met([rule.when for rule in self._rules()], frame)

    def _axes(self, X: Any) -> np.ndarray:
        return axis_sums(self._met(X), self._rule_points(), self._rule_axes() == "engagement")

    def _rules(self) -> list[Rule]:
        return [*self.card_.fit.rules, *self.card_.engagement.rules]

    def _rule_points(self) -> np.ndarray:
        return np.array([rule.points for rule in self._rules()], dtype=np.int64)

    def _rule_axes(self) -> np.ndarray:
        n = len(self.card_.fit.rules), len(self.card_.engagement.rules)
        return np.repeat(np.array(["fit", "engagement"], dtype=object), n)
