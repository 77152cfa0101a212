"""The columns to fill from an export, and the checks their cells must pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Check:
    """A rule a cell broke: where, and what to say about it."""

    column: str
    reason: Callable[[str | None], str]
    secret: bool = False
    """Whether the cell may hold personal data, so that it is not shown."""
    warns: bool = False
    """Whether the row is told, but does not count among those for which an ingest ends."""


@dataclass(frozen=True)
class Target:
    """A column to fill.

    Parameters
    ----------
    name, type : str
        Its name and DuckDB type.
    label : str
        The export's column, as messages name it.
    text : str
        SQL of the cell's text.
    looked_up : str or None
        SQL of what the cell stands for in another export.
    values : dict
        The value map.
    value : callable
        Turns the SQL of a mapped text, and of its local time if there is one, into the SQL of
        the typed value.
    local : callable or None
        Turns the SQL of a mapped text into the SQL of a local time.
    """

    name: str
    type: str
    label: str
    text: str
    value: Callable[..., str]
    looked_up: str | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    required: bool = False
    allowed: tuple[str, ...] = ()
    wanted: str = ""
    secret: bool = False
    hidden: bool = False
    native: bool = False
    """Whether the cell is of its type already, and no text."""
    local: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Meaning:
    """What ``_columns`` says about a column of leads."""

    name: str
    known: str
    known_at: str | None
    source: str


@dataclass(frozen=True)
class Mapped:
    """The SQL of one export's rows, and what the checks in it mean."""

    select: str
    checks: list[Check]
    meanings: list[Meaning]
