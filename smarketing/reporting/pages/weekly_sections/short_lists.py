"""Lists of the weekly page: short enough to be worked through, the rest counted."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from smarketing.language.catalogue import tr
from smarketing.language.numbers import count
from smarketing.reporting.html.page import Html, paragraph
from smarketing.reporting.html.table import table

MOST = 8
"""A list that is longer is not worked through in a meeting."""


def short_list(rows: pd.DataFrame, labels: Mapping[str, str], title: str = "") -> Html:
    """Return the first rows of a list as a table, and how many more there are."""
    if rows.empty:
        return Html("")
    first = table(rows.head(MOST), labels, {"worth": "money"}, title)
    more = len(rows) - MOST
    return first + paragraph(tr("and {n} more.", n=count(more)), "note") if more > 0 else first
