"""Days on which nobody works: public holidays of a country or a part of it, and closing days."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays

YEARLY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
"""A closing day of every year, as month and day."""

_ANY_LEAP_YEAR = 2024


def regions_of(country: str) -> tuple[str, ...] | None:
    """Return the parts of a country that have holidays of their own; None if it is not known.

    Examples
    --------
    >>> "BY" in regions_of("DE"), regions_of("DK"), regions_of("XX")
    (True, (), None)
    """
    known = holidays.list_supported_countries().get(country)
    return None if known is None else tuple(known)


def is_closing_day(text: str) -> bool:
    """Tell whether a text is a day of every year ("12-24") or of one ("2026-05-15").

    Examples
    --------
    >>> [is_closing_day(text) for text in ("12-24", "2026-05-15", "02-30", "24-12", "Christmas")]
    [True, True, False, False, False]
    """
    whole = f"{_ANY_LEAP_YEAR}-{text}" if YEARLY.fullmatch(text) else text
    try:
        return len(whole) == 10 and bool(date.fromisoformat(whole))
    except ValueError:
        return False


@lru_cache(maxsize=64)
def free_days(
    country: str | None, region: str | None, closed: tuple[str, ...], years: tuple[int, ...]
) -> tuple[date, ...]:
    """Return the public holidays and closing days of some years, in order.

    Parameters
    ----------
    country : str or None
        ISO code; None for no public holidays.
    region : str or None
        A part of the country, such as "BY" of "DE".
    closed : tuple of str
        Days that :func:`is_closing_day` knows; one of every year counts in each, 29 February
        in leap years.
    years : tuple of int

    Raises
    ------
    NotImplementedError
        If the country or the region is not known.

    Examples
    --------
    >>> days = free_days("DE", "BY", ("12-24",), (2026,))
    >>> [f"{day:%m-%d}" for day in days if day.month in (1, 6, 12)]
    ['01-01', '01-06', '06-04', '12-24', '12-25', '12-26']
    """
    free = set()
    if country is not None:
        free |= set(holidays.country_holidays(country, subdiv=region, years=list(years)))
    return tuple(sorted(free | set(_closing_days(closed, years))))


def _closing_days(closed: Iterable[str], years: Iterable[int]) -> Iterable[date]:
    for text in closed:
        for year in years:
            whole = f"{year}-{text}" if YEARLY.fullmatch(text) else text
            if whole[:4] == f"{year}" and (text[:2] != "02" or is_closing_day(whole)):
                yield date.fromisoformat(whole)
