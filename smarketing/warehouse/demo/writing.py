"""Files that come out byte for byte the same: no clock, no library's name or version in them."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_XMLNS = "http://schemas.openxmlformats.org"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_XMLNS}/package/2006/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_XMLNS}/package/2006/relationships"><Relationship Id="rId1"'
        f' Type="{_XMLNS}/officeDocument/2006/relationships/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_XMLNS}/package/2006/relationships"><Relationship Id="rId1"'
        f' Type="{_XMLNS}/officeDocument/2006/relationships/worksheet"'
        ' Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Row = Sequence[object]


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Row], quote_all: bool) -> None:
    """Write a CSV, packed with gzip where the name ends in ``.gz``; None is an empty cell."""
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(text, quoting=quoting, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    data = text.getvalue().encode("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        gzip.compress(data, compresslevel=9, mtime=0) if path.suffix == ".gz" else data
    )


def write_excel(path: Path, sheet: str, header: Sequence[str], rows: Iterable[Row]) -> None:
    """Write one sheet of texts and numbers as .xlsx.

    A writer of our own, because the usual ones stamp time and version into the file, and none
    is otherwise needed to run the workbench.
    """
    body = "".join(
        f'<row r="{number}">{"".join(_cell(cell) for cell in row)}</row>'
        for number, row in enumerate([header, *rows], start=1)
    )
    parts = _PARTS | {
        "xl/workbook.xml": (
            f'<workbook xmlns="{_XMLNS}/spreadsheetml/2006/main"'
            f' xmlns:r="{_XMLNS}/officeDocument/2006/relationships"><sheets>'
            f'<sheet name="{escape(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/worksheets/sheet1.xml": (
            f'<worksheet xmlns="{_XMLNS}/spreadsheetml/2006/main">'
            f"<sheetData>{body}</sheetData></worksheet>"
        ),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    # stored, not packed: packing differs between builds of Python
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            entry = zipfile.ZipInfo(name, date_time=(2026, 11, 1, 6, 0, 0))
            archive.writestr(entry, _XML + part)


def _cell(value: object) -> str:
    if isinstance(value, (int, float)):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


_BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789" + _BASE62 + _BASE62.lower()


def salesforce_id(prefix: str, number: int) -> str:
    """Return an 18-character Salesforce id, its last three letters checking the case of the rest.

    Examples
    --------
    >>> salesforce_id("00Q", 1)
    '00QNL0000000001AAD'
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
