"""A look at an export nobody has described: its kind, and what stands in each column."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from smarketing.errors import SmarketingError
from smarketing.warehouse import sql
from smarketing.warehouse.privacy import EMAIL_PATTERN, PHONE_PATTERN, folded, personal_kind
from smarketing.warehouse.readers.delimited import SEPARATOR
from smarketing.warehouse.readers.excel import sheets_of
from smarketing.warehouse.readers.labels import position
from smarketing.warehouse.readers.raw import Export
from smarketing.warehouse.readers.registry import READERS
from smarketing.warehouse.sources.model import FileOptions

_MANY = 60
NOTHING = ("0000-00-00", "0000-00-00 00:00:00", "\\N")
"""What databases write where there is no date, or nothing."""
_ALMOST = 0.98
_MOST_CELLS = 0.7
"""Share of the usual row's cells that a header, or a row, of a sheet has filled."""
_DAYS = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d %b %Y",
         "%b %d, %Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y")  # fmt: skip
_TIMES = (" %H:%M:%S", " %H:%M", ", %H:%M", " %I:%M %p", ", %I:%M %p", " %I:%M:%S %p", "")
_DATES = tuple(day + time for day in _DAYS for time in _TIMES)
_FIRST_CELLS = 50
"""Cells that tell which forms of dates are worth a look at all of them."""
_SALESFORCE = ("IsDeleted", "SystemModstamp", "CreatedById", "LastModifiedById", "OwnerId")
_HUBSPOTS_OWN = re.compile(
    r"hs[a-z]\w*|record id|datensatz id|id de registro|post id|lifecycle ?(stage|phase)"
    r"|livscyklusfase|original (traffic )?source.*|ursprungliche traffic quelle.*"
    r"|became an? .* date|marketing contact status"
)
"""Labels, as folded words, that no other system has."""
_HUBSPOT = ("Record ID", "Create Date", "Lifecycle Stage", "Original Source", "Contact owner",
            "Last Modified Date", "Lead Status")  # fmt: skip


@dataclass(frozen=True)
class ColumnLook:
    """What stands in a column.

    Parameters
    ----------
    label : str
    kind : str
        text, number, boolean or time; empty for a column without a cell.
    filled, distinct : int
        Cells with something in them, and how many differ.
    values : dict of str to int
        How often each value comes, if they are few; the commonest first.
    formats : tuple of str
        The strptime forms that fit all cells of a time which are no ISO dates.
    personal : str or None
        The kind of personal data.
    decimal : str
        Of numbers: ``,`` or ``.`` where the cells tell the decimal mark, ``?`` where a dot may
        stand between thousands; empty where there is none.
    """

    label: str
    kind: str
    filled: int
    distinct: int
    values: dict[str, int] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    personal: str | None = None
    decimal: str = ""

    @property
    def orders(self) -> frozenset[str]:
        """Whether its dates may have the day first (``%d``), the month (``%m``), or the year."""
        return frozenset(
            next(part for part in ("%d", "%m", "%b", "%Y") if form.startswith(part))
            for form in self.formats
        )


@dataclass(frozen=True)
class Look:
    """What a file is.

    Parameters
    ----------
    path : Path
    options : FileOptions
        How it is read.
    rows : int
    columns : tuple of ColumnLook
    cells : callable
        Returns all cells of a label, in the file's order.
    nothing : tuple of str
        What stands in some cells for no date, or nothing.
    """

    path: Path
    options: FileOptions
    rows: int
    columns: tuple[ColumnLook, ...]
    cells: Callable[[str], list[str | None]]
    nothing: tuple[str, ...] = ()

    @cached_property
    def labels(self) -> list[str]:
        """The header."""
        return [column.label for column in self.columns]

    def column(self, label: str) -> ColumnLook | None:
        """Return the column of a label, or of another of its names."""
        at = position(self.labels, label, self.options.labels_of)
        return None if at is None else self.columns[at]

    def unique(self, column: ColumnLook) -> bool:
        """Return whether every row has a value of its own, but for a few copies of rows."""
        return self.rows > 0 and column.distinct >= _ALMOST * self.rows


