"""A feature frame made ready for learning: numbers, texts, and missing values kept apart."""

from __future__ import annotations

import warnings
from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    SplineTransformer,
    StandardScaler,
)
from skrub import StringEncoder

from smarketing.scoring.kinds import BOOLEAN, kind_of

_MOST_CATEGORIES = 200  # boosting takes 255
_RARE_SPELLS = 20
_MANY_TEXTS, _TEXT_NUMBERS = 40, 10


def tidy(X: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with float columns for numbers and object columns for texts.

    Booleans become texts, so that missing can be a third kind; missing texts are None.

    Examples
    --------
    >>> tidy(pd.DataFrame({"n": [1, 2], "b": [True, None]})).b.tolist()
    ['yes', None]
    """
    columns = {}
    for name in X.columns:
        column = X[name]
        if kind_of(column) == BOOLEAN:
            columns[name] = _texts(column.map({True: "yes", False: "no"}))
        elif pd.api.types.is_numeric_dtype(column):
            numbers = column.astype("float64")
            columns[name] = numbers.where(np.isfinite(numbers))
        else:
            columns[name] = _texts(column)
    return pd.DataFrame(columns, index=X.index)


def _texts(column: pd.Series) -> pd.Series:
    # As plain objects: pandas would make NaN of None, which the encoder sorts among texts.
    texts = column.to_numpy(dtype=object, copy=True)
    texts[column.isna()] = None
    if pd.api.types.infer_dtype(texts, skipna=True) not in ("string", "empty"):
        texts = np.array([None if text is None else str(text) for text in texts], dtype=object)
    return pd.Series(texts, index=column.index, dtype=object)


def is_messy(column: pd.Series, rare: int) -> bool:
    """Return whether a column holds texts of several words, hardly two the same, as job titles.

    A domain or a code has no words: whether it is a common one says more than its letters.

    Examples
    --------
    >>> is_messy(pd.Series([f"VP of team {i}" for i in range(99)]), rare=2)
    True
    >>> is_messy(pd.Series([f"firm{i}.example" for i in range(99)]), rare=2)
    False
    """
    if pd.api.types.is_numeric_dtype(column):
        return False
    counts = column.value_counts()
    if len(counts) <= _MANY_TEXTS or counts[counts >= rare].sum() >= counts.sum() / 2:
        return False
    words = counts.index.astype(str).str.strip()
    return bool(words.str.contains(r"\s", regex=True).mean() > 0.5)


class MessyText(BaseEstimator, TransformerMixin):
    """Texts as people type them, as numbers: near where they share their words.

    Letters in threes and fours, weighted by how rare they are, in ten numbers by singular value
    decomposition (skrub's StringEncoder; latent semantic analysis), and whether the text is
    missing. "VP Marketing" and "Vice president, marketing" are near, and so is a spelling
    that nobody used before.

    Attributes
    ----------
    width_ : int
        How many numbers a text becomes.
    """

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002 - scikit-learn's
        """Learn which letters stand together."""
        self._encoder = StringEncoder(_TEXT_NUMBERS, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on few letters it takes the first ones, and says so
            self.width_ = self._encoder.fit_transform(_spelled(X)).shape[1] + 1
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return floats of shape (n, width); the last column is 1 where the text is missing."""
        texts = self._encoder.transform(_spelled(X)).to_numpy(dtype=float)
        return np.column_stack([texts, X.iloc[:, 0].isna().to_numpy(dtype=float)])


def _spelled(X: pd.DataFrame) -> pd.Series:
    """Return the one column in small letters without signs; missing is empty."""
    texts = X.iloc[:, 0].fillna("").astype("str").str.lower()
    return texts.str.replace(r"[\W_]+", " ", regex=True).str.strip().rename("text")


class Codes(BaseEstimator, TransformerMixin):
    """Numbers as they are, texts as codes learned in training; rare and unknown share one code.

    Messy texts (:func:`is_messy`) become several numbers each, by the words they share.

    Parameters
    ----------
    rare : int
        A text with fewer rows than this is rare.

    Attributes
    ----------
    categories_ : dict of str to dict
        Code of each text, per text column; the commonest 200 at most.
    words_ : dict of str to MessyText
        What messy texts became numbers by, per column.
    parts_ : dict of str to slice
        The columns that came of each column.
    is_category_ : ndarray of bool
        Which columns hold codes.
    """

    def __init__(self, rare: int = 2) -> None:
        self.rare = rare

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002 - scikit-learn's
        """Learn the texts."""
        self.categories_, self.words_, self.parts_, at = {}, {}, {}, 0
        for name in X:
            width = 1
            if is_messy(X[name], self.rare):
                self.words_[name] = MessyText().fit(X[[name]])
                width = self.words_[name].width_
            self.parts_[name] = slice(at, at + width)
            at += width
            if pd.api.types.is_numeric_dtype(X[name]) or name in self.words_:
                continue
            counts = X[name].value_counts()
            counts = counts[counts >= self.rare].sort_index()
            counts = counts.sort_values(ascending=False, kind="stable")[:_MOST_CATEGORIES]
            # Code 0 is for the rare.
            self.categories_[name] = {v: i for i, v in enumerate(sorted(counts.index), 1)}
        widths = [part.stop - part.start for part in self.parts_.values()]
        self.is_category_ = np.repeat([name in self.categories_ for name in X], widths)
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return floats of shape (n, columns); missing is NaN, but in messy texts a column."""
        columns = []
        for name in X:
            if name in self.words_:
                columns.append(self.words_[name].transform(X[[name]]))
            elif name in self.categories_:
                codes = X[name].map(self.categories_[name]).astype("float64").fillna(0.0)
                columns.append(codes.where(X[name].notna()).to_numpy())
            else:
                columns.append(X[name].to_numpy(dtype=float))
        return np.column_stack(columns)


def rows_per_spell(weight: np.ndarray) -> float:
    """Return how many rows a spell has on average, where each spell weighs 1; at least 1."""
    return max(len(weight) / weight.sum(), 1.0) if weight.sum() > 0 else 1.0


def rare_below(n_rows: int, rows_per_spell: float = 1.0) -> int:
    """Return how many rows a text must have to be a category of its own: those of 20 spells.

    In small tables one row in a hundred is enough, at least two. Weekly rows of one spell share
    their texts: 20 rows could be one company.

    Examples
    --------
    >>> rare_below(10_000), rare_below(500), rare_below(72_000, 16)
    (20, 5, 320)
    """
    return round(min(_RARE_SPELLS, max(2, n_rows / rows_per_spell / 100)) * rows_per_spell)


def signed_log(values: np.ndarray) -> np.ndarray:
    """Return log(1 + |x|) with the sign of x: money, people and counts have long tails.

    Examples
    --------
    >>> signed_log(np.array([0.0])).tolist()
    [0.0]
    """
    return np.sign(values) * np.log1p(np.abs(values))


def smooth_by_column(rows: pd.DataFrame, rare: int) -> ColumnTransformer:
    """Return an unfitted encoder for linear models.

    Numbers become a line of their logarithm with one bend, so that a middle may be best; texts
    become a column each, messy ones (:func:`is_messy`) ten numbers. All columns are scaled, so
    that one penalty fits rare texts and numbers alike. ``output_indices_`` names each original
    column's part. Texts with fewer rows than
    `rare` count as one.
    """
    parts = []
    for name in rows:
        if pd.api.types.is_numeric_dtype(rows[name]):
            cuts = np.nanquantile(rows[name], [0, 0.5, 1])
            bends = SplineTransformer(
                n_knots=len(cuts),
                degree=1,
                # Counts are mostly zero: their quantiles coincide.
                knots="quantile" if len(set(cuts)) == len(cuts) else "uniform",
                extrapolation="constant",
                include_bias=False,
            )
            curve = make_pipeline(
                SimpleImputer(strategy="median"),
                FunctionTransformer(signed_log),
                bends,
                StandardScaler(),
            )
            encoder = curve
            if rows[name].isna().any():
                missing = make_pipeline(MissingIndicator(features="all"), StandardScaler())
                encoder = make_union(curve, missing)
        elif is_messy(rows[name], rare):
            encoder = make_pipeline(MessyText(), StandardScaler())
        else:
            # The encoder takes missing for a category of its own.
            one_hot = OneHotEncoder(
                min_frequency=rare, handle_unknown="infrequent_if_exist", sparse_output=False
            )
            encoder = make_pipeline(one_hot, StandardScaler())
        parts.append((name, encoder, [name]))
    return ColumnTransformer(parts)
