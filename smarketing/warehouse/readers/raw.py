"""A file loaded as it is: text cells, their labels, and where each row stands in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


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
        The DuckDB table: text columns ``c0``, ``c1`` … and ``_row``, from 1.
    file : str
        The file's name as a person knows it.
    labels : tuple of str
        The label of each column, in order.
    lines : callable
        Turns row numbers into line numbers of the file.
    bad : tuple of BadLine
        Lines that are no rows.
    """

    table: str
    file: str
    labels: tuple[str, ...]
    lines: Callable[[Iterable[int]], dict[int, int]]
    any_case: bool = False
    bad: tuple[BadLine, ...] = field(default=())

    def column(self, label: str) -> str | None:
        """Return the SQL name of a label's column, None if the file has no such label."""
        at = position(self.labels, label, self.any_case)
        return None if at is None else f"c{at}"


def position(labels: Iterable[str], label: str, any_case: bool) -> int | None:
    """Return where a label stands; an exact match wins over one that differs in case."""
    labels = list(labels)
    if label in labels:
        return labels.index(label)
    if any_case:
        lower = [one.lower() for one in labels]
        if label.lower() in lower:
            return lower.index(label.lower())
    return None


def clean_labels(cells: Iterable[object]) -> list[str]:
    """Return column labels without blanks at their ends; empty ones are named by position."""
    return [
        str(text).strip() if text is not None and str(text).strip() else f"column {n}"
        for n, text in enumerate(cells, start=1)
    ]