def look_at(path: Path) -> Look:
    """Read a file of any kind that ingest reads, and look at its columns.

    Raises
    ------
    SmarketingError
        If it cannot be read.
    """
    if not path.is_file():
        raise SmarketingError("there is no such file", str(path))
    options = _options(path)
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        reader = READERS[options.reader]
        raw = reader.load(con, "raw", Export(path, path.name, options), Path(scratch))
        rows = sql.count(con, "raw")
        looks = tuple(
            _column(con, label, f"CAST(c{n} AS VARCHAR)") for n, label in enumerate(raw.labels)
        )
        nothing = [
            mark
            for mark in NOTHING
            if any(sql.count(con, "raw", f"CAST(c{n} AS VARCHAR) = {sql.lit(mark)}")
                   for n in range(len(raw.labels)))
        ]  # fmt: skip
        texts = {
            label: [
                row[0] for row in con.execute(f"SELECT CAST(c{n} AS VARCHAR) FROM raw").fetchall()
            ]
            for n, label in enumerate(raw.labels)
            if looks[n].distinct and not looks[n].personal
        }
    return Look(path, options, rows, looks, lambda label: texts.get(label, []), tuple(nothing))


def _options(path: Path) -> FileOptions:
    shown = f"raw/{path.name}"
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return FileOptions(reader="excel", file=shown, **_sheet_layout(path))
    if head.startswith(b"PAR1"):
        return FileOptions(reader="parquet", file=shown)
    encoding = "utf-8"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif path.suffix != ".gz":
        data = path.read_bytes()
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            encoding = "cp1252" if any(0x80 <= one <= 0x9F for one in data) else "latin-1"
    options = FileOptions(reader="csv", file=shown, encoding=encoding)
    if path.suffix != ".gz":
        lines = path.read_bytes().decode(encoding, "replace").splitlines()
        options = options.model_copy(update=_layout(lines))
    labels = READERS["csv"].labels(Export(path, path.name, options))
    for system, known in (("salesforce", _SALESFORCE), ("hubspot", _HUBSPOT)):
        hits = sum(position(labels, label, system) is not None for label in known)
        # a created date and a status are everybody's
        own = system != "hubspot" or any(_HUBSPOTS_OWN.fullmatch(folded(one)) for one in labels)
        if hits >= 2 and own:
            return options.model_copy(update={"reader": system})
    return options


def _layout(lines: list[str]) -> dict[str, Any]:
    """Return the delimiter, the line of the header and the lines of a footer of a text file.

    The header is the first of the lines with as many cells as most have; what has fewer, above it
    and at the end, is no row.
    """
    above = bool(lines) and SEPARATOR.fullmatch(lines[0]) is not None
    filled = [n for n, line in enumerate(lines) if line.strip() and n >= above]
    some = filled[:_FIRST_CELLS]
    widths = {mark: [_width(lines[n], mark) for n in some] for mark in ",;\t|"}
    usual = {mark: _usual(of_mark) for mark, of_mark in widths.items()}
    best = max(usual, key=lambda mark: (usual[mark] > 1, widths[mark].count(usual[mark])))
    if usual[best] <= 1:
        return {}
    layout: dict[str, Any] = {"delimiter": best}
    header = some[widths[best].index(usual[best])]
    if header > above:
        layout["header_line"] = header + 1
    last = next((n for n in reversed(filled) if _width(lines[n], best) >= usual[best]), header)
    footer = sum(n > last for n in range(len("\n".join(lines).rstrip().split("\n"))))
    # a cell with line breaks at the end of the file is no footer
    whole = all(line.count('"') % 2 == 0 for line in lines[last:])
    if footer and whole:
        layout["skip_footer"] = footer
    return layout


def _usual(widths: list[int]) -> int:
    """Return the width that most lines have, the wider one of two; 0 without a line."""
    return max(set(widths), key=lambda n: (widths.count(n), n), default=0)


