"""Numbers, money, dates and any other value as people say them, in the language that is spoken.

Missing ones are a dash, never NaN. Separators, months and lists are Babel's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from functools import cache
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from babel.dates import format_date, format_interval, format_skeleton
from babel.lists import format_list
from babel.numbers import (
    format_decimal,
    format_percent,
    get_currency_precision,
    get_decimal_symbol,
)

from smarketing.language.catalogue import tr, trc
from smarketing.language.speaker import locale

DASH = "–"
SPACE = "\u00a0"  # keeps a number and its unit on one line
_THIN = re.compile("[\u2009\u202f]")  # some fonts have no thin spaces
_EXACT = 2**53
_SIGNS = {"DKK": "kr.", "SEK": "kr.", "NOK": "kr."}


def missing(value: Any) -> bool:
    """Return whether a scalar is none: None, NaN, NaT, or infinite.

    Examples
    --------
    >>> missing(None), missing(float("inf")), missing(0)
    (True, True, False)
    """
    return bool(pd.isna(value)) or (isinstance(value, Real) and not math.isfinite(value))


def half_up(value: Any, digits: int = 0) -> float:
    """Return a number rounded as people round: a half away from zero, never to the even one.

    The half is that of the number as it is written: 2.675 is no 2.67499…

    Examples
    --------
    >>> half_up(186_500, -3), half_up(2.5), half_up(-0.125, 2), half_up(2.675, 2)
    (187000.0, 3.0, -0.13, 2.68)
    """
    if abs(value) >= _EXACT:  # a float has no digit to round there
        return float(value)
    last = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(float(value))).quantize(last, rounding=ROUND_HALF_UP))


def _decimal(value: Any, least: int = 0, most: int = 0) -> str:
    """Return a number with so many decimals, written with the language's separators."""
    pattern = f"#,##0.{'0' * least}{'#' * (most - least)}".rstrip(".")
    # rounded before: Babel rounds halves to even numbers, people round them up
    text = format_decimal(half_up(value, most), format=pattern, locale=locale())
    return "0" if text == "-0" else text.replace("-", "−")


def count(value: Any) -> str:
    """Return a count with thousands set apart.

    Examples
    --------
    >>> count(12345)
    '12,345'
    >>> count(None)
    '–'
    """
    return DASH if missing(value) else _decimal(value)


def number(value: Any, digits: int = 1) -> str:
    """Return a number with at most so many decimals, without trailing zeros.

    Examples
    --------
    >>> number(3.0), number(3.14159, 2)
    ('3', '3.14')
    """
    return DASH if missing(value) else _decimal(value, most=digits)


def fixed(value: Any, digits: int) -> str:
    """Return a number with just so many decimals, as in a column that is compared.

    Examples
    --------
    >>> fixed(0.7, 3)
    '0.700'
    """
    return DASH if missing(value) else _decimal(value, digits, digits)


def about(value: Any) -> str:
    """Return an average as a whole number, below 10 with one decimal.

    Examples
    --------
    >>> about(110.9), about(8.64)
    ('111', '8.6')
    """
    return DASH if missing(value) else number(value, 0 if abs(value) >= 10 else 1)


def percent(value: Any, digits: int | None = None) -> str:
    """Return a share as per cent; below 2 % one decimal is kept, and what is there is never 0.

    Examples
    --------
    >>> percent(0.234).replace(SPACE, " "), percent(0.0123).replace(SPACE, " ")
    ('23 %', '1.2 %')
    """
    if missing(value):
        return DASH
    if 0 < abs(value) < 0.0005:
        return trc("a share", "under {share}", share=_percent(0.001, 1))
    if digits is None:
        digits = 1 if 0 < abs(value) < 0.02 else 0
    return _percent(value, digits)


def chance(share: float) -> str:
    """Return a chance in whole per cent, so that neither 0 nor 100 is claimed falsely.

    Examples
    --------
    >>> [chance(p).replace(SPACE, " ") for p in (0.5849, 0.9996, 0.002, 0.0)]
    ['58 %', 'over 99 %', 'under 1 %', '0 %']
    """
    if 0.99 < share < 1:
        return trc("a share", "over {share}", share=_percent(0.99, 0))
    if 0 < share < 0.01:
        return trc("a share", "under {share}", share=_percent(0.01, 0))
    return _percent(share, 0)


