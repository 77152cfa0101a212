"""Tables of a page: labelled columns, numbers as people say them, everything escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from smarketing.language import numbers
from smarketing.language.catalogue import tr
from smarketing.reporting.html.page import Html, fill

FORMATS: dict[str, Callable[[Any], str]] = {
    "count": numbers.count,
    "number": numbers.number,
    "percent": numbers.percent,
    "money": numbers.money,
    "signed": numbers.signed,
    "day": numbers.day,
    "about": numbers.about,
    "three": lambda value: numbers.fixed(value, 3),
}


def table(
    frame: pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    caption: str = "",
    most: int = 0,
) -> Html:
    """Return a frame as an HTML table.

    Parameters
    ----------
    frame : pandas.DataFrame
    columns : mapping, optional
        Which columns, in which order, under which label; those the frame lacks are skipped.
        All by default, under their names with spaces for underscores.
    formats : mapping, optional
        Column -> a name of :data:`FORMATS`; by default, whole numbers get thousands, fractions
        three digits.
    caption : str
        The message of the table.
    most : int
        Show only so many rows and say how many there are; 0 shows all.

    Examples
    --------
    >>> frame = pd.DataFrame({"stage": ["<lead>"], "n": [1200]})
    >>> "&lt;lead&gt;" in table(frame).markup and "1,200" in table(frame).markup
    True
    """
    formats = formats or {}
    columns = columns or {c: str(c).replace("_", " ") for c in frame.columns}
    chosen = {c: label for c, label in columns.items() if c in frame.columns}
    is_number = [
        c in formats
        or (pd.api.types.is_numeric_dtype(frame[c]) and not pd.api.types.is_bool_dtype(frame[c]))
        for c in chosen
    ]
    cut, cut_note = (frame.head(most) if most else frame), ""
    if len(cut) < len(frame):
        cut_note = tr(
            "{shown} of {all} rows are shown.",
            shown=numbers.count(len(cut)),
            all=numbers.count(len(frame)),
        )
    written = [
        [FORMATS[formats[c]](value) for value in cut[c]]
        if c in formats
        else numbers.column_texts(cut[c])
        for c in chosen
    ]
    return fill(
        "table.html.j2",
        heads=list(zip(chosen.values(), is_number, strict=True)),
        rows=list(zip(*written, strict=True)),
        is_number=is_number,
        caption=caption,
        cut_note=cut_note,
    )


def filled(columns: Mapping[str, str], frame: pd.DataFrame) -> dict[str, str]:
    """Return those of the columns in which the frame has something to show.

    Examples
    --------
    >>> filled({"n": "Leads", "cost": "Cost"}, pd.DataFrame({"n": [3], "cost": [None]}))
    {'n': 'Leads'}
    """
    return {c: label for c, label in columns.items() if c in frame and frame[c].notna().any()}


def facts(pairs: Mapping[str, Any], caption: str = "") -> Html:
    """Return names and values as a two-column table.

    Examples
    --------
    >>> "31" in facts({"leads": 31}).markup
    True
    """
    written = [(name, numbers.value_text(value)) for name, value in pairs.items()]
    return fill("facts.html.j2", pairs=written, caption=caption)
