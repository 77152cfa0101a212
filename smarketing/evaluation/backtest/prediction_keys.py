"""What names a learned model's answer: its settings, and the rows it learned from and was asked."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smarketing.scoring.models.registry import MODELS

_KEYS = ("smarketing: rows", "smarketing: also")


def model_name(name: str) -> str:
    """Return a model's name with its settings, for a fingerprint."""
    return json.dumps([name, sorted(vars(MODELS[name]()).items())], default=repr)


def columns_of(frame: pd.DataFrame) -> str:
    """Return the columns' names and types, for a fingerprint."""
    return json.dumps([[c, str(frame[c].dtype)] for c in frame])


def row_prints(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """Return two numbers for the contents of each row, shape (rows, 2).

    Two independent ones of 64 bits: with one, a chance match among a million rows would not be
    out of the question.

    Examples
    --------
    >>> prints = row_prints(pd.DataFrame({"a": [1.0, 1.0, 2.0], "b": ["x", "x", None]}))
    >>> bool((prints[0] == prints[1]).all()), bool((prints[0] == prints[2]).any())
    (True, False)
    """
    if not frame.shape[1]:
        return np.zeros((len(frame), 2), np.uint64)
    # Texts as plain objects: the same values count alike however pandas stores them.
    plain = frame.astype({c: object for c in frame if not pd.api.types.is_numeric_dtype(frame[c])})
    hashed = [
        pd.util.hash_pandas_object(plain, index=False, hash_key=key).to_numpy() for key in _KEYS
    ]
    return np.column_stack(hashed)