def _percent(value: Any, digits: int) -> str:
    pattern = f"#,##0.{'0' * digits}".rstrip(".") + f"{SPACE}%"
    rounded = half_up(value, digits + 2)
    text = format_percent(rounded, format=pattern, locale=locale())
    return text.replace("-", "−")


def points(difference: Any, sign: bool = True) -> str:
    """Return a difference of shares in percentage points.

    Examples
    --------
    >>> points(-0.021), points(0.021), points(0.021, sign=False)
    ('−2.1', '+2.1', '2.1')
    """
    if missing(difference):
        return DASH
    rounded = half_up(difference, 3) * 100
    text = fixed(rounded, 1)
    if not rounded:
        return "0"
    return f"+{text}" if sign and rounded > 0 else text


def money(value: Any, currency: str | None = None) -> str:
    """Return an amount to three figures, in thousands or millions, with its currency.

    Currencies of a thousand parts, such as the dinar of Kuwait, keep them below ten thousand.

    Examples
    --------
    >>> money(171_000, "DKK").replace(SPACE, " "), money(1_940_000, "DKK").replace(SPACE, " ")
    ('171,000 kr.', '1.94 M kr.')
    >>> money(1234.5675, "KWD").replace(SPACE, " ")
    '1,234.568 KWD'
    """
    if missing(value):
        return DASH
    if abs(value) >= 999_500:
        text = trc("millions", "{amount}\u00a0M", amount=fixed(value / 1e6, 2))
    elif abs(value) >= 10_000:
        text = count(half_up(value, -3))
    elif currency and get_currency_precision(currency) > 2:
        text = fixed(value, get_currency_precision(currency))
    else:
        text = count(value)
    return text + (SPACE + currency_sign(currency) if currency else "")


def with_decimal_sign(text: str) -> str:
    """Return a number written by Python with the language's decimal sign: fast, for many rows.

    Examples
    --------
    >>> with_decimal_sign("+0.25")
    '+0.25'
    """
    return text.replace(".", _decimal_sign(locale()))


@cache
def _decimal_sign(of: str) -> str:
    return get_decimal_symbol(of)


def currency_sign(currency: str) -> str:
    """Return how a currency is written behind an amount.

    Examples
    --------
    >>> currency_sign("DKK"), currency_sign("EUR")
    ('kr.', 'EUR')
    """
    return _SIGNS.get(currency, currency)


def signed(value: Any) -> str:
    """Return a change as a whole number with its sign.

    Examples
    --------
    >>> signed(12), signed(-7), signed(0)
    ('+12', '−7', '±0')
    """
    if missing(value):
        return DASH
    whole = int(half_up(value))
    return "±0" if whole == 0 else f"{'+' if whole > 0 else ''}{count(whole)}"


def day(value: Any) -> str:
    """Return a day as it is said.

    Examples
    --------
    >>> day(pd.Timestamp("2026-10-31")).replace(SPACE, " ")
    '31 Oct 2026'
    """
    if missing(value):
        return DASH
    return format_skeleton("yMMMd", pd.Timestamp(value), locale=locale()).replace(" ", SPACE)


def day_of_year(value: Any) -> str:
    """Return a day without its year, where the year is clear.

    Examples
    --------
    >>> day_of_year(pd.Timestamp("2026-10-31")).replace(SPACE, " ")
    '31 Oct'
    """
    if missing(value):
        return DASH
    return format_skeleton("MMMd", pd.Timestamp(value), locale=locale()).replace(" ", SPACE)


def month_name(month: str) -> str:
    """Return a month in words.

    Examples
    --------
    >>> month_name("2026-10")
    'October 2026'
    """
    return format_skeleton("yMMMM", pd.Timestamp(f"{month}-01"), locale=locale())


