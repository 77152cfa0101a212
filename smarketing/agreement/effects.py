"""What a proposal is expected to do: sentences, those on one subject under its title."""

from __future__ import annotations

GOALS = "Goals of "
TITLES = (
    "Why", "Marketing", "Sales", "Against the past", "What it takes", "Bottleneck", "Sales' half",
    "Rules of thumb", "Cannot be told",
)  # fmt: skip
"""Titles that sentences of a proposal stand under."""


def title_of(effect: str) -> str:
    """Return the title that a proposal's sentence stands under; empty where it has none.

    Examples
    --------
    >>> title_of("Sales' half: 4 people."), title_of("20 customers: kept.")
    ("Sales' half", '')
    """
    title, colon, _ = effect.partition(": ")
    return title if colon and (title in TITLES or title.startswith(GOALS)) else ""
