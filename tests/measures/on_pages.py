"""The figures in the tables of a rendered page, each with its key; read as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.numbers import parse_decimal
from bs4 import BeautifulSoup

from smarketing.measures.catalogue import OF_STAGE
from tests.measures.printed import Key

_STAGES = ("lead", "mql", "sales_ready", "accepted", "sql", "opportunity", "customer")
_BY_GROUP = ("leads", "mqls", "sales_ready", "customers")

Table = list[list[str]]


def of_monthly_html(
    page: Path, month: str, stages: Sequence[str], language: str
) -> Iterator[tuple[Key, float | None]]:
    """Yield the figures of a monthly page's tables of months, stages, campaigns and groups.

    The tables are known by their shape, so that it does not matter what language they are in.
    """
    tables = tables_of(page)
    (by_month,) = (t for t in tables if len(t[0]) == 9 and re.fullmatch(r"\d{4}-\d\d", t[1][0]))
    for row in by_month[1:]:
        for stage, cell in zip(_STAGES, row[1:-1], strict=True):
            yield (OF_STAGE[stage], "calendar", row[0], ""), amount(cell, language)
    (both_ways,) = (t for t in tables if len(t[0]) == 4 and len(t) == len(stages) + 1)
    for stage, row in zip(stages, both_ways[1:], strict=True):
        for basis, cell in zip(("cohort", "calendar"), row[1:3], strict=True):
            yield (OF_STAGE[stage], basis, month, ""), amount(cell, language)
    year = f"a year to {month}"
    (campaigns,) = (t for t in tables if len(t[0]) == 12)
    for row in campaigns[1:]:
        for name, cell in zip(_BY_GROUP, row[1:5], strict=True):
            yield (name, "cohort", year, f"campaign {row[0]}"), amount(cell, language)
    for groups in (campaigns, *(t for t in tables if len(t[0]) == 6 and "90" in t[0][5])):
        for place, name in enumerate(_BY_GROUP, start=1):
            parts = [amount(row[place], language) or 0 for row in groups[1:]]
            yield (name, "cohort", year, "all groups"), sum(parts)


def tables_of(page: Path) -> list[Table]:
    """Return the tables of a page, row by row, the header first."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return [
        [
            [" ".join(cell.get_text().split()) for cell in row.find_all(["td", "th"])]
            for row in table.find_all("tr")
        ]
        for table in soup.find_all("table")
    ]


def amount(cell: str, language: str) -> float | None:
    """Return the number of a cell, None for a dash."""
    return None if cell == "–" else float(parse_decimal(cell, locale=language))