def months_text(first: str, last: str) -> str:
    """Return a stretch of months, both ends included.

    Examples
    --------
    >>> months_text("2026-08", "2026-10"), months_text("2026-10", "2026-10")
    ('Aug – Oct 2026', 'Oct 2026')
    """
    start, end = (pd.Timestamp(f"{month}-01").date() for month in (first, last))
    return _THIN.sub(" ", format_interval(start, end, "yMMM", locale=locale()))


def short_month(month: str) -> str:
    """Return a month without its year, short enough to stand below a bar.

    Examples
    --------
    >>> short_month("2026-10")
    'Oct'
    """
    return format_date(pd.Timestamp(f"{month}-01"), "LLL", locale=locale()).rstrip(".")


def listed(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence.

    Examples
    --------
    >>> listed(["2 rejected", "1 recycled", "1 lost"])
    '2 rejected, 1 recycled and 1 lost'
    """
    return format_list(list(parts), locale=locale())


def value_text(value: Any) -> str:
    """Return a value of a table as text, in the language that is spoken.

    Whole numbers get their thousands set apart, fractions one digit, those below one three;
    trailing zeros are left out. What is missing or empty is a dash.

    Parameters
    ----------
    value : object
        A scalar of Python, numpy or pandas, a sequence or a mapping of such.

    Examples
    --------
    >>> [value_text(each) for each in (1200, 5.0, 0.6123, 12.34, True, None, "", ["a", 2])]
    ['1,200', '5', '0.612', '12.3', 'yes', '–', '–', 'a, 2']
    >>> value_text({"leads": 31, "deals": None})
    'leads: 31, deals: –'
    """
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {value_text(item)}" for key, item in value.items()) or DASH
    if isinstance(value, (list, tuple, np.ndarray)):
        return ", ".join(value_text(item) for item in value) or DASH
    if missing(value) or value == "":
        return DASH
    if isinstance(value, (bool, np.bool_)):
        return tr("yes") if value else tr("no")
    if isinstance(value, Integral):
        return count(value)
    if isinstance(value, Real):
        return number(value, 3 if abs(float(value)) < 1 else 1)
    return value.isoformat() if isinstance(value, (date, pd.Timestamp)) else str(value)


def column_texts(values: Iterable[Any]) -> list[str]:
    """Return the values of one column as text, as many decimals in each where they are alike.

    Parameters
    ----------
    values : iterable of object
        As for :func:`value_text`. Fractions all below 10 share three decimals at most, those
        from 1 up share one; a column of other things, or of all sizes, is told value by value.

    Examples
    --------
    >>> column_texts([0.05, 0.382, None, 1]), column_texts([12.5, 110.0])
    (['0.050', '0.382', '–', '1.000'], ['12.5', '110.0'])
    >>> column_texts([0.91, 3000.0]), column_texts([3.0, 4.0])
    (['0.91', '3,000'], ['3', '4'])
    """
    cells = list(values)
    known = [value for value in cells if not missing(value)]
    if not known or not all(isinstance(v, Real) and not isinstance(v, bool) for v in known):
        return [value_text(value) for value in cells]
    sizes = [abs(float(value)) for value in known if value]
    alike = max(sizes, default=0) < 10 or min(sizes) >= 1
    if not alike or all(float(value).is_integer() for value in known):
        return [value_text(value) for value in cells]
    most = 3 if max(sizes) < 10 else 1
    needed = next(d for d in range(most + 1) if d == most or _all_whole(known, d))
    return [fixed(value, needed) for value in cells]


def _all_whole(values: Sequence[Any], digits: int) -> bool:
    shifted = (float(value) * 10**digits for value in values)
    return all(abs(value - round(value)) < 1e-9 for value in shifted)


def quantity(value: Any, unit: str) -> str:
    """Return a promised, delivered or recommended value in its unit.

    Parameters
    ----------
    value : float or None
    unit : str
        ``number``, ``share``, or a currency.

    Examples
    --------
    >>> values = ((5.0, "number"), (0.6, "share"), (1500, "DKK"))
    >>> [quantity(*each).replace(SPACE, " ") for each in values]
    ['5', '60 %', '1,500 kr.']
    """
    if unit == "number":
        return count(value)
    return percent(value) if unit == "share" else money(value, unit)
