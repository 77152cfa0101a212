"""A file loaded as it is: text cells, their labels, and where each row stands in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from smarketing.warehouse.readers.labels import position
from smarketing.warehouse.sources.model import FileOptions
from smarketing.warehouse.sql import ident

_KEPT = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE", "DOUBLE", "BIGINT", "INTEGER", "BOOLEAN")
"""Types that are not turned into text and back."""


@dataclass(frozen=True)
class Export:
    """A file, or a database's table, to read.

    Parameters
    ----------
    path : Path
        Empty for a database's table.
    shown : str
        The name a person knows it by.
    options : FileOptions
        How its cells are written.
    """

    path: Path
    shown: str
    options: FileOptions


@dataclass(frozen=True)
class BadLine:
    """A line no row could be made of."""

    line: int
    reason: str


@dataclass(frozen=True)
class RawTable:
    """A loaded file.

    Parameters
    ----------
    table : str
        The DuckDB table: columns ``c0``, ``c1`` … and ``_row``, from 1.
    file : str
        The file's name as a person knows it.
    labels : tuple of str
        The label of each column, in order.
    lines : callable
        Turns row numbers into line numbers of the file.
    system : str or None
        The CRM whose labels the columns follow.
    bad : tuple of BadLine
        Lines that are no rows.
    types : tuple of str
        The DuckDB type of each column where they are not all text.
    """

    table: str
    file: str
    labels: tuple[str, ...]
    lines: Callable[[Iterable[int]], dict[int, int]]
    system: str | None = None
    bad: tuple[BadLine, ...] = field(default=())
    types: tuple[str, ...] = ()

    def column(self, label: str) -> str | None:
        """Return the SQL name of a label's column, None if the file has no such label."""
        at = position(self.labels, label, self.system)
        return None if at is None else f"c{at}"

    def type_of(self, label: str) -> str:
        """Return the DuckDB type of a label's column."""
        at = position(self.labels, label, self.system)
        return self.types[at] if self.types and at is not None else "VARCHAR"


def clean_labels(cells: Iterable[object]) -> list[str]:
    """Return column labels without blanks at their ends; empty ones are named by position.

    Zero bytes go: no name in a database can hold one.
    """
    texts = ["" if text is None else str(text).replace("\0", "").strip() for text in cells]
    return [text or f"column {n}" for n, text in enumerate(texts, start=1)]


def cells_of(columns: list[tuple[str, str]]) -> tuple[str, tuple[str, ...]]:
    """Return the SQL of typed columns as cells ``c0``, ``c1`` …, and the types they have then."""
    types = tuple(kind if kind in _KEPT else "VARCHAR" for _, kind in columns)
    cells = ", ".join(
        f"CAST({ident(name)} AS {kind}) AS c{n}"
        for n, ((name, _), kind) in enumerate(zip(columns, types, strict=True))
    )
    return cells, types


def same_lines(rows: Iterable[int]) -> dict[int, int]:
    """Return row numbers as they are: there are no lines to count."""
    return {row: row for row in rows}
