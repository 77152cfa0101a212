"""Numbers as people say them. Missing ones are a dash, never NaN."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from smarketing.results import plain

DASH = "–"
SPACE = "\u00a0"  # keeps a number and its unit on one line
_SIGNS = {"DKK": "kr.", "SEK": "kr.", "NOK": "kr."}


def _missing(value: Any) -> bool:
    value = plain(value)
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def count(value: Any) -> str:
    """Return a count with thousands set apart.

    Examples
    --------
    >>> count(12345)
    '12,345'
    >>> count(None)
    '–'
    """
    return DASH if _missing(value) else f"{round(value):,}"


def number(value: Any, digits: int = 1) -> str:
    """Return a number with at most so many decimals, without trailing zeros.

    Examples
    --------
    >>> number(3.0), number(3.14159, 2)
    ('3', '3.14')
    """
    if _missing(value):
        return DASH
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "−")


def about(value: Any) -> str:
    """Return an average as a whole number, below 10 with one decimal.

    Examples
    --------
    >>> about(110.9), about(8.64)
    ('111', '8.6')
    """
    return DASH if _missing(value) else number(value, 0 if abs(value) >= 10 else 1)


def percent(value: Any, digits: int | None = None) -> str:
    """Return a share as per cent; below 2 % one decimal is kept, and what is there is never 0.

    Examples
    --------
    >>> percent(0.234).replace(SPACE, " "), percent(0.0123).replace(SPACE, " ")
    ('23 %', '1.2 %')
    """
    if _missing(value):
        return DASH
    if 0 < abs(value) < 0.0005:
        return f"under 0.1{SPACE}%"
    if digits is None:
        digits = 1 if 0 < abs(value) < 0.02 else 0
    return f"{value * 100:,.{digits}f}{SPACE}%".replace("-", "−")


def money(value: Any, currency: str | None = None) -> str:
    """Return an amount to three figures, in thousands or millions, with its currency.

    Examples
    --------
    >>> money(171_000, "DKK").replace(SPACE, " "), money(1_940_000, "DKK").replace(SPACE, " ")
    ('171,000 kr.', '1.94 M kr.')
    """
    if _missing(value):
        return DASH
    sign = SPACE + _SIGNS.get(currency, currency) if currency else ""
    if abs(value) >= 999_500:
        text = f"{value / 1e6:,.2f}{SPACE}M"
    elif abs(value) >= 10_000:
        text = f"{round(value, -3):,.0f}"
    else:
        text = f"{value:,.0f}"
    return (text + sign).replace("-", "−")


def signed(value: Any) -> str:
    """Return a change as a whole number with its sign.

    Examples
    --------
    >>> signed(12), signed(-7), signed(0)
    ('+12', '−7', '±0')
    """
    if _missing(value):
        return DASH
    whole = round(value)
    return "±0" if whole == 0 else f"{whole:+,}".replace("-", "−")


def day(value: Any) -> str:
    """Return a day as it is said.

    Examples
    --------
    >>> day(pd.Timestamp("2026-10-31")).replace(SPACE, " ")
    '31 Oct 2026'
    """
    return DASH if _missing(value) else f"{value:%-d}{SPACE}{value:%b}{SPACE}{value:%Y}"


def month_name(month: str) -> str:
    """Return a month in words.

    Examples
    --------
    >>> month_name("2026-10")
    'October 2026'
    """
    return f"{pd.Timestamp(month + '-01'):%B %Y}"


def noun(n: Any, one: str, many: str = "") -> str:
    """Return a count with its noun in the right number.

    Examples
    --------
    >>> noun(1, "customer"), noun(2, "customer"), noun(0, "reply", "replies")
    ('1 customer', '2 customers', '0 replies')
    """
    return f"{count(n)} {one if n == 1 else many or one + 's'}"
