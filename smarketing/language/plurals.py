"""Texts with a count in them, in the number that each language wants."""

from __future__ import annotations

import math
from typing import Any

from smarketing.language.catalogue import catalogue
from smarketing.language.numbers import count
from smarketing.language.speaker import spoken

_MANY = 2


def trn(one: str, many: str, of: float | None, /, **values: Any) -> str:
    """Return a text in the number that fits a count, which stands at ``{n}``.

    Parameters
    ----------
    one, many : str
        The text for one, and for any other number.
    of : float or None
        How many; fractions and missing ones are many.
    **values
        What stands at other places; ``n`` if the count is to be written in a way of its own.

    Examples
    --------
    >>> trn("{n} customer", "{n} customers", 1), trn("{n} customer", "{n} customers", 1200)
    ('1 customer', '1,200 customers')
    """
    n = _MANY if of is None or not math.isfinite(of) or of != int(of) else int(of)
    text = catalogue(spoken()).ngettext(one, many, n)
    return text.format(**{"n": count(of), **values})
