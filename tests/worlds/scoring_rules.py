"""How forecasts are scored."""

from __future__ import annotations


def interval_score(low: float, high: float, value: float, share: float = 0.8) -> float:
    """Return width + 2 / (1 - share) · distance outside (Gneiting and Raftery, 2007, sec. 6.2).

    Examples
    --------
    >>> round(interval_score(4, 9, 12), 9)
    35.0
    """
    return float(high - low + 2 / (1 - share) * (max(low - value, 0) + max(value - high, 0)))
