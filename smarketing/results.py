"""The form every answer takes: numbers first, rendering second."""

from __future__ import annotations

import base64
import dataclasses
import io
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from html import escape
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from smarketing.language.numbers import column_texts

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plain(value: Any) -> Any:
    """Turn a value into plain JSON types; NaN, NaT and infinities become None.

    Parameters
    ----------
    value : object
        Scalars of Python, numpy and pandas, mappings, sequences, frames (as records),
        dataclasses and results.

    Returns
    -------
    None, bool, int, float, str, list or dict

    Examples
    --------
    >>> plain({"n": np.int64(3), "rate": np.float64("nan"), "on": pd.Timestamp("2026-10-01")})
    {'n': 3, 'rate': None, 'on': '2026-10-01T00:00:00'}
    """
    if isinstance(value, Result):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.to_dict("records")]
    if isinstance(value, pd.Series):
        return plain(value.to_dict())
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray, pd.Index)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [plain(item) for item in items]
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (pd.Period, pd.Timedelta)):
        return str(value)
    return str(value)


def html_table(frame: pd.DataFrame, caption: str = "") -> str:
    """Render a frame as an HTML table, every value escaped; numbers are right-aligned.

    Examples
    --------
    >>> "&lt;b&gt;" in html_table(pd.DataFrame({"name": ["<b>"]}))
    True
    """
    numeric = [pd.api.types.is_numeric_dtype(frame[column]) for column in frame.columns]
    head = "".join(
        f'<th scope="col"{" class=num" if is_number else ""}>{escape(str(column))}</th>'
        for column, is_number in zip(frame.columns, numeric, strict=True)
    )
    rows = []
    for record in zip(*(column_texts(column) for _, column in frame.items()), strict=True):
        cells = "".join(
            f"<td{' class=num' if is_number else ''}>{escape(text)}</td>"
            for text, is_number in zip(record, numeric, strict=True)
        )
        rows.append(f"<tr>{cells}</tr>")
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


@contextmanager
def letters_as_text() -> Iterator[None]:
    """Keep letters letters inside a ``with`` block, and the same figure the same text."""
    from matplotlib import rc_context

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "smarketing"}):
        yield


@dataclass(frozen=True)
class Picture:
    """A figure with its alt text: what it shows, for those who cannot see it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt_text : str
        Every page and notebook that shows the figure says it too.

    Raises
    ------
    ValueError
        Without words.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> picture = Picture(Figure(figsize=(2, 1)), "Leads by month: 12, 15, 9.")
    >>> data, _ = picture._repr_mimebundle_()
    >>> sorted(data), data["text/plain"]
    (['image/png', 'image/svg+xml', 'text/plain'], 'Leads by month: 12, 15, 9.')
    """

    figure: Figure = field(repr=False)
    alt_text: str

    def __post_init__(self) -> None:
        if not self.alt_text.strip():
            raise ValueError("a figure needs an alt_text: words for those who cannot see it")

    def savefig(self, target: str | Path | IO[Any], **options: Any) -> None:
        """Write the figure to a file; options as matplotlib's ``Figure.savefig`` takes them."""
        self.figure.savefig(target, **options)

    def svg(self) -> str:
        """Return the figure as SVG, without dates or chance: the same figure, the same text."""
        out = io.StringIO()
        with letters_as_text():
            undated = {"Date": None, "Creator": None}
            self.savefig(out, format="svg", bbox_inches="tight", metadata=undated)
        return out.getvalue()

    def _repr_mimebundle_(
        self, **_options: object
    ) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """Return what a notebook keeps: both kinds of picture, for any viewer, and the words."""
        png = io.BytesIO()
        self.savefig(png, format="png", bbox_inches="tight")
        pictures = {
            "image/png": base64.b64encode(png.getvalue()).decode("ascii"),
            "image/svg+xml": self.svg(),
        }
        alt = {"alt": self.alt_text}
        return pictures | {"text/plain": self.alt_text}, dict.fromkeys(pictures, alt)


class Result:
    """Base of the frozen dataclasses that answer a question.

    A result computes nothing when shown. Subclasses give :meth:`frame`; those with a figure
    override :meth:`plot`; those whose JSON differs from their fields override :meth:`to_dict`.
    """

    def frame(self) -> pd.DataFrame:
        """Return the answer as a tidy table, what a person would export."""
        raise NotImplementedError

    def plot(self) -> Picture:
        """Draw the answer, with what the figure shows in words."""
        raise TypeError(f"{type(self).__name__} has no figure; use .frame()")

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain types, what ``--json`` prints and manifests store."""
        return {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]

    def _repr_html_(self) -> str:
        return html_table(self.frame(), caption=type(self).__name__)
