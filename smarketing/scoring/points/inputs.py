"""What comes in: rows as a frame with names a condition can ask for, the outcome, the errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import check_array
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from smarketing.errors import CannotAnswer, UsageError


class CannotLearn(CannotAnswer, ValueError):  # noqa: N818 - it names the situation, not a fault
    """The rows at hand teach nothing; scikit-learn's callers expect a ValueError."""


def read_frame(
    estimator: BaseEstimator, X: Any, y: Any = "no_validation", *, reset: bool
) -> pd.DataFrame:
    """Return the rows, checked as scikit-learn does; an array's columns are x0, x1 and so on.

    A frame's cells are taken as they are: ``validate_data`` would turn them into one array.
    """
    if isinstance(X, pd.DataFrame):
        column_names(X)
        validate_data(estimator, X, y, reset=reset, skip_check_array=True)
        if X.empty:
            check_array(np.empty(X.shape))  # says what is empty, in scikit-learn's words
        return X
    if y is None:
        validate_data(estimator, X, y, reset=reset, skip_check_array=True)  # says that y is needed
    cells = validate_data(estimator, X, reset=reset, dtype=None, ensure_all_finite="allow-nan")
    return pd.DataFrame(cells).infer_objects().add_prefix("x")


def column_names(frame: pd.DataFrame) -> list[str]:
    """Return the columns' names as texts, which is what a condition can ask for.

    Raises
    ------
    UsageError
        If one is empty, or two are the same.
    """
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names) or "" in names:
        raise UsageError(
            "a card needs columns with different names that are not empty",
            found=", ".join(map(repr, names[:20])),
        )
    return names


def read_outcome(y: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the two classes, and 1.0 where a row is of the second.

    Raises
    ------
    ValueError
        If a value is missing, or there are more than two.
    """
    y = column_or_1d(y, warn=True)
    if pd.isna(y).any():
        raise ValueError("Input y contains NaN.")
    check_classification_targets(y)
    if len(y) != n:
        raise ValueError(f"X has {n} rows and y has {len(y)}: inconsistent numbers of samples")
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) > 2:
        raise ValueError(
            "Only binary classification is supported. The type of the target is multiclass."
        )
    return classes, codes.astype(float)


def read_weight(sample_weight: Any, n: int) -> np.ndarray:
    """Return how many rows each row counts as, by default 1.

    Raises
    ------
    ValueError
        If one is missing or negative, or there are not as many as rows.
    """
    if sample_weight is None:
        return np.ones(n)
    weight = check_array(
        sample_weight,
        ensure_2d=False,
        dtype=float,
        ensure_non_negative=True,
        input_name="sample_weight",
    )
    if weight.shape != (n,):
        raise ValueError(f"sample_weight.shape == {weight.shape}, expected {(n,)}!")
    return weight


def check_both(won: np.ndarray, classes: np.ndarray) -> None:
    """Raise CannotLearn unless rows of both classes are left."""
    if not len(won):
        raise CannotLearn("every row has a weight of zero, so there is nothing to learn from")
    if won.all() or not won.any():
        only = classes[int(won[0])]
        raise CannotLearn(
            f"all {len(won):,} rows are of one class, {only}, so there is nothing to tell apart"
        )