def _sheet_layout(path: Path) -> dict[str, Any]:
    """Return the sheet of a workbook that holds the table, the line of its header and its footer.

    It is the sheet with the most rows; its header the first row with as many cells as most have.
    """
    sheets = sheets_of(Export(path, path.name, FileOptions(reader="excel", file=path.name)))
    name = max(sheets, key=lambda one: len(sheets[one]))
    widths = [sum(cell is not None for cell in row) for row in sheets[name]]
    filled = [n for n, width in enumerate(widths) if width]
    usual = _usual([widths[n] for n in filled[:_FIRST_CELLS]])
    layout: dict[str, Any] = {}
    if name != next(iter(sheets)):
        layout["sheet"] = name
    wide = [n for n in filled if widths[n] >= usual * _MOST_CELLS]
    if wide and wide[0] > filled[0]:
        layout["header_line"] = wide[0] + 1
    if wide and len(filled) > 1 and (footer := filled[-1] - wide[-1]):
        layout["skip_footer"] = footer
    return layout


def _width(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def _forms_of(con: duckdb.DuckDBPyConnection, rows: str) -> tuple[str, ...]:
    """Return the forms of dates that fit all cells of a column."""
    forms = _DATES
    for cells in (f"(SELECT v FROM {rows} LIMIT {_FIRST_CELLS})", rows):
        fits = [f"bool_and(try_strptime(v, {sql.lit(form)}) IS NOT NULL)" for form in forms]
        answers = sql.row_of(con, f"SELECT {', '.join(fits)} FROM {cells}") if fits else ()
        forms = tuple(form for form, yes in zip(forms, answers, strict=True) if yes)
    return forms


def _column(con: duckdb.DuckDBPyConnection, label: str, cell: str) -> ColumnLook:
    rows = f"(SELECT {sql.cell(cell, NOTHING)} AS v FROM raw) WHERE v IS NOT NULL"
    iso = sql.local_time("v", ())
    zoned = sql.utc_time("v", iso, "UTC")
    person = f"({EMAIL_PATTERN})|({PHONE_PATTERN})"
    filled, distinct, number, comma, unclear, settled, boolean, time, personal = sql.row_of(
        con,
        f"SELECT count(v), count(DISTINCT v), bool_and({sql.number('v')} IS NOT NULL),"
        # "1,234" alone may be a thousand and more: only other digits behind it tell a decimal comma
        f" bool_and({sql.number('v', ',')} IS NOT NULL)"
        f" AND bool_or(regexp_matches(v, ',([0-9]{{1,2}}|[0-9]{{4,}})$')),"
        f" bool_or(regexp_matches(v, {sql.lit(sql.GROUPED)})),"
        f" bool_or(regexp_matches(v, {sql.lit(sql.NOT_GROUPED)})),"
        f" bool_and({sql.boolean('v')} IS NOT NULL),"
        f" bool_and(coalesce(year(coalesce({iso}, {zoned})) BETWEEN 1970 AND 2099, false)),"
        f" bool_or(regexp_matches(v, {sql.lit(person)}))"
        f" FROM {rows}",
    )
    if not filled:
        return ColumnLook(label, "", 0, 0)
    formats = () if time or number else _forms_of(con, f"(SELECT v FROM {rows})")
    kind, decimal = "text", ""
    if time or formats:
        kind = "time"
    elif boolean:
        kind = "boolean"
    elif number or comma:
        kind = "number"
        decimal = "?" if unclear and not settled else ("" if number else ",")
    values: dict[str, int] = {}
    if distinct <= _MANY:
        values = dict(
            con.execute(
                f"SELECT v, count(*) AS n FROM {rows} GROUP BY v ORDER BY n DESC, v"
            ).fetchall()
        )
    if personal is True:
        values = {}
    announced = personal_kind(label) or ("e-mail" if personal else None)
    return ColumnLook(
        label,
        kind,
        filled,
        distinct,
        {} if announced else values,
        () if time else formats,
        announced,
        decimal,
    )
