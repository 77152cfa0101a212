"""Lists of the weekly page: short enough to be worked through, the rest counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from smarketing.language.catalogue import tr
from smarketing.language.numbers import count
from smarketing.reporting.html.page import Html, paragraph
from smarketing.reporting.html.table import table

MOST = 8
"""A list that is longer is not worked through in a meeting."""


def some_of(names: Iterable[str]) -> str:
    """Return the first few names of a list, and how many more there are.

    Examples
    --------
    >>> some_of(["17", "21"])
    '17, 21'
    """
    said = [str(one) for one in names]
    more = len(said) - MOST
    first = ", ".join(said[:MOST])
    return tr("{first} and {n} more", first=first, n=count(more)) if more > 0 else first


def short(rows: pd.DataFrame, labels: Mapping[str, str], title: str = "") -> Html:
    """Return the first rows of a list as a table, and how many more there are."""
    if rows.empty:
        return Html("")
    shown = table(rows.head(MOST), labels, {"worth": "money"}, title)
    more = len(rows) - MOST
    return shown + paragraph(tr("and {n} more.", n=count(more)), "note") if more > 0 else shown


def words(reason: str) -> str:
    """Return a code of the CRM as a person reads it."""
    return str(reason).replace("_", " ")
