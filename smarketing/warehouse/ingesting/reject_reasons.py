"""Why a cell was rejected, in the words a person reads in messages and in rejects/."""

from __future__ import annotations

from smarketing.faults import near
from smarketing.warehouse.ingesting.target_columns import Target
from smarketing.warehouse.sources.model import Source


def needed(name: str, _: str | None) -> str:
    """Say that a required cell is empty."""
    return f"the cell is empty, but {name} is needed"


def no_match(_: str | None) -> str:
    """Say that a look-up found no lead."""
    return "no lead of ours is found for it in the look-up export"


def negative(_: str | None) -> str:
    """Say that a number of people cannot be below zero."""
    return "a number cannot be negative; allowed: 0 or more"


def negative_money(_: str | None) -> str:
    """Say that an amount is below zero, and how credit notes come to count."""
    return (
        "a negative amount; allowed: 0 or more; if it is a credit note, write `negative: allowed`"
        " for the export in sources.yml"
    )


def unknown_value(target: Target, cell: str | None) -> str:
    """Say which values are allowed, which is close, and how to map the one found."""
    allowed = ", ".join(target.allowed)
    hint = near(cell, target.allowed) if cell else None
    how = f"map it in sources.yml: values: {{{target.name}: {{{cell}: …}}}}"
    return f"not a {target.name} we know; allowed: {allowed}; {hint + ' Or ' if hint else ''}{how}"


def unreadable(target: Target, source: Source, cell: str | None) -> str:
    """Say what forms of dates, numbers or answers are read, and how to declare another."""
    if target.type == "BOOLEAN":
        return f"neither yes nor no; allowed: {target.wanted}"
    if target.type in ("TIMESTAMP", "DATE") or target.name == "month":
        text = f"not a date; allowed: {target.wanted}"
        if cell and not source.date_format and any(mark in cell for mark in "/."):
            text += (
                '; day or month may stand first: write `date_format: "%d/%m/%Y"` (or'
                ' "%m/%d/%Y") for it in sources.yml'
            )
        elif cell:
            text += "; or write the form as `date_format` in sources.yml"
        return text
    text = f"not a number; allowed: {target.wanted}"
    if cell and "," in cell and not source.decimal:
        text += '; if the comma is the decimal mark, write `decimal: ","` in sources.yml'
    return text
