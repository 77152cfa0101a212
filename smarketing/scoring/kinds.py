"""What kind of values a column holds, and its cells as numbers or as levels."""

from __future__ import annotations

import numpy as np
import pandas as pd

NUMBER, BOOLEAN, CATEGORY = "number", "boolean", "category"
_KINDS = {
    "boolean": BOOLEAN,
    **dict.fromkeys(("integer", "floating", "decimal", "mixed-integer-float"), NUMBER),
    **dict.fromkeys(("string", "mixed", "mixed-integer", "categorical"), CATEGORY),
}


def kind_of(column: pd.Series) -> str | None:
    """Return ``number``, ``boolean`` or ``category``; None for what a card cannot test.

    Examples
    --------
    >>> kind_of(pd.Series([True, None])), kind_of(pd.Series(["web", 3]))
    ('boolean', 'category')
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return CATEGORY
    if pd.api.types.is_bool_dtype(column):
        return BOOLEAN
    if pd.api.types.is_complex_dtype(column):
        return None
    if pd.api.types.is_numeric_dtype(column):
        return NUMBER
    if isinstance(column.dtype, pd.StringDtype):
        return CATEGORY
    return _KINDS.get(pd.api.types.infer_dtype(column, skipna=True))


def as_numbers(column: pd.Series) -> np.ndarray:
    """Return a column of numbers or booleans as floats, missing as NaN."""
    if column.dtype == object:
        column = pd.to_numeric(column.where(column.notna(), np.nan))
    return column.to_numpy(dtype=float, na_value=np.nan)


def as_levels(column: pd.Series) -> tuple[np.ndarray, list[object]]:
    """Return each row's level as a number from 0 (missing is −1), and the levels."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, levels = column.cat.codes.to_numpy().astype(np.intp), column.cat.categories
    else:
        codes, levels = pd.factorize(column)
    plain = [level.item() if isinstance(level, np.generic) else level for level in levels]
    return codes, [str(level) if isinstance(level, str) else level for level in plain]
