"""Files that come out byte for byte the same: no clock, no library's name or version in them."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter

Row = Sequence[object]


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Row], quote_all: bool) -> None:
    """Write a CSV, packed with gzip where the name ends in ``.gz``; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(
        text, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL, lineterminator="\n"
    )
    writer.writerow(header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    data = text.getvalue().encode("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        gzip.compress(data, compresslevel=9, mtime=0) if path.suffix == ".gz" else data
    )


def write_excel(path: Path, sheet: str, header: Sequence[str], rows: Iterable[Row]) -> None:
    """Write one sheet of texts and numbers as .xlsx."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": datetime(2026, 11, 1, 6)})  # noqa: DTZ001 - local, as Excel has it
        page = book.add_worksheet(sheet)
        for number, row in enumerate([header, *rows]):
            page.write_row(number, 0, row)


_BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789" + _BASE62 + _BASE62.lower()


def salesforce_id(prefix: str, number: int) -> str:
    """Return an 18-character Salesforce id, its last three letters checking the case of the rest.

    Examples
    --------
    >>> salesforce_id("00Q", 1)
    '00QNL00000000012AA'
    """
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    short = f"{prefix}NL0{digits:0>9}"
    check = ""
    for start in (0, 5, 10):
        bits = sum(
            c.isascii() and c.isupper() and 1 << i for i, c in enumerate(short[start : start + 5])
        )
        check += (_BASE62 + "012345")[bits]
    return short + check
